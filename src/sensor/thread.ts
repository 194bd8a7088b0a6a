// The main thread's end of the sensor: starts the worker, wakes it, matches answers to questions.
import type { Worker } from 'node:worker_threads';
import { createEventfd, signalEventfd } from '../bpf/epoll.js';
import { closeFd } from '../bpf/libc.js';
import { SakerError } from '../errors.js';
import type { Rule } from '../rules/rule.js';
import { type EarlySensor, sensorWorker } from './early.js';
import {
  type Failure,
  type FromSensor,
  GAUGE_EVENT_BYTES,
  GAUGE_SLOTS,
  type SensorOptions,
  type SensorStats,
  type ToSensor,
} from './protocol.js';

/** What the owner of a sensor is told; answers to `stats` and `tap` go to their callers instead. */
export interface SensorListener {
  message(message: FromSensor): void;
  /** The thread ended without having been asked to. Called at most once. */
  crashed(error: Error): void;
}

/** Lines of a tap; `dropped` is how many events were left out before them. */
export type TapListener = (text: string, dropped: number) => void;

/** One running sensor thread. */
export class SensorThread {
  /** What the thread posted and nobody has taken yet; see GAUGE_ALERT_BYTES. */
  readonly gauges: Int32Array;
  readonly #worker: Worker;
  readonly #wakeFd: number;
  readonly #questions = new Map<number, (answer: Answer) => void>();
  readonly #taps = new Map<number, TapListener>();
  #stopped: ((stats: SensorStats | undefined) => void) | undefined;
  #ended = false;
  #wakeFdOpen = true;
  #lastId = 0;

  /** @param start the compiled file of the sensor, or a thread that has begun to read it */
  constructor(
    start: URL | EarlySensor,
    options: Omit<SensorOptions, 'wakeFd' | 'gauges'>,
    private readonly listener: SensorListener,
  ) {
    const shared = new SharedArrayBuffer(4 * GAUGE_SLOTS);
    this.gauges = new Int32Array(shared);
    this.#wakeFd = createEventfd();
    const all: SensorOptions = { ...options, wakeFd: this.#wakeFd, gauges: shared };
    const isEarly = !(start instanceof URL);
    this.#worker = isEarly ? start.take() : sensorWorker(start, all);
    if (isEarly) this.post({ kind: 'start', options: all });
    this.#worker.on('message', (message: FromSensor) => this.#receive(message));
    this.#worker.on('error', (error: unknown) =>
      this.#end(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', (status) =>
      this.#end(new SakerError('INTERNAL', `the sensor thread ended with status ${status}`)),
    );
    const failed = isEarly ? start.failed : undefined;
    if (failed !== undefined) setImmediate(() => this.#end(failed));
  }

  /** Counters of the sensor; `undefined` when it ended meanwhile. */
  async stats(): Promise<SensorStats | undefined> {
    const answer = await this.#ask((id) => ({ kind: 'stats', id }));
    return typeof answer === 'object' && 'types' in answer ? answer : undefined;
  }

  /**
   * Streams events that satisfy a rule, in the words of its output.
   *
   * @returns the number for `untap`
   * @throws SakerError with the sensor's reason when it refuses
   */
  async tap(rule: Rule, json: boolean, listener: TapListener): Promise<number> {
    let id = 0;
    const answer = await this.#ask((question) => {
      id = question;
      this.#taps.set(id, listener);
      return { kind: 'tap', id, rule, json };
    });
    if (answer !== 'done') this.#taps.delete(id);
    refuse(answer);
    return id;
  }

  /**
   * Records events that satisfy a rule; `recorded` tells of the end.
   *
   * @param path must not exist
   * @throws SakerError with the sensor's reason when it refuses
   */
  async record(rule: Rule, path: string, limit_bytes: number): Promise<void> {
    refuse(await this.#ask((id) => ({ kind: 'record', id, rule, path, limit_bytes })));
  }

  untap(id: number): void {
    if (this.#taps.delete(id)) this.post({ kind: 'untap', id });
  }

  /** Resolves with the last counters, or `undefined` if the thread does not answer in time. */
  async stop(limitMs: number): Promise<SensorStats | undefined> {
    if (this.#ended) return undefined;
    const stats = await new Promise<SensorStats | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), limitMs);
      this.#stopped = (last) => {
        clearTimeout(timer);
        resolve(last);
      };
      this.post({ kind: 'stop' });
    });
    this.#ended = true;
    return stats;
  }

  post(message: ToSensor): void {
    if (this.#ended) return;
    this.#worker.postMessage(message);
    signalEventfd(this.#wakeFd);
  }

  /** Gives back what a batch took from a limit. */
  taken(slot: number, bytes: number): void {
    Atomics.sub(this.gauges, slot, bytes);
  }

  #receive(message: FromSensor): void {
    switch (message.kind) {
      case 'stats':
        this.#answer(message.id, message.stats);
        break;
      case 'tapped':
        this.#answer(message.id, message.failure ?? 'done');
        break;
      case 'events':
        this.taken(GAUGE_EVENT_BYTES, message.gaugeBytes);
        this.#taps.get(message.id)?.(message.text, message.dropped);
        break;
      case 'stopped':
        this.#stopped?.(message.stats);
        break;
      default:
        this.listener.message(message);
    }
  }

  async #ask(question: (id: number) => ToSensor): Promise<Answer> {
    if (this.#ended) return 'ended';
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#questions.set(id, resolve);
      this.post(question(id));
    });
  }

  #answer(id: number, answer: Answer): void {
    this.#questions.get(id)?.(answer);
    this.#questions.delete(id);
  }

  #end(error: Error): void {
    for (const resolve of this.#questions.values()) resolve('ended');
    this.#questions.clear();
    const expected = this.#ended || this.#stopped !== undefined;
    this.#stopped?.(undefined);
    if (this.#wakeFdOpen) closeFd(this.#wakeFd);
    this.#wakeFdOpen = false;
    this.#ended = true;
    if (!expected) this.listener.crashed(error);
  }
}

/** `ended`: the thread is gone and will not answer. */
type Answer = SensorStats | Failure | 'done' | 'ended';

function refuse(answer: Answer): void {
  if (answer === 'done') return;
  if (answer === 'ended' || 'types' in answer)
    throw new SakerError('INTERNAL', 'the sensor does not answer');
  throw new SakerError(answer.code, answer.message, { hint: answer.hint });
}
