// An alert as a line for people: `TIME: Priority message`, plain or with colours.
import {
  type Alert,
  type AlertFormatter,
  type AlertOptions,
  actionText,
  jsonText,
  priorityName,
  TimeText,
  terminalText,
} from './alert.js';

/** Makes the function that prints one alert as one line of text. */
export function asText(options: AlertOptions): AlertFormatter {
  const time = timer(options);
  return (alert) =>
    `${time(alert.time_ns)}: ${priorityName(alert.rule.priority)} ${jsonText(alert.message)}${action(alert)}`;
}

/** The same for a terminal: the priority has a colour, the time steps back, quotes are quotes. */
export function asTerminal(options: AlertOptions): AlertFormatter {
  const time = timer(options);
  return (alert) => {
    const colour = COLOURS[alert.rule.priority] ?? '';
    const priority = priorityName(alert.rule.priority);
    return `${DIM}${time(alert.time_ns)}:${PLAIN} ${colour}${priority}${PLAIN} ${terminalText(alert.message)}${action(alert)}`;
  };
}

function action({ saker }: Alert): string {
  return saker?.action === undefined ? '' : ` (${actionText(saker.action)})`;
}

function timer(options: AlertOptions): (time_ns: bigint) => string {
  const clock = new TimeText();
  return options.iso8601
    ? (time_ns) => `${clock.utc(time_ns)}+0000`
    : (time_ns) => clock.local(time_ns);
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
