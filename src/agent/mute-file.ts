// The mutes on disk, so that a restart of the agent does not end them: small, bounded, and believed only
// as far as `saker mute` itself would go.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../output/make-folder.js';

/** A rule that is muted until then, milliseconds since 1970. */
export interface KeptMute {
  rule: string;
  until_ms: number;
}

/** The file of one agent. */
export class MuteFile {
  readonly path: string;
  #writes: Promise<void> = Promise.resolve();

  /**
   * @param folder that of the spool
   * @param agent what tells it from another agent with the same folder: its control socket
   */
  constructor(
    private readonly folder: string,
    private readonly agent: string,
  ) {
    this.path = join(folder, FILE);
  }

  /**
   * The mutes that are still to last; none when there is no file, or when it is another agent's.
   *
   * @throws when the file cannot be read or does not say mutes
   */
  read(now_ms: number, longest_ms: number): KeptMute[] {
    const bytes = bytesOf(this.path);
    if (bytes === undefined) return [];
    if (bytes.length > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    const { agent, mutes } = mapping(JSON.parse(bytes.toString('utf8')));
    if (typeof agent !== 'string' || !Array.isArray(mutes)) throw new Error('it says no mutes');
    if (agent !== this.agent) return [];
    return mutes
      .slice(0, MAX_MUTES)
      .map(mute)
      .filter(({ until_ms }) => until_ms > now_ms)
      .map(({ rule, until_ms }) => ({ rule, until_ms: Math.min(until_ms, now_ms + longest_ms) }));
  }

  /** Resolves when they are written. @throws what the disk says */
  write(mutes: readonly KeptMute[]): Promise<void> {
    const text = `${JSON.stringify({ agent: this.agent, mutes: mutes.slice(0, MAX_MUTES) })}\n`;
    const written = this.#writes.then(async () => {
      await makeFolder(this.folder, 0o700);
      writeFileSync(`${this.path}.new`, text, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path); // a crash leaves the old one or the new one
    });
    this.#writes = written.catch(() => {}); // whoever called hears of it
    return written;
  }
}

const FILE = 'mutes.json';
const MAX_BYTES = 1024 * 1024;
const MAX_MUTES = 1000;
/** Of a rule's name. */
const MAX_NAME = 1000;

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function mute(value: unknown): KeptMute {
  const { rule, until_ms } = mapping(value);
  if (typeof rule !== 'string' || rule === '' || rule.length > MAX_NAME)
    throw new Error('it says no mutes');
  if (typeof until_ms !== 'number' || !Number.isSafeInteger(until_ms))
    throw new Error('it says no mutes');
  return { rule, until_ms };
}

function mapping(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}
