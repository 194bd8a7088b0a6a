// A real ring that is filled by the load while nobody reads it.

import { openSensorObject, type SensorObject } from '../../src/bpf/sensor-object.js';
import { type RecordSink, Ring } from '../../src/capture/ring.js';
import { IA32_CALLS, nativeOfIa32 } from '../../src/rules/events.js';
import { runLoad } from './load.js';

const RING_BYTES = 128 << 20;
const LOAD_CPU = 0;

/** Hooks of its own and their ring; `close` must be called. Needs root. */
export class FilledRing {
  readonly #object: SensorObject;
  readonly #ring: Ring;

  /** @param types system calls to watch, by native number */
  constructor(private readonly types: readonly number[]) {
    this.#object = openSensorObject({
      object_path: 'dist/saker.bpf.o',
      ring_bytes: RING_BYTES,
      ia32: Array.from({ length: Math.max(...IA32_CALLS.keys()) + 1 }, (_, n) => nativeOfIa32(n)),
      syscalls: [...types],
    });
    this.#ring = new Ring(this.#object.mapRing());
    this.#object.attachLifecycle();
  }

  /** Runs an operation `count` times; its records stay in the ring. */
  fill(operation: string, count: number): void {
    this.fillBy(() => runLoad(operation, count, LOAD_CPU));
  }

  /** Watches while `act` runs; the records stay in the ring. */
  fillBy(act: () => void): void {
    this.#object.want([...this.types]);
    act();
    this.#object.want([]);
  }

  /** Hands out all that is there; returns how many records. */
  drain(sink: RecordSink): number {
    return this.#ring.drain(sink, Number.MAX_SAFE_INTEGER);
  }

  close(): void {
    this.#ring.close();
    this.#object.close();
  }
}
