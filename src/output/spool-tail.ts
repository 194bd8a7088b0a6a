// Looks at the end of LevelDB's log before it is opened: what a crash of the host left half-written is
// dropped there without a word, and we want to say so.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * How many bytes of the store's logs are not whole records: cut short, or not what their checksum
 * says. Zero also when there is no log to read.
 *
 * Layout: leveldb doc/log_format.md; blocks of 32 KiB, in which each record has a header of 7 bytes:
 * masked CRC-32C, length, and whether it is a whole record or a part.
 */
export async function damagedLogBytes(folder: string): Promise<number> {
  let damaged = 0;
  for (const name of await names(folder)) {
    if (!/^\d+\.log$/.test(name)) continue;
    try {
      damaged += damagedBytes(await readFile(join(folder, name)));
    } catch {
      // Opening the store will fail for the same reason, and say it.
    }
  }
  return damaged;
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // there is no store yet
  }
}

/** The same for the bytes of one log. */
export function damagedBytes(log: Buffer): number {
  let at = 0;
  let damaged = 0;
  let open_from: number | undefined; // where a record of several parts began
  while (at < log.length) {
    const block_end = Math.min(at - (at % BLOCK) + BLOCK, log.length);
    const left = block_end - at;
    const size = left < HEADER ? 0 : HEADER + log.readUInt16LE(at + 4);
    const kind = left < HEADER ? PADDING : log.readUInt8(at + 6);
    if (left < HEADER || (kind === PADDING && size === HEADER)) {
      // The rest of a block is zeros. A header cut short is not.
      if (log.subarray(at, block_end).some((byte) => byte !== 0)) damaged += left;
      at = block_end;
    } else if (
      size > left ||
      kind > LAST ||
      log.readUInt32LE(at) !== masked(log.subarray(at + 6, at + size))
    ) {
      damaged += left; // as LevelDB does: a wrong length would mislead
      at = block_end;
    } else {
      if (kind === FIRST) open_from = at;
      else if (kind === FULL || kind === LAST) open_from = undefined;
      at += size;
    }
  }
  return open_from === undefined ? damaged : damaged + (log.length - open_from);
}

const BLOCK = 32 * 1024;
const HEADER = 7;
const PADDING = 0;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

// leveldb util/crc32c.h: stored checksums are rotated and shifted.
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

// Castagnoli's polynomial, bits reversed.
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
