// A BPF object: open it, choose programs, set constants and sizes, load, close.

import koffi from 'koffi';
import { readObjectBtf } from '../abi/btf.js';
import { BpfError } from '../errors.js';
import { nativeError } from './errno.js';
import { collectLibbpfLog, libbpf, loadAside, type Pointer } from './libbpf.js';
import { addressOf } from './libc.js';
import { BpfMap } from './map.js';
import { isVariables, Section, type SectionArray } from './section.js';

/** A program of an object. */
export interface Program {
  readonly name: string;
  /** The ELF section, which says the hook: `tp_btf/sys_exit`. */
  readonly section: string;
  readonly pointer: Pointer;
}

/**
 * An object file, before and after it is loaded into the kernel.
 *
 * Nothing is pinned: programs, maps and attachments live as long as this process holds their
 * descriptors, so a killed agent leaves nothing behind.
 */
export class BpfObject {
  /** Every program of the object by name, whether it will be loaded or not. */
  readonly programs: ReadonlyMap<string, Program>;
  private readonly mapPointers: ReadonlyMap<string, Pointer>;
  private readonly maps = new Map<string, BpfMap>();
  private readonly chosen = new Set<string>();
  private section: Section | undefined;
  private pointer: Pointer | undefined;
  private loaded = false;

  private constructor(
    pointer: Pointer,
    private readonly bytes: Buffer,
  ) {
    this.pointer = pointer;
    this.programs = new Map(listPrograms(pointer).map((program) => [program.name, program]));
    this.mapPointers = new Map(listMaps(pointer));
    this.choose([]);
  }

  /**
   * Opens an object that was read into memory; no program is chosen yet.
   *
   * @throws BpfError with what libbpf said
   */
  static open(bytes: Buffer): BpfObject {
    const open = () => libbpf().bpf_object__open_mem(bytes, bytes.length, null) ?? -koffi.errno();
    // Again, to hear why: libbpf prints 3,500 lines where all is well.
    let result = open();
    if (typeof result === 'number') {
      const again = collectLibbpfLog(open);
      if (typeof again.result === 'number')
        throw loadError('open of the BPF object', again.result, again.log);
      result = again.result;
    }
    return new BpfObject(result, bytes);
  }

  /** Chooses the programs that `load` will load; those not named are left out. */
  choose(names: Iterable<string>): void {
    this.chosen.clear();
    for (const name of names) {
      this.program(name);
      this.chosen.add(name);
    }
    for (const program of this.programs.values()) {
      const result = libbpf().bpf_program__set_autoload(
        program.pointer,
        this.chosen.has(program.name),
      );
      if (result < 0) throw nativeError('BPF_LOAD', `choice of program ${program.name}`, result);
    }
  }

  /** Names of the maps that the object declares. */
  get map_names(): string[] {
    return [...this.mapPointers.keys()];
  }

  /** Uses a map of another object as `name` instead of making one, before `load`. */
  shareMap(map: BpfMap, name = map.name): void {
    const result = libbpf().bpf_map__reuse_fd(this.mapPointer(name), map.fd);
    if (result < 0) throw nativeError('BPF_LOAD', `sharing of map ${name}`, result);
  }

  /** Sets how many entries a map has (bytes, for a ring), before `load`. */
  setMaxEntries(map: string, count: number): void {
    const result = libbpf().bpf_map__set_max_entries(this.mapPointer(map), count);
    if (result < 0) throw nativeError('BPF_LOAD', `size of map ${map}`, result);
  }

  /**
   * Sets a `const volatile` variable before `load`; the verifier then drops the code it rules out.
   * The object must have been linked (`bpftool gen object`): a compiler's own says no offsets.
   *
   * @param value as many bytes as the variable has
   */
  setConstant(name: string, value: Uint8Array): void {
    const btf = readObjectBtf(this.bytes);
    const place = btf.sectionVariable('.rodata', name);
    const map = [...this.mapPointers].find(([mapName]) => mapName.endsWith('.rodata'))?.[1];
    if (place === undefined || map === undefined || place.size !== value.byteLength) {
      throw new BpfError('BPF_LOAD', `constant ${name} of ${value.byteLength} bytes is not there`);
    }
    const size = Buffer.alloc(8);
    const memory = libbpf().bpf_map__initial_value(map, size);
    if (memory === null || place.offset + place.size > Number(size.readBigUInt64LE())) {
      throw new BpfError('BPF_LOAD', `constant ${name} lies outside of its section`);
    }
    new Uint8Array(koffi.view(memory, Number(size.readBigUInt64LE()))).set(value, place.offset);
  }

