// The forms in which remote outputs send an alert, all made from its line in the spool.
import type { OutputFormat } from '../config/http-outputs.js';
import { jsonString } from './alert.js';
import {
  type AlertObject,
  isMapping,
  parseAlertObject,
  parseJson,
  textOf,
} from './alert-object.js';
import { asCef } from './as-cef.js';
import { asEcs } from './as-ecs.js';
import { asOcsf } from './as-ocsf.js';
import { jsonLine, wellFormed } from './json-line.js';

/** One line without newline; `undefined` when the text is no alert. */
export type LineFormatter = (json: string) => string | undefined;

/**
 * Makes the function that turns an alert's JSON line into a line of the format.
 *
 * @param version of Saker, which most formats name.
 */
export function lineFormatter(format: OutputFormat, version: string): LineFormatter {
  switch (format) {
    case 'falco':
      return asFlatFalco;
    case 'ecs':
      return printer((alert) => asEcs(alert, version));
    case 'ocsf':
      return printer((alert) => asOcsf(alert, version));
    case 'cef':
      return printer((alert) => asCef(alert, version));
    case 'text':
      return printer(asRemoteText);
  }
}

/** What a request with lines of the format declares as its content. */
export function contentType(format: OutputFormat): string {
  return format === 'cef' || format === 'text' ? 'text/plain; charset=utf-8' : 'application/json';
}

function printer(print: (alert: AlertObject) => string): LineFormatter {
  return (json) => {
    const alert = parseAlertObject(json);
    return alert === undefined ? undefined : print(alert);
  };
}

function asRemoteText(alert: AlertObject): string {
  return jsonString(
    wellFormed(alert.output || `${alert.time}: ${alert.priority} ${alert.message}`),
  );
}

/**
 * The line as it is, unless a value of `output_fields` is a list: receivers of Falco's format expect
 * texts, numbers and truth values there, so a list is printed as Falco prints it.
 */
function asFlatFalco(json: string): string | undefined {
  if (!json.startsWith('{') || !json.endsWith('}')) return undefined;
  if (!hasOtherList(json)) return json;
  const tree = parseJson(json);
  if (!isMapping(tree)) return undefined;
  const { output_fields } = tree;
  if (!isMapping(output_fields)) return json;
  const flat = Object.entries(output_fields).map(([key, value]) =>
    Array.isArray(value) || isMapping(value) ? [key, textOf(value)] : [key, value],
  );
  return jsonLine({ ...tree, output_fields: Object.fromEntries(flat) });
}

// Quotes inside of texts are escaped, so this may find too much, never too little.
function hasOtherList(json: string): boolean {
  return hasOther(json, '[') || hasOther(json, '{');
}

function hasOther(json: string, opening: string): boolean {
  for (let at = json.indexOf(opening, 2); at >= 0; at = json.indexOf(opening, at + 1))
    if (json.startsWith('":', at - 2) && !USUAL.some((key) => json.endsWith(key, at - 2)))
      return true;
  return false;
}

const USUAL = ['"tags', '"lineage', '"output_fields', '"saker', '"not_for'];
