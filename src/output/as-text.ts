// An alert as a line for people: `TIME: Priority message`, plain or with colours.
import {
  type Alert,
  type AlertOptions,
  type AlertRule,
  actionText,
  jsonText,
  priorityName,
  terminalText,
} from './alert.js';
import { type AlertShaper, type LineShape, ShapeMaker } from './line-shape.js';

/** Lines of text: `TIME: Priority message`. */
export function textShapes(options: AlertOptions): AlertShaper {
  return repeating(({ rule, message }, action) =>
    time(options, new ShapeMaker())
      .add(`: ${priorityName(rule.priority)} ${jsonText(message)}${action}`)
      .made(),
  );
}

/** The same for a terminal: the priority has a colour, the time steps back, quotes are quotes. */
export function terminalShapes(options: AlertOptions): AlertShaper {
  return repeating(({ rule: { priority }, message }, action) =>
    time(options, new ShapeMaker().add(DIM))
      .add(`:${PLAIN} ${COLOURS[priority] ?? ''}${priorityName(priority)}${PLAIN} `)
      .add(`${terminalText(message)}${action}`)
      .made(),
  );
}

// Keeps the shape of each rule's last alert.
function repeating(shapeOf: (alert: Alert, action: string) => LineShape): AlertShaper {
  const kept = new WeakMap<AlertRule, { message: string; action: string; shape: LineShape }>();
  return (alert) => {
    const { rule, message, saker } = alert;
    const action = saker?.action === undefined ? '' : ` (${actionText(saker.action)})`;
    const last = kept.get(rule);
    if (last?.message === message && last.action === action) return last.shape;
    const shape = shapeOf(alert, action);
    kept.set(rule, { message, action, shape });
    return shape;
  };
}

function time({ iso8601 }: AlertOptions, line: ShapeMaker): ShapeMaker {
  return iso8601 ? line.hole('utc').add('+0000') : line.hole('local');
}

const ESC = '\u001b[';
const DIM = `${ESC}2m`;
const PLAIN = `${ESC}0m`;

// By priority: bold red on top, then red, yellow, cyan, dim.
const COLOURS = [
  `${ESC}1;31m`,
  `${ESC}1;31m`,
  `${ESC}1;31m`,
  `${ESC}31m`,
  `${ESC}33m`,
  `${ESC}36m`,
  '',
  DIM,
];
