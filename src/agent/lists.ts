// Files of indicators that rules look values up in: read when they are first needed, and again when
// they have changed.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Logger } from '../log.js';

/** A list as it is now; another object when the file has changed. */
export type Indicators = readonly string[];

/** Larger files are refused: in memory they take about three times as much. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** The lists that rules name. */
export class AgentLists {
  readonly #lists = new Map<string, List>();

  constructor(private readonly log: Pick<Logger, 'warn' | 'info'>) {}

  /** Looks whether the files are as they were, and reads those that are not. Never rejects. */
  async refresh(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => this.#refresh(path)));
  }

  /** What a file says, one entry a line, as JS text; empty as long as it could not be read. */
  of(path: string): Indicators {
    return this.#lists.get(path)?.entries ?? NONE;
  }

  /** Forgets the lists that are not among these. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#lists.keys()) if (!paths.has(path)) this.#lists.delete(path);
  }

  // One look at a time; all who come meanwhile share the next.
  #refresh(path: string): Promise<void> {
    const list = this.#lists.get(path) ?? { entries: NONE, state: '', told: '', problem: '' };
    this.#lists.set(path, list);
    if (list.next !== undefined) return list.next;
    const looking = (list.looking ?? Promise.resolve()).then(() => {
      list.looking = looking;
      list.next = undefined;
      return this.#look(path, list);
    });
    list.next = looking;
    return looking;
  }

  async #look(path: string, list: List): Promise<void> {
    try {
      // Without O_NONBLOCK a pipe would hold one of Node's threads until somebody writes to it.
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const stat = await file.stat({ bigint: true });
        const state = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
        if (state === list.state) return;
        if (!stat.isFile()) throw new Error('it is no file');
        if (stat.size > MAX_LIST_BYTES) throw new Error(`it has more than ${MAX_LIST_BYTES} bytes`);
        list.entries = entriesOf(await file.readFile('utf8'));
        list.problem = '';
        // The kernel's times are coarse: who writes twice in one tick leaves the same.
        list.state = Date.now() - Number(stat.mtimeNs / 1_000_000n) < COARSE_MS ? '' : state;
        if (state !== list.told)
          this.log.info({ path, entries: list.entries.length }, 'a list of indicators is read');
        list.told = state;
      } finally {
        await file.close();
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      // Once for each reason; what was known stays.
      if (problem !== list.problem)
        this.log.warn({ path, error: problem }, 'a list of indicators cannot be read');
      list.problem = problem;
      list.state = '';
    }
  }
}

/** The entries of a list: one a line, without blanks around; lines that begin with # are remarks. */
export function entriesOf(text: string): Indicators {
  const entries: string[] = [];
  for (const line of text.split('\n')) {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    // Hashes are written in either case.
    entries.push(/^[0-9A-Fa-f]{64}$/.test(entry) ? entry.toLowerCase() : entry);
  }
  return entries;
}

interface List {
  entries: Indicators;
  /** What tells one state of the file from another; empty when it must be read. */
  state: string;
  /** The state that the log has. */
  told: string;
  problem: string;
  /** Under way, and the one after it. */
  looking?: Promise<void>;
  next?: Promise<void> | undefined;
}

const NONE: Indicators = [];
const COARSE_MS = 100;
