// The object as the sensor uses it: the programs this kernel takes, loaded once; hooks that are attached
// when something wants them; the maps they share with us.

import { checkAbi } from '../abi/check.js';
import { HostError } from '../errors.js';
import { type Attachment, attach } from './attach.js';
import { Control, type Ia32Numbers } from './control.js';
import { fillIa32, loadFirst, readObjectFile } from './first-load.js';
import { pageBytes } from './libc.js';
import { type BpfMap, u32Key } from './map.js';
import { BpfObject } from './object.js';
import { type CallSlot, DISPATCHER, PROGRAMS, programsFor, readCallSlots } from './programs.js';
import { type MappedRing, mapRing } from './ring-memory.js';
import { isVariables } from './section.js';
import { hooksOf } from './trial.js';

/** How to open the sensor's object. */
export interface SensorObjectOptions {
  /** `saker.bpf.o` */
  object_path: string;
  /** A power of two, at least a page. */
  ring_bytes: number;
  /** i386 number to native number; without it 32-bit calls are seen by nobody. */
  ia32: Ia32Numbers;
  /**
   * Native numbers whose programs are loaded at once; `want` makes them run, and tells why where the kernel
   * refuses them.
   */
  syscalls?: Iterable<number>;
}

const TASK_ITERATOR = 'iter_tasks';

/** Native numbers that i386 programs may reach through socketcall(2) and ipc(2). */
const SOCKETCALLS = new Set([
  41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 288, 299, 307,
]);
const IPC_CALLS = new Set([29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220]);

/**
 * Opens, checks and loads the sensor's object; nothing is attached yet.
 *
 * The verifier takes most of the time, so that only programs that something wants are loaded; `want`
 * loads others later. Programs whose hook this kernel lacks are left out.
 *
 * @throws AbiError when the object is of another build
 * @throws HostError when this kernel lacks a hook that nothing replaces
 * @throws BpfError when the kernel refuses the object
 */
export function openSensorObject(options: SensorObjectOptions): SensorObject {
  const bytes = readObjectFile(options.object_path);
  checkAbi(bytes);
  const page = pageBytes();
  if (options.ring_bytes < page || !Number.isInteger(Math.log2(options.ring_bytes))) {
    throw new HostError('HOST_UNABLE', `a ring of ${options.ring_bytes} bytes is not possible`, {
      hint: `use a power of two, at least ${page}`,
    });
  }
  const wanted = new Set(options.syscalls ?? []);
  const slots = readCallSlots(bytes);
  const calls = wanted.size > 0 ? [...programsFor(wanted, slots)] : [];
  const { object, missing } = loadFirst(bytes, options.ring_bytes, calls);
  try {
    fillIa32(object, options.ia32);
    return new SensorObject(object, bytes, slots, options, missing);
  } catch (error) {
    object.close();
    throw error;
  }
}

/** The loaded object. Closing it, or the death of the process, removes everything from the kernel. */
export class SensorObject {
  readonly control: Control;
  readonly counters: BpfMap;
  /** Native system calls that are wanted now. */
  wanted: ReadonlySet<number> = new Set();
  /** Are told when something was loaded, attached or detached, but not of the end. */
  readonly #listeners: (() => void)[] = [];
  private readonly attachments = new Map<string, Attachment>();
  /** Objects that were loaded later, for system calls that were not wanted at first. */
  private readonly additions: BpfObject[] = [];
  /** Programs on their way into the kernel, see `loadAside`. */
  private readonly loading = new Set<string>();

  constructor(
    /** For maps and programs that this class knows nothing about. */
    readonly object: BpfObject,
    private readonly bytes: Buffer,
    private readonly slots: readonly CallSlot[],
    private readonly options: SensorObjectOptions,
    /** Programs of the list that this kernel has no hook for. */
    readonly missing: readonly string[],
  ) {
    this.control = new Control(object.map('control'));
    this.counters = object.map('counters');
    this.fillCalls(object);
  }

  /** The ring's descriptor, for epoll. */
  get ring_fd(): number {
    return this.object.map('ring').fd;
  }

  /** True when running processes can be read through the iterator. */
  get can_iterate(): boolean {
    return this.object.has(TASK_ITERATOR);
  }

  /** Names of the programs that are attached now. */
  get attached(): string[] {
    return [...this.attachments.keys()];
  }

  /** Descriptors of everything that is in the kernel for us now. */
  fds(): { maps: number[]; programs: number[]; links: number[] } {
    const parts = [this.object, ...this.additions].map((object) => object.fds());
    return {
      maps: parts.flatMap(({ maps }) => maps),
      programs: parts.flatMap(({ programs }) => programs),
      links: [...this.attachments.values()].map(({ fd }) => fd),
    };
  }

  /** Maps the ring's memory. The caller closes it before the object. */
  mapRing(): MappedRing {
    return mapRing(this.ring_fd, this.options.ring_bytes);
  }

  /** Attaches the lifecycle hooks: from here on no process comes or goes unseen. */
  attachLifecycle(): void {
    for (const { name, family } of PROGRAMS) if (family === 'process') this.attach(name);
  }

