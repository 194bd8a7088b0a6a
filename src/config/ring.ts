// The size of the memory that the kernel shares with the sensor.

import { cpus } from 'node:os';
import type { Section } from './section.js';

const FEWEST_BYTES = 1 << 16;
const MOST_BYTES = 1 << 30;
const MIB = 1 << 20;
/** All processors fill one ring; Falco has as much for each. */
const BYTES_PER_PROCESSOR = 8 * MIB;
/** It is resident from the start on: enough for bursts, whatever the host. */
const MOST_UNASKED_BYTES = 64 * MIB;

/** The key `ring_bytes`; 0 where nothing was asked for. */
export function readRing(top: Section): number {
  const bytes = top.integer('ring_bytes', 0);
  // bpf(2): a power of two and a multiple of the page size.
  const isPossible = Number.isInteger(Math.log2(bytes)) && bytes >= FEWEST_BYTES;
  if (bytes !== 0 && !(isPossible && bytes <= MOST_BYTES))
    top.refuse('ring_bytes', `expected a power of two from ${FEWEST_BYTES} to ${MOST_BYTES}`);
  return bytes;
}

/**
 * Bytes of the ring.
 *
 * @param asked as the configuration says
 * @param processors those of the host that are online: they fill it, wherever the agent may run
 */
export function ringBytes(asked: number, processors: number = cpus().length): number {
  if (asked !== 0) return asked;
  const wanted = BYTES_PER_PROCESSOR * Math.max(1, processors);
  return Math.min(MOST_UNASKED_BYTES, 2 ** Math.ceil(Math.log2(wanted)));
}
