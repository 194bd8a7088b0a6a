// The sensor's thread before it is known what for: to read its code takes as long as to read the main
// thread's, and there is more than one processor.
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { shareArenas } from '../bpf/libc.js';
import { SENSOR_THREAD } from '../files.js';
import { compileNothing } from './compilers.js';
import type { ToSensor } from './protocol.js';

/** A sensor thread without work; a `SensorThread` takes it over, or `end` ends it. */
export class EarlySensor {
  /** Waits for the message `start`. */
  readonly worker: Worker;
  /** Why it has ended already. */
  failed: Error | undefined;
  #taken = false;
  #ended = false;

  constructor() {
    shareArenas(2);
    this.worker = sensorWorker(SENSOR_THREAD, undefined);
    // Not before: Node's own modules come compiled, which V8 does not believe once a flag has changed (Node 20).
    this.worker.once('online', () => {
      // The heaps of all threads grow by 2 MB from one collection to the next, not by 8: under fork+exec
      // the agent has 4 MB less resident (109 and 113 MiB in the same hour), and costs no more that can be seen.
      setFlagsFromString('--optimize-for-size');
      // A collection of a young generation this small takes a millisecond; four more threads that are woken for it
      // take more than they give, from whoever runs where they wake.
      setFlagsFromString('--no-parallel-scavenge');
      compileNothing();
    });
    this.worker.on('error', this.#fail);
    this.worker.once('exit', () => {
      this.#ended = true;
    });
  }

  /** Hands the thread over. */
  take(): Worker {
    this.#taken = true;
    this.worker.off('error', this.#fail);
    return this.worker;
  }

  /**
   * Ends a thread that nobody took, as soon as it has read its code; what somebody took is left alone. A thread
   * that is terminated while it loads native code may abort the whole process (koffi 3.3.4).
   */
  async end(): Promise<void> {
    if (this.#taken || this.#ended) return;
    const ended = new Promise((resolve) => this.worker.once('exit', resolve)); // also after an error
    this.worker.postMessage({ kind: 'stop' } satisfies ToSensor);
    await ended;
  }

  readonly #fail = (error: unknown): void => {
    this.failed = error instanceof Error ? error : new Error(String(error));
  };
}

/** Starts a sensor's thread. */
export function sensorWorker(file: URL, workerData: unknown): Worker {
  return new Worker(file, { name: 'saker-sensor', workerData, resourceLimits: LIMITS });
}

// The process tree is the sensor's largest possession: 30,000 processes at 2 KiB are 60 MB. A small
// young generation keeps the resident memory of an idle agent low; short-lived garbage is rare there.
const LIMITS = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 6, stackSizeMb: 4 };
