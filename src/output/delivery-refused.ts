// The dead-letter file: alerts that an output will never take, with the reason. One JSON object a line.
import { open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../log.js';
import { makeFolder } from './make-folder.js';
import type { RefusedAlert } from './remote.js';

/** Appends to a file; at `max_bytes` it is renamed to `FILE.1`, and what was there is gone. */
export class RefusedFile {
  #failing = false;
  #writes: Promise<void> = Promise.resolve();

  constructor(
    readonly file: string,
    private readonly max_bytes: number,
    private readonly log: Logger,
  ) {}

  /** Resolves when they are on disk. A disk that refuses is told once; the alerts are lost then. */
  add(output: string, refused: readonly RefusedAlert[]): Promise<void> {
    const time = new Date().toISOString();
    const lines = refused.map(({ alert, reason }) => {
      const about = JSON.stringify({ time, output, reason, event_id: alert.event_id });
      return `${about.slice(0, -1)},"alert":${alert.json}}\n`;
    });
    this.#writes = this.#writes.then(() => this.#append(lines.join('')));
    return this.#writes;
  }

  async #append(text: string): Promise<void> {
    try {
      await this.#write(text);
      this.#failing = false;
    } catch (error) {
      const { file } = this;
      if (!this.#failing)
        this.log.error({ file, err: error }, 'refused alerts cannot be put aside: they are lost');
      this.#failing = true;
    }
  }

  async #write(text: string): Promise<void> {
    await makeFolder(dirname(this.file), 0o700);
    const size = await stat(this.file).then(
      (found) => found.size,
      () => 0, // there is none yet
    );
    if (size > 0 && size + text.length > this.max_bytes) await rename(this.file, `${this.file}.1`);
    const handle = await open(this.file, 'a', 0o600);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}
