// One output's view of the spool: the alerts from its position on, decoded a little ahead.
import type { SpooledAlert } from './remote.js';
import { readSpoolLine } from './spool-line.js';
import type { Chunk } from './spool-store.js';

/** What a reader asks of its spool. */
export interface SpoolSource {
  /** Chunks from the one that holds `position`, or the first behind it; none when there is no more. */
  read(position: number, limit_bytes: number): Promise<readonly Chunk[]>;
  /** The output is done with everything before `position`. */
  moved(position: number): void;
  /** Alerts were to be there and are not. */
  missing(alerts: number): void;
}

/** Hands out alerts in order; what was accepted is never handed out again by this reader. */
export class SpoolReader {
  /** Alerts that this output will not get: the spool had to drop them, or could not read them. */
  dropped = 0;
  /** Changes when positions got another meaning; `accept` ignores what was taken before. */
  generation = 0;
  readonly #source: SpoolSource;
  #alerts: SpooledAlert[] = [];
  #start = 0;
  #bytes = 0;
  /** Where the next read begins. */
  #next = 1;
  /** Dropped before they were on disk, which is known and counted. */
  #passed = 0;
  #filling: Promise<void> | undefined;
  readonly #waiting = new Set<() => void>();
  #woken = false;
  #closed = false;

  /** @param wants alerts for which it says no are passed over */
  constructor(
    source: SpoolSource,
    private readonly wants: (alert: SpooledAlert) => boolean = () => true,
  ) {
    this.#source = source;
  }

  /** The first alert that the output is not done with. */
  get position(): number {
    return this.#alerts[this.#start]?.position ?? this.#next;
  }

  /** The alert at `position`, if it has been read already. */
  get head(): SpooledAlert | undefined {
    return this.#alerts[this.#start];
  }

  /** Alerts that are decoded. */
  get length(): number {
    return this.#alerts.length - this.#start;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Alerts not delivered yet, of a spool that reaches from `first` to before `end`. */
  queued(first: number, end: number): number {
    return this.length + Math.max(0, end - Math.max(this.#next, first));
  }

  /** Reads until so much is decoded, or all there is. */
  async fill(alerts: number, bytes: number): Promise<void> {
    while (!this.#closed && this.length < alerts && this.#bytes < bytes) {
      const before = this.#next;
      this.#filling ??= this.#load().finally(() => {
        this.#filling = undefined;
      });
      await this.#filling;
      if (this.#next === before) return;
    }
  }

  /** The first alerts, at most so many and so many bytes; at least one if there is one. */
  peek(alerts: number, bytes: number): SpooledAlert[] {
    const found: SpooledAlert[] = [];
    let sum = 0;
    for (let at = this.#start; at < this.#alerts.length && found.length < alerts; at++) {
      const alert = this.#alerts[at];
      if (alert === undefined) break;
      sum += alert.json.length;
      if (found.length > 0 && sum > bytes) break;
      found.push(alert);
    }
    return found;
  }

  /** The output is done with the first `count` alerts that it got in this generation. */
  accept(generation: number, count: number): void {
    if (generation !== this.generation) return;
    const until = Math.min(this.#start + count, this.#alerts.length);
    for (let at = this.#start; at < until; at++) this.#bytes -= this.#alerts[at]?.json.length ?? 0;
    this.#start = until;
    if (this.#start > COMPACT_AT || this.#start === this.#alerts.length) {
      this.#alerts = this.#alerts.slice(this.#start);
      this.#start = 0;
    }
    this.#source.moved(this.position);
  }

  /** Resolves when there may be more, or the reader is closed, or after so long. */
  async wait(limit_ms?: number): Promise<void> {
    if (this.#woken || this.#closed) {
      this.#woken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = limit_ms === undefined ? undefined : setTimeout(done, limit_ms);
      const waiting = this.#waiting;
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
    this.#woken = false;
  }

  /** There is more to read. */
  wake(): void {
    this.#woken = true;
    for (const done of [...this.#waiting]) done();
  }

  /** The spool keeps nothing before `position`. @returns how many alerts this output loses. */
  dropBelow(position: number): number {
    const lost = Math.max(0, position - this.#next);
    this.dropped += lost;
    this.#next = Math.max(this.#next, position);
    return lost;
  }

  /** Alerts that will not be in the spool. */
  pass(count: number): void {
    this.#passed += count;
  }

  /** Forgets what it has read: positions have another meaning now. */
  startOver(position: number): void {
    this.generation++;
    this.#alerts = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#next = position;
    this.wake();
  }

  /** Whoever waits goes on; nothing is read any more. */
  close(): void {
    this.#closed = true;
    this.wake();
  }

  async #load(): Promise<void> {
    const { generation } = this;
    const chunks = await this.#source.read(this.#next, READ_BYTES);
    if (generation !== this.generation) return;
    for (const chunk of chunks) this.#take(chunk);
    if (this.length === 0 && chunks.length > 0) this.#source.moved(this.position);
  }

  #take({ first, count, lines }: Chunk): void {
    const end = first + count;
    if (end <= this.#next) return; // dropped while it was read
    if (first > this.#next) this.#gap(first - this.#next);
    const texts = Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString('utf8');
    let position = first;
    let at = 0;
    while (at < texts.length && position < end) {
      const newline = texts.indexOf('\n', at);
      const stop = newline < 0 ? texts.length : newline;
      if (position >= this.#next) this.#decode(texts.slice(at, stop), position);
      at = stop + 1;
      position++;
    }
    if (position < end) this.#gap(end - position);
    this.#next = end;
  }

  #decode(json: string, position: number): void {
    const alert = readSpoolLine(json, position);
    if (alert === undefined) this.#gap(1);
    else if (this.wants(alert)) {
      this.#alerts.push(alert);
      this.#bytes += json.length;
    }
  }

  #gap(alerts: number): void {
    this.dropped += alerts;
    const known = Math.min(alerts, this.#passed);
    this.#passed -= known;
    if (alerts > known) this.#source.missing(alerts - known);
  }
}

const READ_BYTES = 512 * 1024;
// Taking from the start of an array moves the rest: done for many at once.
const COMPACT_AT = 4096;
