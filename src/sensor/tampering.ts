// Attempts on the agent on their way to alerts: the first of a kind is told at once, then their number.
import { DecodeCounters } from '../decode/cursor.js';
import { TamperCursor, type TamperKind } from '../decode/tamper.js';
import type { TaskCursor } from '../decode/task.js';
import type { Attempt } from '../output/internal.js';
import { fromBytes } from '../rules/bytes.js';

/** Attempts of a kind are told no more often. */
const INTERVAL_MS = 10_000;

interface Kind {
  told_ms: number;
  untold: Attempt | undefined;
}

/** Counts attempts until they are told. */
export class Tampering {
  readonly #kinds = new Map<string, Kind>();
  readonly #cursor = new TamperCursor(new DecodeCounters());

  constructor(
    private readonly own_pid: number,
    /** Path of the program of a process, as a byte string. */
    private readonly exeOf: (who: TaskCursor) => string | undefined,
    private readonly tell: (attempt: Attempt) => void,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  /** Takes a `struct tamper_record`. */
  take(memory: Buffer, offset: number, length: number): void {
    const cursor = this.#cursor;
    if (!cursor.bind(memory, offset, length) || cursor.pid === this.own_pid) return;
    const { operation, denied } = cursor;
    this.note(operation, denied, cursor, cursor.detail);
  }

  /** Takes an attempt that was seen otherwise. */
  note(operation: TamperKind, denied: boolean, who: TaskCursor, detail: number | bigint = 0): void {
    const key = `${operation} ${denied}`;
    const kind = this.#kinds.get(key) ?? { told_ms: Number.NEGATIVE_INFINITY, untold: undefined };
    this.#kinds.set(key, kind);
    const exe = this.exeOf(who);
    kind.untold = {
      what: WORDS[operation](detail),
      denied,
      times: (kind.untold?.times ?? 0) + 1,
      pid: who.pid,
      name: fromBytes(who.comm),
      exe: exe === undefined ? undefined : fromBytes(exe),
      uid: who.uid,
    };
    this.flush();
  }

  /** Tells what has waited long enough; to be called from time to time. */
  flush(all = false): void {
    const now_ms = this.now_ms();
    for (const kind of this.#kinds.values()) {
      if (kind.untold === undefined || (!all && now_ms - kind.told_ms < INTERVAL_MS)) continue;
      this.tell(kind.untold);
      kind.untold = undefined;
      kind.told_ms = now_ms;
    }
  }
}

const WORDS: Readonly<Record<TamperKind, (detail: number | bigint) => string>> = {
  signal: (number) => `signal ${number}`,
  trace: () => 'memory or descriptors of the agent',
  limit: (resource) => `resource limit ${resource}`,
  schedule: () => 'scheduling of the agent',
  map: (id) => `BPF map ${id}`,
  program: (id) => `BPF program ${id}`,
  link: (id) => `BPF link ${id}`,
  pin: () => 'a pinned BPF object',
  other: () => 'the agent',
};
