// An alert as Falco's JSON object, keys in alphabetical order, plus our own `saker`.
import {
  type Alert,
  type AlertFormatter,
  type AlertOptions,
  type AlertOrigin,
  type AlertRule,
  type AlertValue,
  jsonString,
  jsonText,
  priorityName,
  TimeText,
} from './alert.js';

/** Makes the function that prints one alert as one line of JSON. */
export function asFalco(options: AlertOptions): AlertFormatter {
  const prepared = new WeakMap<AlertRule, Parts>();
  const clock = new TimeText();
  const start = `{"hostname":"${jsonString(options.hostname)}"`;

  // Few pieces: making one text of many is the dearest part of a line.
  return (alert) => {
    let parts = prepared.get(alert.rule);
    if (parts === undefined) {
      parts = prepare(alert.rule, options);
      prepared.set(alert.rule, parts);
    }
    const { said } = parts;
    if (said.message !== alert.message || said.values !== alert.values)
      say(said, parts, alert, options);
    const utc = clock.utc(alert.time_ns);
    let line = start + said.before;
    if (options.includeOutput) line += options.iso8601 ? `${utc}+0000` : clock.local(alert.time_ns);
    const { texts } = said;
    line += texts[0];
    for (let at = 1; at < texts.length; at++) line += clock.digits(alert.time_ns) + texts[at];
    if (alert.saker !== undefined) line += origin(alert.saker, parts);
    return `${line}${parts.end}${utc}Z"}`;
  };
}

/** What of a line is the same for all alerts of a rule. */
interface Parts {
  priority: string;
  /** Of `output_fields`, in the order of the keys; `index` -1 is the time of the event. */
  fields: readonly { key: string; index: number }[];
  middle: string;
  end: string;
  /** Of the last alert: in a burst of the same only the times differ. */
  said: Said;
  lineage: readonly string[];
  /** As JSON, with the keys on both sides of it. */
  lineageText: string;
}

interface Said {
  message: string;
  values: readonly AlertValue[];
  /** Up to the time of the message. */
  before: string;
  /** From there to what is our own, parted where the time belongs among the fields. */
  texts: readonly string[];
}

function prepare(rule: AlertRule, options: AlertOptions): Parts {
  const indexes = new Map(rule.fieldNames.map((name, index) => [name, index]));
  indexes.set('evt.time', -1);
  if (options.iso8601) indexes.set('evt.time.iso8601', -1);
  const priority = priorityName(rule.priority);
  const tags = rule.tags.map((tag) => `"${jsonString(tag)}"`).join(',');
  return {
    priority,
    fields: [...indexes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, index]) => ({ key: `"${jsonString(name)}":`, index })),
    middle: `,"priority":"${priority}","rule":"${jsonString(rule.name)}"`,
    end: `,"source":"${jsonString(rule.source)}"${options.includeTags ? `,"tags":[${tags}]` : ''},"time":"`,
    said: { message: '', values: NO_VALUES, before: '', texts: [] },
    lineage: [],
    lineageText: LINEAGE,
  };
}

// Never the list of an alert: the first one is always looked at.
const NO_VALUES: readonly AlertValue[] = [];

function say(said: Said, parts: Parts, alert: Alert, options: AlertOptions): void {
  const { message, values } = alert;
  const shown = jsonText(message);
  said.before = options.includeMessage ? `,"message":"${shown}"` : '';
  let text = '';
  if (options.includeOutput) {
    said.before += ',"output":"';
    text = `: ${parts.priority} ${shown}"`;
  }
  const texts: string[] = [];
  if (options.includeOutputFields) {
    let separator = ',"output_fields":{';
    for (const { key, index } of parts.fields) {
      text += separator + key;
      separator = ',';
      if (index >= 0) {
        text += value(values[index]);
        continue;
      }
      texts.push(text);
      text = '';
    }
    text += '}';
  }
  said.texts = [...texts, text + parts.middle];
  said.message = message;
  said.values = values;
}

function value(of: AlertValue): string {
  if (typeof of === 'string') return `"${jsonText(of)}"`;
  if (of === undefined) return 'null';
  if (typeof of === 'object')
    return `[${Array.from<string | number, string>(of, value).join(',')}]`;
  return typeof of === 'number' && !Number.isFinite(of) ? 'null' : String(of);
}

const LINEAGE = '","lineage":[],';

function lineageOf({ lineage }: AlertOrigin, parts: Parts): string {
  const before = parts.lineage;
  if (lineage.length === before.length && lineage.every((path, at) => path === before[at]))
    return parts.lineageText;
  parts.lineage = lineage;
  const paths = lineage.map((path) => `"${jsonText(path)}"`).join(',');
  parts.lineageText = `","lineage":[${paths}],`;
  return parts.lineageText;
}

function origin(of: AlertOrigin, parts: Parts): string {
  const lineage = lineageOf(of, parts);
  const path = of.path === undefined ? '' : `"path":"${of.path}",`;
  const uncertain = of.uncertain === true ? ',"uncertain":true' : '';
  const notFor = of.not_for === undefined ? '' : `"not_for":${JSON.stringify(of.not_for)},`;
  const before = of.suppressed_since ?? 0;
  const suppressed = before === 0 ? '' : `,"suppressed_since":${before}`;
  // The id is of our own making: letters, digits and hyphens.
  return `,"saker":{${actionOf(of)}"event_id":"${of.event_id}${lineage}${notFor}${path}"pid":${of.pid},"start_ns":${of.start_ns}${suppressed}${uncertain}}`;
}

function actionOf({ action }: AlertOrigin): string {
  if (action === undefined) return '';
  const { wanted, done, by, mode, after_us, what, why } = action;
  const object = what === undefined ? '' : `,"what":"${what}"`;
  const reason = why === undefined ? '' : `,"why":"${jsonString(why)}"`;
  const after = after_us === undefined ? '' : `"after_us":${after_us},`;
  return `"action":{${after}"by":"${by}","done":${done},"mode":"${mode}","wanted":"${wanted}"${object}${reason}},`;
}