  /**
   * Loads the chosen programs and all maps into the kernel.
   *
   * @throws BpfError with the end of the verifier's log
   */
  load(): void {
    const pointer = this.alive();
    const { result, log } = collectLibbpfLog(() => libbpf().bpf_object__load(pointer));
    if (result < 0) {
      throw loadError(`load of ${[...this.chosen].join(', ')}`, result, log);
    }
    this.loaded = true;
  }

  /**
   * The same beside what this thread does meanwhile.
   *
   * @returns whether the kernel took them; why not, only `load` of another object can tell
   */
  async loadAside(): Promise<boolean> {
    this.loaded = (await loadAside(this.alive())) === 0;
    return this.loaded;
  }

  /** A program of the object. @throws BpfError when there is none of that name. */
  program(name: string): Program {
    const program = this.programs.get(name);
    if (program === undefined) throw new BpfError('BPF_LOAD', `the object has no program ${name}`);
    return program;
  }

  /** True when the program was chosen and is in the kernel. */
  has(name: string): boolean {
    return this.loaded && this.chosen.has(name);
  }

  /** Descriptors of everything that was loaded. */
  fds(): { maps: number[]; programs: number[] } {
    if (!this.loaded) return { maps: [], programs: [] };
    return {
      maps: this.map_names.map((name) => this.map(name).fd),
      programs: [...this.chosen].map((name) => this.programFd(name)),
    };
  }

  /** The descriptor of a loaded program. */
  programFd(name: string): number {
    const fd = this.has(name) ? libbpf().bpf_program__fd(this.program(name).pointer) : -1;
    if (fd < 0) throw new BpfError('BPF_LOAD', `program ${name} is not loaded`);
    return fd;
  }

  /** A map of the loaded object. */
  map(name: string): BpfMap {
    this.alive();
    let map = this.maps.get(name);
    if (map === undefined) {
      map = new BpfMap(this.mapPointer(name));
      this.maps.set(name, map);
    }
    return map;
  }

  /** An array that is a variable of the loaded object. @throws BpfError when there is none of that name. */
  array(name: string): SectionArray {
    this.alive();
    this.section ??= new Section(this.variables, readObjectBtf(this.bytes));
    return this.section.array(name);
  }

  /** The map of such variables. */
  get variables(): BpfMap {
    return this.map(this.map_names.find(isVariables) ?? '.bss');
  }

  /**
   * Runs a `SEC("syscall")` program once, in this thread.
   *
   * @param context what the program's argument points to; read and written in place
   * @returns what the program returned
   * @throws BpfError when the kernel refuses to run it
   */
  run(name: string, context: Buffer): number {
    // struct bpf_test_run_opts, bpf/bpf.h
    const options = Buffer.alloc(80);
    options.writeBigUInt64LE(BigInt(options.length), 0);
    options.writeBigUInt64LE(addressOf(context), 32);
    options.writeUInt32LE(context.length, 48);
    const result = libbpf().bpf_prog_test_run_opts(this.programFd(name), options);
    if (result < 0) throw nativeError('BPF_LOAD', `run of ${name}`, result);
    return options.readInt32LE(56);
  }

  /** Frees programs and maps (attachments close on their own). May be called twice. */
  close(): void {
    this.section?.close();
    if (this.pointer !== undefined) libbpf().bpf_object__close(this.pointer);
    this.pointer = undefined;
    this.loaded = false;
  }

  private mapPointer(name: string): Pointer {
    const pointer = this.mapPointers.get(name);
    if (pointer === undefined) throw new BpfError('BPF_MAP', `the object has no map ${name}`);
    return pointer;
  }

  private alive(): Pointer {
    if (this.pointer === undefined) throw new BpfError('BPF_LOAD', 'the BPF object is closed');
    return this.pointer;
  }
}

function listPrograms(object: Pointer): Program[] {
  const library = libbpf();
  const found: Program[] = [];
  let pointer = library.bpf_object__next_program(object, null);
  while (pointer !== null) {
    const name = library.bpf_program__name(pointer);
    found.push({ name, section: library.bpf_program__section_name(pointer), pointer });
    pointer = library.bpf_object__next_program(object, pointer);
  }
  return found;
}

function listMaps(object: Pointer): [string, Pointer][] {
  const library = libbpf();
  const found: [string, Pointer][] = [];
  let pointer = library.bpf_object__next_map(object, null);
  while (pointer !== null) {
    found.push([library.bpf_map__name(pointer), pointer]);
    pointer = library.bpf_object__next_map(object, pointer);
  }
  return found;
}

/** Lines of the log that an error shows: the refusal stands at the end. */
const LOG_LINES = 30;

function loadError(what: string, errno: number, log: string): BpfError {
  const base = nativeError('BPF_LOAD', what, errno);
  const tail = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  return new BpfError('BPF_LOAD', tail === '' ? base.message : `${base.message}\n${tail}`, {
    hint: base.hint,
    cause: base.cause,
  });
}
