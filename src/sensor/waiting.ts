// Events on hold, oldest first: bounded in time, number and bytes, each container in order.
import type { FrozenEvent } from './frozen.js';

/** Limits of `WaitingEvents`. */
export interface WaitingLimits {
  wait_ms: number;
  max_events: number;
  max_bytes: number;
}

/** An event and what to do with it; `settle` is called once. */
export interface Waiting {
  readonly event: FrozenEvent;
  settle(): void;
}

/** What happened since the start. */
export interface WaitingCounts {
  /** Events that were put on hold. */
  waited: number;
  /** Of those, judged without an answer because their time was over. */
  late: number;
  /** Judged without an answer because there was no room. */
  crowded_out: number;
}

/** Events by the full id of their container. */
export class WaitingEvents {
  readonly counts: WaitingCounts = { waited: 0, late: 0, crowded_out: 0 };
  readonly #queues = new Map<string, { waiting: Waiting; end_ms: number }[]>();
  #size = 0;
  #bytes = 0;
  #nextEnd_ms = Number.POSITIVE_INFINITY;

  constructor(
    private readonly limits: WaitingLimits,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Whether an event of that container waits. */
  has(full_id: string): boolean {
    return this.#size > 0 && this.#queues.has(full_id);
  }

  /**
   * Puts an event on hold. Where there is no room, the oldest of its container is judged as things
   * are, or else the oldest of all: so order stays, and who floods crowds out his own first.
   */
  add(waiting: Waiting): void {
    const { full_id } = waiting.event.container;
    this.counts.waited += 1;
    const queue = this.#queues.get(full_id) ?? [];
    this.#queues.set(full_id, queue);
    const end_ms = this.now_ms() + this.limits.wait_ms;
    queue.push({ waiting, end_ms });
    this.#size += 1;
    this.#bytes += waiting.event.size_bytes;
    this.#nextEnd_ms = Math.min(this.#nextEnd_ms, end_ms);
    while (this.#size > this.limits.max_events || this.#bytes > this.limits.max_bytes) {
      this.counts.crowded_out += 1;
      this.#settleFirst(this.#queues.has(full_id) ? full_id : this.#oldest());
    }
  }

  /** A container's answer has come, or will not: its events are judged. */
  answered(full_id: string): void {
    while (this.#queues.has(full_id)) this.#settleFirst(full_id);
  }

  /** Judges those whose time is over. */
  expire(): void {
    const now_ms = this.now_ms();
    if (now_ms < this.#nextEnd_ms) return;
    this.#nextEnd_ms = Number.POSITIVE_INFINITY;
    for (const [full_id, queue] of this.#queues) {
      for (let first = queue[0]; first !== undefined; first = queue[0]) {
        if (first.end_ms > now_ms) {
          this.#nextEnd_ms = Math.min(this.#nextEnd_ms, first.end_ms);
          break;
        }
        this.counts.late += 1;
        this.#settleFirst(full_id);
      }
    }
  }

  /** Judges all, as things are. */
  drain(): void {
    while (this.#size > 0) this.#settleFirst(this.#oldest());
  }

  /** Time until `expire` has something to do, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    if (this.#size === 0) return limit_ms;
    return Math.min(limit_ms, Math.max(1, Math.ceil(this.#nextEnd_ms - this.now_ms())));
  }

  #oldest(): string {
    let found = '';
    let end_ms = Number.POSITIVE_INFINITY;
    for (const [full_id, queue] of this.#queues) {
      const first = queue[0];
      if (first === undefined || first.end_ms >= end_ms) continue;
      found = full_id;
      end_ms = first.end_ms;
    }
    return found;
  }

  #settleFirst(full_id: string): void {
    const queue = this.#queues.get(full_id);
    const first = queue?.shift();
    if (queue?.length === 0) this.#queues.delete(full_id);
    if (first === undefined) return;
    this.#size -= 1;
    this.#bytes -= first.waiting.event.size_bytes;
    first.waiting.settle();
  }
}
