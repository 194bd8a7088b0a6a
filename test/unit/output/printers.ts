// The formats as functions that print one alert.
import type { AlertFormatter, AlertOptions } from '../../../src/output/alert.js';
import { falcoShapes } from '../../../src/output/as-falco.js';
import { terminalShapes, textShapes } from '../../../src/output/as-text.js';
import { formatterOf } from '../../../src/output/line-shape.js';

export function asFalco(options: AlertOptions): AlertFormatter {
  return formatterOf(falcoShapes(options));
}

export function asText(options: AlertOptions): AlertFormatter {
  return formatterOf(textShapes(options));
}

export function asTerminal(options: AlertOptions): AlertFormatter {
  return formatterOf(terminalShapes(options));
}
