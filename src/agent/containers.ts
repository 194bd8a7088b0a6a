// The main thread's end of container metadata: asks the runtimes of the host for the sensor.
import type { ContainerMetadata } from '../decode/event.js';
import type { ContainerEngines, RuntimeCounts, Runtimes } from '../enrich/runtimes.js';
import type { Logger } from '../log.js';
import type { FromSensor } from '../sensor/protocol.js';

/** What the sensor says of containers. */
type ContainerMessage = Extract<FromSensor, { kind: 'containers' | 'container_wanted' }>;

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
  #runtimes: Promise<Runtimes> | undefined;
  #started: Runtimes | undefined;

  constructor(private readonly options: ContainerAnswersOptions) {}

  /** Begins or ends to follow what happens to containers, or finds out about one of them. */
  take(message: ContainerMessage): void {
    if (message.kind === 'container_wanted') void this.#answer(message.full_id, message.type);
    else if (message.wanted) this.#runtimes ??= this.#start();
    else this.close();
  }

  /** Since it began to follow; `undefined` while nothing is asked. */
  get counts(): RuntimeCounts | undefined {
    return this.#started?.counts;
  }

  close(): void {
    void this.#runtimes?.then((runtimes) => {
      runtimes.close();
      if (this.#started === runtimes) this.#started = undefined;
    });
    this.#runtimes = undefined;
  }

  async #answer(fullId: string, type: string): Promise<void> {
    const runtimes = await this.#runtimes;
    const metadata = await runtimes?.lookup(fullId, type);
    this.options.tell(fullId, metadata);
  }

  async #start(): Promise<Runtimes> {
    // Read when it is wanted: HTTP/2 comes with it.
    const { makeRuntimes, Runtimes } = await import('../enrich/runtimes.js');
    const { engines, labelBytes, log, tell } = this.options;
    const runtimes = new Runtimes(makeRuntimes(engines, labelBytes), { log, onUpdate: tell });
    runtimes.start();
    this.#started = runtimes;
    return runtimes;
  }
}
