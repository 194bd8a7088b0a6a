// An alert as Falco's JSON object, keys in alphabetical order, plus our own `saker`.
import {
  type Alert,
  type AlertOptions,
  type AlertOrigin,
  type AlertRule,
  type AlertValue,
  jsonString,
  jsonText,
  priorityName,
} from './alert.js';
import { type AlertShaper, type LineShape, ShapeMaker } from './line-shape.js';

/** One line of JSON for each alert. */
export function falcoShapes(options: AlertOptions): AlertShaper {
  const prepared = new WeakMap<AlertRule, Parts>();
  return (alert) => {
    let parts = prepared.get(alert.rule);
    if (parts === undefined) {
      parts = prepare(alert.rule, options);
      prepared.set(alert.rule, parts);
    }
    const { last } = parts;
    if (last !== undefined && isSame(last, alert)) return last.shape;
    const { message, values, saker } = alert;
    const shape = shapeOf(alert, parts, options);
    parts.last = { message, values, saker: saker === undefined ? undefined : { ...saker }, shape };
    return shape;
  };
}

/** What of a line is the same for all alerts of a rule. */
interface Parts {
  priority: string;
  /** Of `output_fields`, in the order of the keys; `index` -1 is the time of the event. */
  fields: readonly { key: string; index: number }[];
  start: string;
  middle: string;
  end: string;
  /** In a burst of the same only the times and the id differ. */
  last: Last | undefined;
  lineage: readonly string[];
  /** As JSON, with the keys on both sides of it. */
  lineageText: string;
}

/** The last alert of a rule. */
interface Last extends Pick<Alert, 'message' | 'values' | 'saker'> {
  shape: LineShape;
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
    start: `{"hostname":"${jsonString(options.hostname)}"`,
    middle: `,"priority":"${priority}","rule":"${jsonString(rule.name)}"`,
    end: `,"source":"${jsonString(rule.source)}"${options.includeTags ? `,"tags":[${tags}]` : ''},"time":"`,
    last: undefined,
    lineage: [],
    lineageText: LINEAGE,
  };
}

function shapeOf(alert: Alert, parts: Parts, options: AlertOptions): LineShape {
  const { values, saker } = alert;
  const shown = jsonText(alert.message);
  const line = new ShapeMaker().add(parts.start);
  if (options.includeMessage) line.add(`,"message":"${shown}"`);
  if (options.includeOutput) {
    line.add(',"output":"');
    if (options.iso8601) line.hole('utc').add('+0000');
    else line.hole('local');
    line.add(`: ${parts.priority} ${shown}"`);
  }
  if (options.includeOutputFields) {
    let separator = ',"output_fields":{';
    for (const { key, index } of parts.fields) {
      line.add(separator + key);
      separator = ',';
      if (index >= 0) line.add(value(values[index]));
      else line.hole('digits');
    }
    line.add('}');
  }
  line.add(parts.middle);
  if (saker !== undefined) {
    line.add(`,"saker":{${actionOf(saker)}"event_id":"`).hole('event_id');
    line.add(origin(saker, parts));
  }
  return line.add(parts.end).hole('utc').add('Z"}').made();
}

// Whether both are told by the same line but for its holes. What was done took a time of its own.
function isSame(last: Last, { message, values, saker }: Alert): boolean {
  if (last.message !== message || last.values !== values) return false;
  const before = last.saker;
  if (saker === undefined || before === undefined) return saker === before;
  return (
    saker.action === undefined &&
    before.action === undefined &&
    saker.pid === before.pid &&
    saker.start_ns === before.start_ns &&
    saker.uncertain === before.uncertain &&
    saker.suppressed_since === before.suppressed_since &&
    saker.not_for === before.not_for &&
    saker.path === before.path &&
    isSameList(saker.lineage, before.lineage)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((one, at) => one === b[at]));
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
  if (isSameList(lineage, parts.lineage)) return parts.lineageText;
  parts.lineage = lineage;
  const paths = lineage.map((path) => `"${jsonText(path)}"`).join(',');
  parts.lineageText = `","lineage":[${paths}],`;
  return parts.lineageText;
}

// Behind the id, which is of our own making: letters, digits and hyphens.
function origin(of: AlertOrigin, parts: Parts): string {
  const lineage = lineageOf(of, parts);
  const path = of.path === undefined ? '' : `"path":"${of.path}",`;
  const uncertain = of.uncertain === true ? ',"uncertain":true' : '';
  const notFor = of.not_for === undefined ? '' : `"not_for":${JSON.stringify(of.not_for)},`;
  const before = of.suppressed_since ?? 0;
  const suppressed = before === 0 ? '' : `,"suppressed_since":${before}`;
  return `${lineage}${notFor}${path}"pid":${of.pid},"start_ns":${of.start_ns}${suppressed}${uncertain}}`;
}

function actionOf({ action }: AlertOrigin): string {
  if (action === undefined) return '';
  const { wanted, done, by, mode, after_us, what, why } = action;
  const object = what === undefined ? '' : `,"what":"${what}"`;
  const reason = why === undefined ? '' : `,"why":"${jsonString(why)}"`;
  const after = after_us === undefined ? '' : `"after_us":${after_us},`;
  return `"action":{${after}"by":"${by}","done":${done},"mode":"${mode}","wanted":"${wanted}"${object}${reason}},`;
}
