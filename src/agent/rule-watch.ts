// Notices that rule files changed, by looking at them every two seconds. Notification (inotify) was not
// taken: it says nothing of network file systems, nor of links above the watched folder, and a busy
// folder would keep the main thread busy. A look costs a stat per file and sees every kind of change:
// a file written in place, renamed over by an editor, or behind a link that was turned elsewhere, as
// Kubernetes does with the `..data` of a ConfigMap.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRuleFileName } from '../cli/rule-files.js';

/** What to look at, and how often; tests hurry. */
export interface RuleWatchOptions {
  /** Files and folders; asked before every look. */
  paths(): readonly string[];
  /** Something changed and has been still since. Also called after the first look. */
  changed(): void;
  interval_ms?: number;
  /** How long nothing may change before `changed` is called: writing a file takes more than one step. */
  settle_ms?: number;
}

/** Looks at files until it is closed. */
export class RuleWatch {
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #intervalMs: number;
  readonly #settleMs: number;

  constructor(private readonly options: RuleWatchOptions) {
    this.#intervalMs = options.interval_ms ?? 2000;
    this.#settleMs = options.settle_ms ?? 250;
    void this.#look(undefined, 0);
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(before: string | undefined, looks: number): Promise<void> {
    const now = await fingerprint(this.options.paths());
    if (this.#closed) return;
    // A file that never rests is read in the end all the same.
    const still = now === before || looks >= MAX_LOOKS;
    if (now !== this.#seen && !still) {
      this.#next(now, looks + 1, this.#settleMs);
      return;
    }
    if (now !== this.#seen) {
      this.#seen = now;
      this.options.changed();
    }
    this.#next(undefined, 0, this.#intervalMs);
  }

  // The next look begins when this one has ended: a file system that hangs holds one thread of the pool.
  #next(before: string | undefined, looks: number, delayMs: number): void {
    this.#timer = setTimeout(() => void this.#look(before, looks), delayMs).unref();
  }
}

const MAX_LOOKS = 20;

async function fingerprint(paths: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const path of paths) {
    const { text, folder } = await look(path);
    lines.push(text);
    if (folder) lines.push(...(await lookInside(path)));
  }
  return lines.join('\n');
}

async function lookInside(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter(isRuleFileName).sort();
    return await Promise.all(names.map(async (name) => (await look(join(folder, name))).text));
  } catch (error) {
    return [String(error)];
  }
}

async function look(path: string): Promise<{ text: string; folder: boolean }> {
  try {
    const found = await stat(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    // A folder's own times change with every file in it, also with those that are none of ours.
    if (found.isDirectory()) return { text: `${path} folder`, folder: true };
    return { text: `${path} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, folder: false };
  } catch (error) {
    return { text: `${path} ${String(error)}`, folder: false };
  }
}
