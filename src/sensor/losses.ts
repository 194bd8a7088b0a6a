// What the kernel had no room for, looked for once a second, and the counters of all types.
import { event_type } from '../abi/layout.js';
import type { BpfMap } from '../bpf/map.js';
import { LossWatch } from '../capture/loss.js';
import type { FromSensor, TypeCounts } from './protocol.js';
import { plain, typeName } from './types.js';

/** How often losses are looked for, and so how late the agent may tell of one. */
export const LOSS_CHECK_MS = 1000;

/** Tells of losses, with the time in which they fell. */
export class SensorLosses {
  readonly #watch: LossWatch;
  #checkedMs = performance.now();
  #checkedNs = wallClockNs();

  constructor(
    counters: BpfMap,
    private readonly tell: (message: FromSensor) => void,
  ) {
    this.#watch = new LossWatch(counters);
  }

  /** It is time for `check`. */
  get due(): boolean {
    return performance.now() - this.#checkedMs >= LOSS_CHECK_MS;
  }

  /** Tells of what was lost since the last time; true when records of processes are among it. */
  check(): boolean {
    const now_ns = wallClockNs();
    const report = this.#watch.check();
    const from_ns = this.#checkedNs;
    this.#checkedMs = performance.now();
    this.#checkedNs = now_ns;
    if (report === undefined) return false;
    const types: Record<string, number> = {};
    for (const [type, count] of report.lost) types[typeName(type)] = count;
    this.tell({ kind: 'loss', types, from_ns, to_ns: now_ns });
    return LIFECYCLE.some((type) => report.lost.has(type));
  }

  /** What became of the events of each type, since the start. */
  counts(): Record<string, TypeCounts> {
    const types: Record<string, TypeCounts> = {};
    for (const [type, fates] of this.#watch.read()) types[typeName(type)] = plain(fates);
    return types;
  }
}

const LIFECYCLE = [
  event_type.EVENT_FORK,
  event_type.EVENT_EXEC,
  event_type.EVENT_EXIT,
  event_type.EVENT_RENAME,
];

function wallClockNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
