// The main thread's end of container metadata: asks the runtimes of the host for the sensor.
import type { ContainerMetadata } from '../decode/event.js';
import {
  type ContainerEngines,
  makeRuntimes,
  type RuntimeCounts,
  Runtimes,
} from '../enrich/runtimes.js';
import type { Logger } from '../log.js';

/** What is asked, and where answers go. */
export interface ContainerAnswersOptions {
  engines: ContainerEngines;
  labelBytes: number;
  log: Logger;
  /** Hands an answer to the sensor; `undefined`: no runtime knows the container. */
  tell(fullId: string, metadata: ContainerMetadata | undefined): void;
}

/** Speaks to container runtimes for as long as a rule reads what they know. */
export class ContainerAnswers {
  #runtimes: Runtimes | undefined;

  constructor(private readonly options: ContainerAnswersOptions) {}

  /** Begins or ends to follow what happens to containers. */
  follow(wanted: boolean): void {
    if (!wanted) {
      this.close();
      return;
    }
    if (this.#runtimes !== undefined) return;
    const { engines, labelBytes, log, tell } = this.options;
    this.#runtimes = new Runtimes(makeRuntimes(engines, labelBytes), { log, onUpdate: tell });
    this.#runtimes.start();
  }

  /** Finds out about one container. */
  async answer(fullId: string, type: string): Promise<void> {
    const metadata = await this.#runtimes?.lookup(fullId, type);
    this.options.tell(fullId, metadata);
  }

  /** Since it began to follow; `undefined` while nothing is asked. */
  get counts(): RuntimeCounts | undefined {
    return this.#runtimes?.counts;
  }

  close(): void {
    this.#runtimes?.close();
    this.#runtimes = undefined;
  }
}