  /** Detaches them: no process that comes or goes is counted any more. */
  detachLifecycle(): void {
    for (const { name, family } of PROGRAMS) if (family === 'process') this.detach(name);
  }

  /**
   * Says which native system calls are wanted from now on, loads what they need and is not there yet,
   * and attaches the dispatcher only while there are any: on `sys_exit` it costs every system call
   * of the host a tenth of a microsecond.
   *
   * @throws BpfError when the kernel refuses a program; what was wanted before stays wanted
   */
  want(natives: Iterable<number>): void {
    const wanted = new Set(natives);
    if (wanted.size > 0) this.load(programsFor(wanted, this.slots));
    const some = (calls: ReadonlySet<number>): boolean =>
      [...wanted].some((number) => calls.has(number));
    const multiplexed = { socketcall: some(SOCKETCALLS), ipc: some(IPC_CALLS) };
    this.control.want(wanted, this.options.ia32, multiplexed);
    this.wanted = wanted;
    if (wanted.size > 0) this.attach(DISPATCHER);
    else this.detach(DISPATCHER);
  }

  /** Of these programs those whose hook this kernel has. */
  hooked(names: readonly string[]): string[] {
    const sectionOf = (name: string): string => this.object.program(name).section;
    const isLsm = (section: string): boolean => section.startsWith('lsm/');
    const there = hooksOf(names.map(sectionOf).filter(isLsm));
    if (there === undefined) return [...names];
    return names.filter((name) => !isLsm(sectionOf(name)) || there.has(sectionOf(name)));
  }

  /** Attaches a loaded program that is not attached yet; one that was left out stays out. */
  attach(name: string): void {
    const object = [this.object, ...this.additions].find((one) => one.has(name));
    if (this.attachments.has(name) || object === undefined) return;
    this.attachments.set(name, attach(object, name));
    this.#changed();
  }

  /** Calls back whenever something was loaded, attached or detached, but not at the end. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The programs that are attached now, and the descriptors of their links. */
  links(): { program: string; fd: number }[] {
    return [...this.attachments.values()].map(({ program, fd }) => ({ program, fd }));
  }

  /** Detaches a program; nothing happens when it is not attached. */
  detach(name: string): void {
    const attachment = this.attachments.get(name);
    if (attachment === undefined) return;
    attachment.close();
    this.attachments.delete(name);
    this.#changed();
  }

  /** Detaches everything and forgets whom to tell; what is loaded can be attached again. */
  detachAll(): void {
    this.#listeners.length = 0;
    for (const name of [...this.attachments.keys()].reverse()) this.detach(name);
  }

  /** Detaches and frees everything. May be called twice. */
  close(): void {
    this.detachAll();
    this.control.close();
    for (const object of this.additions.splice(0)) object.close();
    this.object.close();
  }

  /**
   * Loads programs that are not there yet, into an object of their own that works on the first one's
   * maps. @throws BpfError when the kernel refuses one; then none is loaded
   */
  load(names: Iterable<string>): BpfObject | undefined {
    const absent = this.absent(names);
    if (absent.length === 0) return undefined;
    const addition = this.addition(absent);
    try {
      addition.load();
      this.add(addition);
    } catch (error) {
      addition.close();
      throw error;
    }
    return addition;
  }

  /**
   * Loads what these system calls need in other threads, while this one does something else; what is being
   * loaded already is left out. What the kernel refuses is left to `want`, which can tell why.
   */
  async loadAside(natives: Iterable<number>): Promise<void> {
    const wanted = new Set(natives);
    if (wanted.size === 0) return;
    const names = this.absent(programsFor(wanted, this.slots)).filter(
      (name) => !this.loading.has(name),
    );
    if (names.length === 0) return;
    for (const name of names) this.loading.add(name);
    const half = Math.ceil(names.length / 2);
    await Promise.all(
      [names.slice(0, half), names.slice(half)]
        .filter((some) => some.length > 0)
        .map(async (some) => {
          const addition = this.addition(some);
          const taken = await addition.loadAside();
          for (const name of some) this.loading.delete(name);
          if (taken) this.add(addition);
          else addition.close();
        }),
    );
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  // The dispatcher jumps through this map to the program of each system call.
  private fillCalls(object: BpfObject): void {
    const calls = this.object.map('calls');
    for (const { number, program } of this.slots) {
      if (object.has(program)) calls.put(u32Key(number), u32Key(object.programFd(program)));
    }
  }

  private absent(names: Iterable<string>): string[] {
    const objects = [this.object, ...this.additions];
    return [...names].filter((name) => !objects.some((object) => object.has(name)));
  }

  private addition(names: readonly string[]): BpfObject {
    const addition = BpfObject.open(this.bytes);
    try {
      addition.choose(names);
      for (const name of addition.map_names) {
        if (isVariables(name)) addition.shareMap(this.object.variables, name);
        else if (!name.includes('.')) addition.shareMap(this.object.map(name));
      }
    } catch (error) {
      addition.close();
      throw error;
    }
    return addition;
  }

  private add(addition: BpfObject): void {
    this.fillCalls(addition);
    this.additions.push(addition);
    this.#changed();
  }
}
