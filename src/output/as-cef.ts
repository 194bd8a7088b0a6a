// An alert as one line of the Common Event Format, version 0, for ArcSight, QRadar, Sentinel and
// whatever else reads it from syslog. Keys and lengths are those of the format's dictionary:
// "Micro Focus Security ArcSight Common Event Format", version 26.
import { isIPv6 } from 'node:net';
import { type AlertFacts, alertFacts } from './alert-facts.js';
import type { AlertObject } from './alert-object.js';
import { wellFormed } from './json-line.js';

/** One line without newline. Values are cut to the dictionary's lengths. */
export function asCef(alert: AlertObject, version: string): string {
  const severity = SEVERITIES[alert.level] ?? 0;
  const header = ['CEF:0', 'Saker', 'Saker', version, alert.rule.slice(0, 1023)]
    .concat(alert.rule.slice(0, 512), String(severity))
    .map((part) => headerText(part))
    .join('|');
  const pairs = extension(alert, alertFacts(alert)).flatMap(([key, value, limit]) =>
    value === undefined || value === '' ? [] : [`${key}=${valueText(String(value), limit)}`],
  );
  return `${header}|${pairs.join(' ')}`;
}

/** 0 to 10, by priority. */
const SEVERITIES = [10, 9, 8, 7, 6, 4, 2, 0];

type Pair = [key: string, value: string | number | undefined, limit: number];

function extension(alert: AlertObject, facts: AlertFacts): Pair[] {
  const { process, parent, user, file, network, container } = facts;
  return [
    ['rt', alert.time_ms, 20],
    ['dvchost', alert.hostname, 100],
    ['externalId', facts.eventId, 40],
    ['cat', alert.source, 1023],
    ['act', facts.eventType, 63],
    ['outcome', facts.failed === undefined ? undefined : facts.failed ? 'failure' : 'success', 63],
    ['spid', process.pid, 20],
    ['sproc', process.executable ?? process.name, 1023],
    ['suid', user.id, 1023],
    ['suser', user.name, 1023],
    ['fname', file?.name, 1023],
    ['filePath', file?.path, 1023],
    ...address('src', 'c6a2', 'Source IPv6 Address', network.source.ip),
    ['spt', network.source.port, 5],
    ...address('dst', 'c6a3', 'Destination IPv6 Address', network.destination.ip),
    ['dpt', network.destination.port, 5],
    ['proto', network.transport, 31],
    ...labelled('cs1', 'Command Line', process.commandLine),
    ...labelled('cs2', 'Container', container?.id),
    ...labelled('cs3', 'Image', imageOf(container)),
    ...labelled('cs4', 'Parent Process', parent.executable ?? parent.name),
    ...labelled('cs5', 'ATT&CK', attackOf(facts)),
    ...labelled('cs6', 'Tags', alert.tags.join(',')),
    ...labelled('cn1', 'Parent Process ID', parent.pid),
    ['msg', alert.message, 1023],
  ];
}

// `src` and `dst` hold addresses of version 4 only.
function address(key: string, key6: string, label: string, ip: string | undefined): Pair[] {
  if (ip === undefined) return [];
  return isIPv6(ip) ? labelled(key6, label, ip) : [[key, ip, 45]];
}

function labelled(key: string, label: string, value: string | number | undefined): Pair[] {
  if (value === undefined || value === '') return [];
  return [
    [`${key}Label`, label, 1023],
    [key, value, 4000],
  ];
}

function imageOf(container: AlertFacts['container']): string | undefined {
  if (container?.imageName === undefined) return undefined;
  return container.imageTag === undefined
    ? container.imageName
    : `${container.imageName}:${container.imageTag}`;
}

function attackOf({ tactics, techniques }: AlertFacts): string {
  return [...tactics.map(({ id }) => id), ...techniques.map(({ id, subId }) => subId ?? id)].join();
}

/** In the header a pipe ends a field; line breaks have no form there. */
function headerText(text: string): string {
  return visible(text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' '));
}

/** In a value an equals sign may begin the next key, and line breaks are written as letters. */
function valueText(text: string, limit: number): string {
  const cut = wellFormed(text.slice(0, limit));
  return visible(
    cut.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n'),
  ).replace(/^ +| +$/g, '');
}

// The format has no escape for other controls: shown as text, with the backslash escaped.
function visible(text: string): string {
  return wellFormed(text).replace(
    CONTROLS,
    (char) => `\\\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a line
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
