// Denial that outlives the agent: pins of its hooks and of the journal, and the way from the pins of an
// earlier agent to its own, in which both deny and never none.
import { closeFd, waitForHooks } from '../bpf/libc.js';
import { mapOfFd } from '../bpf/object-id.js';
import { type Pin, PinFolder } from '../bpf/pin.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { parseStat, readProc } from '../enrich/proc-files.js';
import { BpfError } from '../errors.js';
import {
  type FindMap,
  JOURNAL_MAPS,
  Journal,
  readJournal,
  type Untold,
} from '../respond/journal.js';

/** What was left by earlier agents, once it is gone. */
export interface Inherited {
  /** Hooks that went on without their agent. */
  hooks: number;
  /** Journals that could be read. */
  journals: readonly Untold[];
  /** Journals of agents with other layouts: what they hold is not known. */
  unread: number;
}

/** Programs that take verdicts; others have nothing to do without an agent. */
export function outlives(program: string): boolean {
  return program.startsWith('deny_');
}

/** Pins what this agent attaches, as long as it is told to. */
export class Persistence {
  readonly #run: string;
  readonly #pinned = new Set<string>();
  readonly #journal: Journal;
  #mark: readonly bigint[] | undefined;

  /**
   * @param agent this process, as the kernel knows it
   * @throws BpfError when the kernel refuses to pin
   */
  constructor(
    private readonly object: SensorObject,
    private readonly folder: PinFolder,
    agent: { pid: number; start_ns: bigint },
  ) {
    this.#run = runOf(agent);
    this.#journal = new Journal((name) => object.object.map(name), agent);
    for (const name of JOURNAL_MAPS) folder.pin(this.#pin('map', name), object.object.map(name).fd);
    this.#follow();
    object.onChange(() => this.#follow());
  }

  /** Names the rules of a plan before it is in force; see `Journal.name`. */
  name(slot: number, rules: readonly string[]): void {
    this.#journal.name(slot, rules);
  }

  /**
   * Marks in the journal what has been told; to be called from time to time.
   *
   * @param drained nothing waits in the ring: what was marked the last time is on its way to outputs
   */
  tick(drained: boolean): void {
    if (drained && this.#mark !== undefined) this.#journal.told(this.#mark);
    if (drained || this.#mark === undefined) this.#mark = this.#journal.mark();
  }

  /** Whether a pin was made by this agent. */
  isOwn(pin: Pin): boolean {
    return pin.run === this.#run;
  }

  /** Forgets the memory; the pins stay. May be called twice. */
  close(): void {
    this.#journal.close();
  }

  // New hooks are pinned, and those that no rule needs any more are not.
  #follow(): void {
    const now = new Map(
      this.object.links().flatMap(({ program, fd }) => (outlives(program) ? [[program, fd]] : [])),
    );
    for (const [program, fd] of now) {
      if (this.#pinned.has(program)) continue;
      this.folder.pin(this.#pin('link', program), fd);
      this.#pinned.add(program);
    }
    for (const program of this.#pinned) {
      if (now.has(program)) continue;
      this.folder.remove(this.#pin('link', program));
      this.#pinned.delete(program);
    }
  }

  #pin(kind: Pin['kind'], object: string): Pin {
    return { kind, object, run: this.#run };
  }
}

/** This process, as the kernel knows it; its start in hundredths of a second. */
export function ownProcess(): { pid: number; start_ns: bigint } {
  return processOf(process.pid);
}

/** The process that started this one, or took it over. */
export function ownParent(): { pid: number; start_ns: bigint } {
  return processOf(process.ppid);
}

function processOf(pid: number): { pid: number; start_ns: bigint } {
  const stat = parseStat(readProc(`/proc/${pid}/stat`) ?? '');
  return { pid, start_ns: BigInt(stat?.start_ticks ?? 0) * TICK_NS };
}

/** USER_HZ is 100 on every architecture that we run on. */
const TICK_NS = 10_000_000n;

/**
 * Removes what other agents left in a folder, and tells what they denied that was not told. To be called
 * when the own hooks are attached and know their rules: from then on they alone deny.
 *
 * @returns `undefined` where there was nothing
 * @throws HostError when something in the folder is not ours; then nothing was removed
 */
export function inherit(path: string, own: Persistence | undefined): Inherited | undefined {
  const folder = PinFolder.find(path);
  if (folder === undefined) return undefined;
  const inherited = clear(folder, (pin) => own?.isOwn(pin) === true);
  if (own === undefined) folder.removeEmpty();
  return inherited.hooks + inherited.journals.length + inherited.unread > 0 ? inherited : undefined;
}

/** Removes pins, but for those that stay, and tells what was denied by them and not told. */
export function clear(folder: PinFolder, stays: (pin: Pin) => boolean = () => false): Inherited {
  const others = folder.pins().filter((pin) => !stays(pin));
  const maps = others.filter(({ kind }) => kind === 'map');
  const open = maps.flatMap((pin) => {
    const fd = folder.open(pin);
    return fd === undefined ? [] : [{ pin, fd }];
  });
  try {
    // Hooks first: what they deny until then is in the journal.
    const links = others.filter(({ kind }) => kind === 'link');
    for (const pin of links) folder.remove(pin);
    if (links.length > 0) waitForHooks();
    const runs = [...new Set(maps.map(({ run }) => run))];
    const read = runs.map((run) => journalOf(open.filter(({ pin }) => pin.run === run)));
    for (const pin of maps) folder.remove(pin);
    const journals = read.filter((journal) => journal !== undefined);
    return { hooks: links.length, journals, unread: runs.length - journals.length };
  } finally {
    for (const { fd } of open) closeFd(fd);
  }
}

/** Journals of the agents that pin in a folder, without changing anything. */
export function journalsIn(folder: PinFolder): Untold[] {
  const maps = folder.pins().filter(({ kind }) => kind === 'map');
  return [...new Set(maps.map(({ run }) => run))].flatMap((run) => {
    const open = maps
      .filter((pin) => pin.run === run)
      .flatMap((pin) => {
        const fd = folder.open(pin);
        return fd === undefined ? [] : [{ pin, fd }];
      });
    try {
      const journal = journalOf(open);
      return journal === undefined ? [] : [journal];
    } finally {
      for (const { fd } of open) closeFd(fd);
    }
  });
}

function journalOf(open: readonly { pin: Pin; fd: number }[]): Untold | undefined {
  const find: FindMap = (name) => {
    const found = open.find(({ pin }) => pin.object === name);
    if (found === undefined) throw new BpfError('BPF_MAP', `the pinned journal has no ${name}`);
    return mapOfFd(name, found.fd);
  };
  try {
    return readJournal(find);
  } catch (error) {
    if (error instanceof BpfError) return undefined; // half of it is missing: as if of another layout
    throw error;
  }
}

// Two agents never have both in common, nor does one after a boot: bpf file systems end with it.
function runOf({ pid, start_ns }: { pid: number; start_ns: bigint }): string {
  return (start_ns ^ (BigInt(pid) << 40n)).toString(16).slice(-16);
}
