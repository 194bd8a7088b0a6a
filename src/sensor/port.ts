// The sensor's end of the messages between it and the main thread.
import { setTimeout } from 'node:timers/promises';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type AlertBatch, memoryOf } from '../output/batch.js';
import type { FromSensor, SensorOptions, ToSensor } from './protocol.js';

/** Between two looks for a message, where nothing else wakes the thread. */
const LOOK_MS = 2;

/** Takes messages when it is asked to: while the sensor waits for events no JavaScript runs. */
export class SensorPort {
  constructor(private readonly port: MessagePort) {}

  /** The options of a thread that began before it was known what for; `undefined`: it is not needed. */
  async options(): Promise<SensorOptions | undefined> {
    for (;;) {
      const message = this.next();
      if (message?.kind === 'start') return message.options;
      if (message?.kind === 'stop') return undefined;
      await this.pause();
    }
  }

  next(): ToSensor | undefined {
    const received: { message: ToSensor } | undefined = receiveMessageOnPort(this.port);
    return received?.message;
  }

  /** Lets promises settle for a moment. */
  async pause(): Promise<void> {
    await setTimeout(LOOK_MS);
  }

  post(message: FromSensor): void {
    this.port.postMessage(message);
  }

  /** The memory of the batch goes over with it. */
  postBatch(batch: AlertBatch): void {
    this.port.postMessage({ kind: 'alerts', batch } satisfies FromSensor, memoryOf(batch));
  }

  log(level: 'info' | 'warn', message: string, fields: Record<string, unknown>): void {
    this.post({ kind: 'log', level, message, fields });
  }

  /** Nothing more comes or goes. */
  close(): void {
    this.port.close();
  }
}
