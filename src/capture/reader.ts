// Waits for records and drains the ring in batches; sleeps only when the hooks know that it does.

import { record_header, record_kind } from '../abi/layout.js';
import { createEventfd, drainEventfd, Epoll, signalEventfd } from '../bpf/epoll.js';
import { closeFd } from '../bpf/libc.js';
import type { Aside } from './aside.js';
import type { RecordSink, Ring } from './ring.js';

/** The flag in shared memory that hooks look at before they let a record lie. */
export interface SleepFlag {
  reader_asleep: boolean;
}

/** What a reader reads from and is woken by. */
export interface ReaderOptions {
  ring: Ring;
  /** The ring map's descriptor, which epoll waits on. */
  ring_fd: number;
  flag: SleepFlag;
  /** An eventfd of the caller's that ends a wait; without it the reader makes one of its own. */
  wake_fd?: number | undefined;
  /**
   * How long to let records gather while many come, 0 for never. Under getppid(2) in a loop a reader
   * that is woken for each few records spends 850 ns of CPU on each and slows the loop to 300,000
   * calls a second; one that naps 1 ms spends 64 ns at 1,040,000 (Linux 6.18, 2 cores, one run).
   */
  nap_ms?: number;
  /**
   * How long while nothing comes of what they say, see `hasten`. A reader that naps runs with cold caches
   * when it wakes: that takes 0.4 ms of it each time, whatever it finds, and a record 10 us besides (2 virtual
   * CPUs of an AMD EPYC, Node 20). It is also how late the first alert for a while may be on a host that starts
   * programs all the time, half of it in the mean.
   */
  long_nap_ms?: number;
  /** Told which processor records come from. */
  aside?: Aside;
  /** Records per round: how long a message from another thread may have to wait. Default 4096. */
  batch?: number;
}

/** What one round did. */
export interface Round {
  /** Records handed to the sink. */
  records: number;
  /** The eventfd was signalled: messages may wait. */
  woken: boolean;
}

const RING_TOKEN = 0;
const WAKE_TOKEN = 1;
const DEFAULT_BATCH = 4096;
/** How long to wait for a record that is still being written: its owner need not wake anybody. */
const BUSY_WAIT_MS = 1;
const DEFAULT_NAP_MS = 2;
const DEFAULT_LONG_NAP_MS = 40;
/**
 * Two batches that were worth a wake-up within this time mean that many come, while naps are short; within
 * that many long naps where they are long, and these go on for as long without one: what starts programs
 * pauses now and then. It is longer than the nap, so that one record for each nap keeps the naps up: an exec
 * that must wake the reader takes 18 us more of its own time (two interrupts between virtual processors),
 * one that finds it napping nothing.
 */
const HURRY_MS = 12;
const HURRY_NAPS = 2.5;
/** For how long naps are short after something came of a record. */
const HASTE_MS = 1000;
/**
 * How long records that wake nobody may lie once many came: a fork storm's would be 20 ms of work for
 * the reader when an eighth of the ring at last woke it, and an alert would wait behind them.
 */
const LIE_MS = 20;
/** So many in one look are no storm: an idle host has a thread or two come and go in each second. */
const FEW = 16;
/** No nap when the ring is fuller than this: it must not overflow meanwhile. */
const FULL_PARTS = 16;
/** Only short naps when the records of one batch fill more of it than this: five times as many would follow. */
const CALM_PARTS = 128;
/** By `enum record_kind`: what wakes nobody (bpf/process). */
const QUIET: readonly boolean[] = Object.values(record_kind).map(
  (kind) =>
    kind === record_kind.RECORD_FORK ||
    kind === record_kind.RECORD_EXIT ||
    kind === record_kind.RECORD_RENAME,
);
/** Rounds between two looks at the eventfd while records come without a pause. */
const LOOK_EVERY = 64;

/**
 * The sensor thread's way to the ring.
 *
 * Hooks leave most records without a wake-up. Before it sleeps the reader sets a flag and looks once
 * more; a hook that then adds a record finds the flag and wakes it. Either side sees the other,
 * because both put a full barrier between their write and their read.
 */
export class Reader {
  /** What records tell has to be acted on while the process is still there: no nap is long. */
  prompt = false;
  private readonly ring: Ring;
  private readonly flag: SleepFlag;
  private readonly epoll = new Epoll();
  private readonly aside: Aside | undefined;
  private readonly batch: number;
  private readonly wakeFd: number;
  private readonly ownsWakeFd: boolean;
  private readonly nap_ms: number;
  private readonly long_nap_ms: number;
  private readonly pillow = new Int32Array(new SharedArrayBuffer(4));
  private stopping = false;
  private open = true;
  private readonly round: Round = { records: 0, woken: false };
  private hurried = false;
  private urgentMs = 0;
  private hasteUntilMs = 0;
  private urgent = 0;
  private bytes = 0;
  private processor = 0;
  /** The last look found many records: others that wake nobody may follow. */
  private lying = false;
  private unlooked = 0;
  private sink: RecordSink = () => {};

