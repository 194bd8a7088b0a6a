// What one event costs in each stage of the sensor thread: a real ring is filled while nobody reads it,
// then drained on this thread.

import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { record_header } from '../../src/abi/layout.js';
import { bootEpochNs } from '../../src/bpf/libc.js';
import type { RecordSink } from '../../src/capture/ring.js';
import { loadForRun } from '../../src/cli/load.js';
import { Enricher } from '../../src/enrich/enricher.js';
import { Matcher } from '../../src/match/matcher.js';
import { typeNumber } from '../../src/rules/events.js';
import { resolveField } from '../../src/sensor/alerts.js';
import { asWritten } from '../../src/sensor/protocol.js';
import { median } from './load.js';
import { FilledRing } from './ring.js';

/** Nanoseconds per open+close record, by stage; each contains the stages before it. */
export interface StageCosts {
  events: number;
  header_ns: number;
  decode_ns: number;
  match_ns: number;
  /** The same where each open is of another file than the one before. */
  varied_ns: number;
  files: number;
  rules: number;
}

const EVENTS = 120_000;
const ROUNDS = 5;
const RULES = 100;

/** Measures on the real ring; needs root. */
export function measureStages(): StageCosts {
  const ring = new FilledRing([OPENAT]);
  const matcher = new Matcher(manyRules(), resolveField, {});
  const enricher = new Enricher({ boot_epoch_ns: bootEpochNs() });
  let kinds = 0;
  const header: RecordSink = (memory, offset) => {
    kinds += memory.readUInt16LE(offset + record_header.kind);
  };
  const decode: RecordSink = (memory, offset, length) => {
    enricher.take(memory.readUInt16LE(offset + record_header.kind), memory, offset, length);
  };
  const match: RecordSink = (memory, offset, length) => {
    const kind = memory.readUInt16LE(offset + record_header.kind);
    const event = enricher.take(kind, memory, offset, length);
    if (event !== undefined) matcher.match(event);
  };
  const files = differentFiles();
  const figures: Record<'header' | 'decode' | 'match' | 'varied', number[]> = {
    header: [],
    decode: [],
    match: [],
    varied: [],
  };
  let events = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [stage, sink] of Object.entries({ header, decode, match, varied: match })) {
        if (stage === 'varied') ring.fillBy(() => openAll(files, EVENTS));
        else ring.fill('open', EVENTS);
        const begin = process.hrtime.bigint();
        events = ring.drain(sink);
        const took = Number(process.hrtime.bigint() - begin);
        if (events < EVENTS) throw new Error(`${events} records of ${EVENTS} events`);
        if (stage === 'header') figures.header.push(took / events);
        if (stage === 'decode') figures.decode.push(took / events);
        if (stage === 'match') figures.match.push(took / events);
        if (stage === 'varied') figures.varied.push(took / events);
      }
    }
  } finally {
    ring.close();
  }
  if (kinds === 0) throw new Error('no header was read');
  return {
    events,
    header_ns: median(figures.header),
    decode_ns: median(figures.decode),
    match_ns: median(figures.match),
    varied_ns: median(figures.varied),
    files: files.length,
    rules: RULES,
  };
}

const OPENAT = typeNumber('openat') ?? 257;

// Paths of all lengths, that no rule is about.
function differentFiles(): string[] {
  return readdirSync('node_modules', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function openAll(files: readonly string[], count: number): void {
  for (let opened = 0; opened < count; opened++)
    closeSync(openSync(files[opened % files.length] ?? '/', 'r'));
}

// Rules as people write them: lists of names, prefixes, suffixes, exceptions; none matches the load.
function manyRules() {
  const items = Array.from({ length: RULES }, (_, n) => ({
    rule: `Bench rule ${n}`,
    desc: 'One of many.',
    condition: [
      'evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.num >= 0',
      `and (fd.name startswith /srv/secret${n}/ or fd.name in (/etc/one${n}, /etc/two${n}) or`,
      `fd.name endswith .key${n} or fd.directory = /opt/keys${n})`,
      `and not proc.name in (reader${n}, backup${n}) and not proc.pname = cron${n}`,
    ].join(' '),
    output: 'bench %fd.name %proc.name',
    priority: 'NOTICE',
  }));
  const loaded = loadForRun(asWritten([{ name: 'bench', text: JSON.stringify(items) }]));
  if (loaded.active.length !== RULES) throw new Error(`${loaded.active.length} rules run`);
  return loaded.active;
}
