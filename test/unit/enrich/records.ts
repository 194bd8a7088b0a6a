// Lifecycle records for the tests of enrich.

import { encodeRecord, type RecordParts, type Values } from '../../../src/decode/encode.js';
import type { Event } from '../../../src/decode/event.js';
import { Enricher, type EnricherOptions } from '../../../src/enrich/enricher.js';
import { fieldReader } from '../../../src/enrich/fields.js';

/** A process of the tests: start time and parent follow from the numbers. */
export function task(pid: number, parent_pid: number, more: Values = {}): Values {
  return {
    pid,
    tid: pid,
    parent_pid,
    start_ns: startOf(pid),
    parent_start_ns: parent_pid === 0 ? 0n : startOf(parent_pid),
    session: 1,
    pgid: pid,
    vpid: pid,
    vtid: pid,
    vpgid: pid,
    comm: `p${pid}`,
    pid_ns: 1,
    mnt_ns: 1,
    ...more,
  };
}

export function startOf(pid: number): bigint {
  return BigInt(pid) * 1_000_000_000n + 7n;
}

export function fork(pid: number, parent_pid: number, more: Values = {}): Buffer {
  return encodeRecord({ kind: 'fork', task: task(pid, parent_pid, more) });
}

export function exec(
  pid: number,
  parent_pid: number,
  argv: string[],
  more: Partial<RecordParts> = {},
): Buffer {
  const [exe = ''] = argv;
  const comm = exe.slice(exe.lastIndexOf('/') + 1).slice(0, 15);
  return encodeRecord({
    kind: 'exec',
    header: { time_ns: 1_000_000_000_000n },
    ...more,
    task: { ...task(pid, parent_pid), comm, ...more.task },
    own: { argc: argv.length, inode: 9n, ctime_ns: 5n, mtime_ns: 4n, ...more.own },
    texts: {
      exe: exe.startsWith('/') ? exe : `/usr/bin/${exe}`,
      cwd: '/home/u',
      argv: argv.map((argument) => `${argument}\0`).join(''),
      env: 'HOME=/root\0EMPTY=\0SP= x \0',
      cgroup: '/user.slice',
      ...more.texts,
    },
  });
}

export function exit(pid: number, parent_pid: number, reaper_pid = 1): Buffer {
  const own = { reaper_pid, reaper_start_ns: startOf(reaper_pid), exit_code: 3 };
  return encodeRecord({ kind: 'exit', task: task(pid, parent_pid), own });
}

/** An enricher that looks nothing up on this host. */
export function offline(options: Partial<EnricherOptions> = {}): Enricher {
  return new Enricher({ boot_epoch_ns: 1_700_000_000_000_000_000n, is_live: false, ...options });
}

/** Takes a record; the kind is read from it. */
export function take(enricher: Enricher, record: Buffer): Event | undefined {
  return enricher.take(record.readUInt16LE(12), record, 0, record.length);
}

/** The value of any field. */
export function read(event: Event | undefined, name: string, argument?: string): unknown {
  const found = fieldReader(name, argument);
  if (event === undefined || found === undefined) throw new Error(`nothing to read: ${name}`);
  return found(event);
}
