// When a file of alerts is put aside, under which name, and which old ones go.
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** What the configuration says; 0 switches a bound off. */
export interface RotationOptions {
  /** The file never grows above it, unless a single line is longer. */
  max_bytes: number;
  /** A new file begins whenever such a span of UTC does: 24 h at midnight. */
  interval_ms: number;
  /** So many old files stay; 0: all. */
  keep: number;
  /** Old files are compressed, in the background. */
  compress: boolean;
}

/** Nothing is ever put aside. */
export const NO_ROTATION: RotationOptions = {
  max_bytes: 0,
  interval_ms: 0,
  keep: 0,
  compress: false,
};

/** Puts one file aside, again and again. */
export class Rotation {
  #compressing: Promise<void> = Promise.resolve();

  constructor(
    private readonly filename: string,
    private readonly options: RotationOptions,
    /** What did not work in the background: the file is there, but not compressed or not removed. */
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Whether a file in this state takes no more, `coming` being the next bytes. */
  isDue(file: Stats, coming: number, now_ms: number): boolean {
    const { max_bytes, interval_ms } = this.options;
    // Devices and pipes have no size, and an empty file is as good as a new one.
    if (!file.isFile() || file.size === 0) return false;
    if (max_bytes > 0 && file.size + coming > max_bytes) return true;
    return (
      interval_ms > 0 && Math.floor(file.mtimeMs / interval_ms) < Math.floor(now_ms / interval_ms)
    );
  }

  /** How many of the bytes, whole lines, may go into a file of this size; at least one line. */
  room(size: number, bytes: Uint8Array): number {
    const { max_bytes } = this.options;
    if (max_bytes === 0 || size + bytes.length <= max_bytes) return bytes.length;
    const fitting = bytes.lastIndexOf(LF, Math.max(max_bytes - size, 1) - 1) + 1;
    return fitting > 0 ? fitting : bytes.indexOf(LF) + 1 || bytes.length;
  }

  /**
   * Renames the file; whoever has it open still writes to it, and opens a new one.
   *
   * @throws errors of rename(2): then nothing has changed.
   */
  putAside(now_ms: number): void {
    const folder = dirname(this.filename);
    const taken = new Set(this.#old());
    const stamp = new Date(now_ms).toISOString().replace(/[-:]/g, '');
    let name = `${basename(this.filename)}.${stamp}`;
    for (let next = 2; taken.has(name) || taken.has(`${name}.gz`); next++)
      name = `${basename(this.filename)}.${stamp}-${next}`;
    renameSync(this.filename, join(folder, name));
    this.#compressing = this.#compressing
      .then(() => (this.options.compress ? compress(join(folder, name)) : undefined))
      .then(() => this.#removeOld())
      .catch(this.failed);
  }

  /** Resolves when what was put aside is compressed. */
  async idle(): Promise<void> {
    await this.#compressing;
  }

  #removeOld(): void {
    const folder = dirname(this.filename);
    const start = `${basename(this.filename)}.`;
    // Half a file from an agent that was stopped while it compressed; nobody is at it now.
    for (const name of readdirSync(folder))
      if (name.startsWith(start) && PART.test(name.slice(start.length))) rmSync(join(folder, name));
    const { keep } = this.options;
    if (keep === 0) return;
    for (const name of this.#old().slice(0, -keep)) rmSync(join(folder, name));
  }

  /** Names of files that were put aside, oldest first. */
  #old(): string[] {
    const start = `${basename(this.filename)}.`;
    return readdirSync(dirname(this.filename))
      .filter((name) => name.startsWith(start) && STAMP.test(name.slice(start.length)))
      .map((name) => ({ name, key: orderOf(name.slice(start.length)) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ name }) => name);
  }
}

const LF = 10;
const PART = /^\d{8}T\d{6}\.\d{3}Z(?:-\d+)?\.part$/;
const STAMP = /^\d{8}T\d{6}\.\d{3}Z(?:-\d+)?(?:\.gz)?$/;

/** The stamp, then the number behind it, both of fixed width. */
function orderOf(suffix: string): string {
  const [stamp = '', number = '1'] = suffix.replace(/\.gz$/, '').split('-');
  return `${stamp}-${number.padStart(9, '0')}`;
}

async function compress(file: string): Promise<void> {
  if (!existsSync(file)) return; // so many were put aside at once that this one had to go
  const half = `${file}.part`;
  try {
    await pipeline(createReadStream(file), createGzip(), createWriteStream(half, { mode: 0o600 }));
  } catch (error) {
    rmSync(half, { force: true }); // the disk is full, perhaps: the file stays as it is
    throw error;
  }
  renameSync(half, `${file}.gz`);
  rmSync(file);
}
