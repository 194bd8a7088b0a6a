// Lines for a spool, and what a reader gives back.
import { type Logger, makeLog } from '../../../src/log.js';
import { Spool } from '../../../src/output/spool.js';
import type { SpoolOptions } from '../../../src/output/spool-options.js';
import type { SpoolReader } from '../../../src/output/spool-reader.js';

/** What a log said, one object a line. */
export interface Said {
  level: string;
  msg: string;
  [key: string]: unknown;
}

/** A log that remembers. */
export function listeningLog(): { log: Logger; said: Said[] } {
  const said: Said[] = [];
  const write = (line: string): void => {
    said.push(JSON.parse(line));
  };
  return { log: makeLog({ level: 'debug', enabled: true, readable: false, write }), said };
}

/** The line of one alert, with its newline. */
export function alertLine(id: string, padding = 0): string {
  const output_fields = `{"proc.name":"${'x'.repeat(padding)}"}`;
  return (
    `{"hostname":"tower","output":"o","output_fields":${output_fields},"priority":"Warning",` +
    `"rule":"Some rule","saker":{"event_id":"${id}","lineage":[],"pid":1,"start_ns":2},` +
    `"source":"syscall","tags":[],"time":"2023-11-14T22:13:20.000000007Z"}\n`
  );
}

/** Lines of the alerts `from` to before `to`, as they are appended. */
export function alertLines(from: number, to: number, padding = 0): Buffer {
  let text = '';
  for (let id = from; id < to; id++) text += alertLine(String(id), padding);
  return Buffer.from(text);
}

/** A spool of one output, `sink`, that looks again at once. */
export async function openSpool(path: string, changes: Partial<SpoolOptions> = {}): Promise<Spool> {
  return await Spool.open({
    path,
    max_bytes: 64 * 1024 * 1024,
    max_age_ms: 86_400_000,
    sync: false,
    outputs: [{ name: 'sink' }],
    log: listeningLog().log,
    retry_ms: 20,
    ...changes,
  });
}

/** The reader of an output. */
export function readerOf(spool: Spool, output = 'sink'): SpoolReader {
  const reader = spool.readers.get(output);
  if (reader === undefined) throw new Error(`no output ${output}`);
  return reader;
}

/** Takes all that a reader has, and the ids of it. */
export async function takeAll(reader: SpoolReader): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    await reader.fill(500, 1e6);
    const alerts = reader.peek(500, 1e6);
    if (alerts.length === 0) return ids;
    for (const { event_id } of alerts) ids.push(event_id);
    reader.accept(reader.generation, alerts.length);
  }
}

/** `from` to before `to` as ids. */
export function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => String(from + at));
}