  constructor(options: ReaderOptions) {
    this.ring = options.ring;
    this.flag = options.flag;
    this.aside = options.aside;
    this.batch = options.batch ?? DEFAULT_BATCH;
    this.nap_ms = options.nap_ms ?? DEFAULT_NAP_MS;
    this.long_nap_ms = options.long_nap_ms ?? DEFAULT_LONG_NAP_MS;
    this.ownsWakeFd = options.wake_fd === undefined;
    this.wakeFd = options.wake_fd ?? createEventfd();
    this.epoll.add(options.ring_fd, RING_TOKEN);
    this.epoll.add(this.wakeFd, WAKE_TOKEN);
  }

  /**
   * Drains one batch; when nothing is there, waits for the first record, a wake-up or the time.
   * While it waits no JavaScript runs in this thread.
   *
   * @param timeout_ms longest wait, -1 for none; 0 only looks
   * @returns the same object each time
   * @throws RingError when the ring's memory makes no sense
   */
  poll(sink: RecordSink, timeout_ms: number): Round {
    const { round, lying } = this;
    round.woken = false;
    if (this.hurried && timeout_ms !== 0) this.nap();
    this.drain(sink);
    if (round.records > 0 || this.hurried) {
      if (round.records === this.batch || ++this.unlooked >= LOOK_EVERY) this.look(0);
      return round;
    }
    this.sleep(lying ? Math.min(timeout_ms >>> 0, LIE_MS) : timeout_ms);
    this.drain(sink);
    return round;
  }

  /**
   * Polls until `stop()`.
   *
   * @param afterRound runs after each round: messages, clocks
   * @param timeout_ms longest time between two rounds, asked for before each
   */
  run(sink: RecordSink, afterRound: (round: Round) => void, timeout_ms: () => number): void {
    while (!this.stopping) afterRound(this.poll(sink, timeout_ms()));
  }

  /** Something came of a record: what comes next may matter as well, and waits for no long nap. */
  hasten(): void {
    this.hasteUntilMs = performance.now() + HASTE_MS;
  }

  /** Ends `run` after the present round; only from the reader's own thread. */
  stop(): void {
    this.stopping = true;
  }

  /** `stop` was called, or `close`. */
  get stopped(): boolean {
    return this.stopping;
  }

  /** Ends the present or the next wait; from any thread that has the reader's eventfd. */
  wake(): void {
    if (this.open) signalEventfd(this.wakeFd);
  }

  /** Closes what the reader opened, not the ring. May be called twice. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.stopping = true;
    this.epoll.close();
    if (this.ownsWakeFd) closeFd(this.wakeFd);
  }

  /** Sleeps until woken; the hooks know. */
  private sleep(timeout_ms: number): void {
    const { ring, flag } = this;
    flag.reader_asleep = true;
    if (ring.ready) this.look(0);
    else if (ring.waiting_bytes > 0) this.look(timeout_ms === 0 ? 0 : BUSY_WAIT_MS);
    else this.look(timeout_ms);
    flag.reader_asleep = false;
  }

  /** Lets records gather, without a wake-up by each. */
  private nap(): void {
    if (this.ring.waiting_bytes > this.ring.size / FULL_PARTS) return;
    const mayLast = this.isCalm && this.bytes <= this.ring.size / CALM_PARTS;
    if (mayLast) this.unlooked = LOOK_EVERY; // messages have waited long enough after it
    Atomics.wait(this.pillow, 0, 0, mayLast ? this.long_nap_ms : this.nap_ms);
  }

  private drain(sink: RecordSink): void {
    this.sink = sink;
    this.urgent = 0;
    this.bytes = 0;
    this.round.records = this.ring.drain(this.count, this.batch);
    this.lying = this.round.records > FEW;
    if (this.urgent === 0 && !this.hurried) return;
    const beforeMs = this.urgentMs;
    const nowMs = performance.now();
    if (this.urgent > 0) {
      this.urgentMs = nowMs;
      this.aside?.from(this.processor, nowMs);
    }
    const goesOn = this.urgent > 0 ? this.nap_ms > 0 : this.isCalm;
    this.hurried = goesOn && nowMs - beforeMs < this.hurryMs;
  }

  /** As of the last record that may matter nothing had come of one for a while, and nothing has to come soon. */
  private get isCalm(): boolean {
    return !this.prompt && this.urgentMs >= this.hasteUntilMs;
  }

  private get hurryMs(): number {
    return this.isCalm ? Math.max(HURRY_MS, HURRY_NAPS * this.long_nap_ms) : HURRY_MS;
  }

  private readonly count: RecordSink = (memory, offset, length) => {
    if (!QUIET[memory[offset + record_header.kind] ?? 0]) {
      this.urgent += 1;
      this.processor = memory.readUInt16LE(offset + record_header.cpu);
    }
    this.bytes += length;
    this.sink(memory, offset, length);
  };

  private look(timeout_ms: number): void {
    this.unlooked = 0;
    if ((this.epoll.wait(timeout_ms) & (1 << WAKE_TOKEN)) === 0) return;
    drainEventfd(this.wakeFd);
    this.round.woken = true;
  }
}
