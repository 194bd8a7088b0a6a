// The memory of a ring buffer map, as the kernel lays it out.

import { type Mapping, mapMemory, pageBytes, protection } from './libc.js';

/** The ring map's memory; the shape that capture/ring.ts takes. */
export interface MappedRing {
  readonly consumer: ArrayBuffer;
  readonly producer: ArrayBuffer;
  readonly page_bytes: number;
  readonly data_bytes: number;
  close(): void;
}

/** A record is shorter: places in it have 16 bits (`struct span`). */
const MOST_RECORD_BYTES = 1 << 16;

/**
 * Maps a ring's memory.
 *
 * The kernel would map its data twice in a row. Of the second time as much is taken as a record that begins at
 * the end of the first may need: pages that are mapped twice count twice as resident.
 *
 * @param ring_bytes size of its data
 * @throws BpfError when the kernel refuses
 */
export function mapRing(fd: number, ring_bytes: number): MappedRing {
  const page = pageBytes();
  const behind = Math.min(ring_bytes, MOST_RECORD_BYTES);
  const consumer: Mapping = mapMemory(fd, page, protection.read | protection.write, 0);
  try {
    const producer = mapMemory(fd, page + ring_bytes + behind, protection.read, page);
    return {
      consumer: consumer.bytes,
      producer: producer.bytes,
      page_bytes: page,
      data_bytes: ring_bytes,
      close() {
        consumer.close();
        producer.close();
      },
    };
  } catch (error) {
    consumer.close();
    throw error;
  }
}
