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

  return (alert) => {
    let parts = prepared.get(alert.rule);
    if (parts === undefined) {
      parts = prepare(alert.rule, options);
      prepared.set(alert.rule, parts);
    }
    const message = options.includeOutput || options.includeMessage ? jsonText(alert.message) : '';
    const utc = clock.utc(alert.time_ns);
    let line = start;
    if (options.includeMessage) line += `,"message":"${message}"`;
    if (options.includeOutput) {
      const time = options.iso8601 ? `${utc}+0000` : clock.local(alert.time_ns);
      line += `,"output":"${time}: ${parts.priority} ${message}"`;
    }
    if (options.includeOutputFields) line += outputFields(parts, alert);
    line += parts.middle;
    if (alert.saker !== undefined) line += `,"saker":${origin(alert.saker)}`;
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
  };
}

function outputFields(parts: Parts, alert: Alert): string {
  let text = ',"output_fields":{';
  let separator = '';
  for (const { key, index } of parts.fields) {
    text += separator + key + (index < 0 ? String(alert.time_ns) : value(alert.values[index]));
    separator = ',';
  }
  return `${text}}`;
}

function value(of: AlertValue): string {
  if (typeof of === 'string') return `"${jsonText(of)}"`;
  if (of === undefined) return 'null';
  if (typeof of === 'object')
    return `[${Array.from<string | number, string>(of, value).join(',')}]`;
  return typeof of === 'number' && !Number.isFinite(of) ? 'null' : String(of);
}

function origin(of: AlertOrigin): string {
  const lineage = of.lineage.map((path) => `"${jsonText(path)}"`).join(',');
  const path = of.path === undefined ? '' : `"path":"${of.path}",`;
  const uncertain = of.uncertain === true ? ',"uncertain":true' : '';
  const notFor = of.not_for === undefined ? '' : `"not_for":${JSON.stringify(of.not_for)},`;
  const before = of.suppressed_since ?? 0;
  const suppressed = before === 0 ? '' : `,"suppressed_since":${before}`;
  return (
    `{${actionOf(of)}"event_id":"${jsonString(of.event_id)}","lineage":[${lineage}],${notFor}${path}"pid":${of.pid},` +
    `"start_ns":${of.start_ns}${suppressed}${uncertain}}`
  );
}

function actionOf({ action }: AlertOrigin): string {
  if (action === undefined) return '';
  const { wanted, done, by, mode, after_us, why } = action;
  const reason = why === undefined ? '' : `,"why":"${jsonString(why)}"`;
  const after = after_us === undefined ? '' : `"after_us":${after_us},`;
  return `"action":{${after}"by":"${by}","done":${done},"mode":"${mode}","wanted":"${wanted}"${reason}},`;
}
