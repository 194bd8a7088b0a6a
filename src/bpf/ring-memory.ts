// The memory of a ring buffer map, as the kernel lays it out.

import { type Mapping, mapMemory, pageBytes, protection } from './libc.js';

/** The ring map's memory; the shape that capture/ring.ts takes. */
export interface MappedRing {
  readonly consumer: ArrayBuffer;
  readonly producer: ArrayBuffer;
  readonly page_bytes: number;
  close(): void;
}

/**
 * Maps a ring's memory.
 *
 * @param ring_bytes size of its data, which the kernel maps twice, one behind the other
 * @throws BpfError when the kernel refuses
 */
export function mapRing(fd: number, ring_bytes: number): MappedRing {
  const page = pageBytes();
  const consumer: Mapping = mapMemory(fd, page, protection.read | protection.write, 0);
  try {
    const producer = mapMemory(fd, page + 2 * ring_bytes, protection.read, page);
    return {
      consumer: consumer.bytes,
      producer: producer.bytes,
      page_bytes: page,
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
