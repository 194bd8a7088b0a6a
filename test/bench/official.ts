// Falco's three rule files, where they are at hand: how long their validation takes, and what an event costs
// with all of them.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { record_header, record_kind } from '../../src/abi/layout.js';
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

/** Where the files are, beside the project; they are not part of it. */
export const OFFICIAL_RULES = '../shared/falco-rules';

/** What they cost. */
export interface OfficialCosts {
  rules: number;
  validate_ms: number;
  /** Decoding, enriching and matching of one record. */
  open_ns: number;
  exec_ns: number;
  /** The same without the matcher. */
  exec_decode_ns: number;
}

const ROUNDS = 7;
const OPENS = 100_000;
const EXECS = 2_000;

/** `undefined` where the files are not. */
export function measureOfficial(): OfficialCosts | undefined {
  if (!existsSync(OFFICIAL_RULES)) return undefined;
  const validations = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    execFileSync(process.execPath, ['dist/main.js', 'validate', '-r', OFFICIAL_RULES]);
    return performance.now() - begin;
  });
  const files = readdirSync(OFFICIAL_RULES).filter((name) => name.endsWith('.yaml'));
  const sources = files.map((name) => ({
    name,
    text: readFileSync(join(OFFICIAL_RULES, name), 'utf8'),
  }));
  const { active } = loadForRun(asWritten(sources));
  const matcher = new Matcher(active, resolveField, {});
  const types = [...matcher.wantedTypes()].filter((type) => type < FIRST_LIFECYCLE);
  const ring = new FilledRing(types);
  const open: number[] = [];
  const exec: number[] = [];
  const decode: number[] = [];
  try {
    const enricher = new Enricher({ boot_epoch_ns: bootEpochNs() });
    enricher.fillFromProc();
    for (let round = 0; round < ROUNDS; round++) {
      open.push(spent(ring, enricher, matcher, 'open', OPENS));
      exec.push(spent(ring, enricher, matcher, 'exec', EXECS));
      decode.push(spent(ring, enricher, undefined, 'exec', EXECS));
    }
  } finally {
    ring.close();
  }
  return {
    rules: active.length,
    validate_ms: median(validations),
    open_ns: median(open),
    exec_ns: median(exec),
    exec_decode_ns: median(decode),
  };
}

const FIRST_LIFECYCLE = 512; // enum event_type
const OPENAT = typeNumber('openat');

// Mean time for the records of the operation itself; those around it are taken, but not measured.
function spent(
  ring: FilledRing,
  enricher: Enricher,
  matcher: Matcher | undefined,
  operation: 'open' | 'exec',
  count: number,
): number {
  let records = 0;
  let took = 0n;
  const sink: RecordSink = (memory, offset, length) => {
    const kind = memory.readUInt16LE(offset + record_header.kind);
    const type = memory.readUInt16LE(offset + record_header.type);
    const measured = operation === 'exec' ? kind === record_kind.RECORD_EXEC : type === OPENAT;
    const begin = measured ? process.hrtime.bigint() : 0n;
    const event = enricher.take(kind, memory, offset, length);
    if (event !== undefined) matcher?.match(event);
    if (!measured) return;
    took += process.hrtime.bigint() - begin;
    records += 1;
  };
  ring.fill(operation, count);
  ring.drain(sink);
  if (records < count) throw new Error(`${records} records of ${count} of ${operation}`);
  return Number(took) / records;
}
