// Every libbpf function we call, declared once. Strict mode of libbpf 1: a failure is a NULL pointer or
// a negative error number. The library is loaded when first needed: most commands never do.

import koffi, { type KoffiFunc } from 'koffi';
import { HostError } from '../errors.js';

/** A C pointer; koffi makes them bigints. */
export type Pointer = bigint;

/** The functions of libbpf, as documented in bpf/libbpf.h and bpf/bpf.h. */
export interface Libbpf {
  bpf_object__open_mem(bytes: Buffer, length: number, options: Buffer | null): Pointer | null;
  bpf_object__load(object: Pointer): number;
  bpf_object__close(object: Pointer): void;
  bpf_object__next_program(object: Pointer, previous: Pointer | null): Pointer | null;
  bpf_object__next_map(object: Pointer, previous: Pointer | null): Pointer | null;
  bpf_program__name(program: Pointer): string;
  bpf_program__section_name(program: Pointer): string;
  bpf_program__set_autoload(program: Pointer, on: boolean): number;
  bpf_program__fd(program: Pointer): number;
  bpf_program__attach(program: Pointer): Pointer | null;
  bpf_program__attach_iter(program: Pointer, options: Buffer | null): Pointer | null;
  bpf_program__attach_cgroup(program: Pointer, cgroup_fd: number): Pointer | null;
  bpf_link__fd(link: Pointer): number;
  bpf_link__destroy(link: Pointer): number;
  bpf_map__name(map: Pointer): string;
  bpf_map__fd(map: Pointer): number;
  bpf_map__type(map: Pointer): number;
  bpf_map__key_size(map: Pointer): number;
  bpf_map__value_size(map: Pointer): number;
  bpf_map__max_entries(map: Pointer): number;
  bpf_map__set_max_entries(map: Pointer, count: number): number;
  bpf_map__reuse_fd(map: Pointer, fd: number): number;
  bpf_map__initial_value(map: Pointer, size: Buffer): Pointer | null;
  bpf_map_lookup_elem(fd: number, key: Uint8Array, value: Uint8Array): number;
  bpf_map_update_elem(fd: number, key: Uint8Array, value: Uint8Array, flags: number): number;
  bpf_map_delete_elem(fd: number, key: Uint8Array): number;
  bpf_map_get_next_key(fd: number, key: Uint8Array | null, next: Uint8Array): number;
  bpf_map_lookup_batch(
    fd: number,
    from: null,
    next: Uint8Array,
    keys: Uint8Array,
    values: Uint8Array,
    count: Uint8Array,
    options: null,
  ): number;
  bpf_map_update_batch(
    fd: number,
    keys: Uint8Array,
    values: Uint8Array,
    count: Uint8Array,
    options: null,
  ): number;
  bpf_map_delete_batch(fd: number, keys: Uint8Array, count: Uint8Array, options: null): number;
  bpf_iter_create(link_fd: number): number;
  bpf_prog_test_run_opts(program_fd: number, options: Buffer): number;
  libbpf_num_possible_cpus(): number;
  libbpf_probe_bpf_map_type(type: number, options: null): number;
}

const PROTOTYPES: Record<keyof Libbpf, [result: string, parameters: string[]]> = {
  bpf_object__open_mem: ['void *', ['void *', 'size_t', 'void *']],
  bpf_object__load: ['int', ['void *']],
  bpf_object__close: ['void', ['void *']],
  bpf_object__next_program: ['void *', ['void *', 'void *']],
  bpf_object__next_map: ['void *', ['void *', 'void *']],
  bpf_program__name: ['str', ['void *']],
  bpf_program__section_name: ['str', ['void *']],
  bpf_program__set_autoload: ['int', ['void *', 'bool']],
  bpf_program__fd: ['int', ['void *']],
  bpf_program__attach: ['void *', ['void *']],
  bpf_program__attach_iter: ['void *', ['void *', 'void *']],
  bpf_program__attach_cgroup: ['void *', ['void *', 'int']],
  bpf_link__fd: ['int', ['void *']],
  bpf_link__destroy: ['int', ['void *']],
  bpf_map__name: ['str', ['void *']],
  bpf_map__fd: ['int', ['void *']],
  bpf_map__type: ['int', ['void *']],
  bpf_map__key_size: ['uint32_t', ['void *']],
  bpf_map__value_size: ['uint32_t', ['void *']],
  bpf_map__max_entries: ['uint32_t', ['void *']],
  bpf_map__set_max_entries: ['int', ['void *', 'uint32_t']],
  bpf_map__reuse_fd: ['int', ['void *', 'int']],
  bpf_map__initial_value: ['void *', ['void *', 'void *']],
  bpf_map_lookup_elem: ['int', ['int', 'void *', 'void *']],
  bpf_map_update_elem: ['int', ['int', 'void *', 'void *', 'uint64_t']],
  bpf_map_delete_elem: ['int', ['int', 'void *']],
  bpf_map_get_next_key: ['int', ['int', 'void *', 'void *']],
  bpf_map_lookup_batch: [
    'int',
    ['int', 'void *', 'void *', 'void *', 'void *', 'void *', 'void *'],
  ],
  bpf_map_update_batch: ['int', ['int', 'void *', 'void *', 'void *', 'void *']],
  bpf_map_delete_batch: ['int', ['int', 'void *', 'void *', 'void *']],
  bpf_iter_create: ['int', ['int']],
  bpf_prog_test_run_opts: ['int', ['int', 'void *']],
  libbpf_num_possible_cpus: ['int', []],
  libbpf_probe_bpf_map_type: ['int', ['int', 'void *']],
};

/** `enum libbpf_print_level`, bpf/libbpf.h; above it is what only libbpf's authors read. */
const LEVEL_INFO = 1;

/** Longest message of libbpf that is kept; a verifier's log is cut at its start, the error is last. */
const MAX_LOG_BYTES = 64 * 1024;

interface Loaded {
  functions: Libbpf;
  setPrint: (callback: bigint | null) => bigint;
  vsnprintf: (to: Buffer, size: number, format: Pointer, list: Pointer) => number;
}

let loaded: Loaded | undefined;

/**
 * The library, loaded on first use.
 *
 * @throws HostError when it is not installed or too old
 */
export function libbpf(): Libbpf {
  return load().functions;
}

/**
 * Runs `action` and hands back what libbpf printed meanwhile: the only place where it says why an
 * object did not load. Outside of this function libbpf prints nothing.
 */
export function collectLibbpfLog<T>(action: () => T): { result: T; log: string } {
  const { setPrint, vsnprintf } = load();
  let log = '';
  const line = Buffer.alloc(MAX_LOG_BYTES);
  // A va_list travels as a pointer on x86_64 (an array) and on arm64 (a struct larger than 16 bytes),
  // so it can be handed on as one.
  const print = (level: number, format: Pointer, list: Pointer): number => {
    if (level > LEVEL_INFO) return 0; // thousands of lines: to read them all took longer than the load
    const length = Math.min(vsnprintf(line, line.length, format, list), line.length - 1);
    log = (log + line.toString('utf8', 0, Math.max(0, length))).slice(-MAX_LOG_BYTES);
    return 0;
  };
  const callback = koffi.register(print, koffi.pointer(printType));
  setPrint(callback);
  try {
    return { result: action(), log };
  } finally {
    setPrint(null);
    koffi.unregister(callback);
  }
}

/**
 * `bpf_object__load` in a thread of the pool. Nobody hears what libbpf prints: no JavaScript may run there.
 *
 * @returns 0, or a negative error number
 */
export function loadAside(object: Pointer): Promise<number> {
  const { bpf_object__load } = load().functions;
  return new Promise((resolve, reject) => {
    (bpf_object__load as KoffiFunc<typeof bpf_object__load>).async(object, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}

const printType = koffi.proto('int libbpf_print(int level, void *format, void *list)');

function load(): Loaded {
  if (loaded !== undefined) return loaded;
  const library = openLibrary();
  const functions: Record<string, unknown> = {};
  for (const [name, [result, parameters]] of Object.entries(PROTOTYPES)) {
    functions[name] = declare(library, name, result, parameters);
  }
  const libc = koffi.load('libc.so.6');
  loaded = {
    functions: functions as unknown as Libbpf,
    setPrint: library.func('libbpf_set_print', 'void *', ['void *']) as Loaded['setPrint'],
    vsnprintf: libc.func('vsnprintf', 'int', [
      'void *',
      'size_t',
      'void *',
      'void *',
    ]) as unknown as Loaded['vsnprintf'],
  };
  // Version 0.8 returns errors inside of pointers unless told not to; in version 1 this does nothing.
  library.func('libbpf_set_strict_mode', 'int', ['int'])(-1);
  // Its default prints to stderr, in the middle of the agent's own log.
  loaded.setPrint(null);
  return loaded;
}

type Library = ReturnType<typeof koffi.load>;

function openLibrary(): Library {
  const causes: unknown[] = [];
  for (const name of ['libbpf.so.1', 'libbpf.so.0']) {
    try {
      return koffi.load(name);
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new HostError('HOST_UNABLE', 'libbpf is not installed', {
    hint: 'install it: apt-get install libbpf1 (Debian 12 and later), libbpf0 (Debian 11)',
    cause: causes[0],
  });
}

function declare(library: Library, name: string, result: string, parameters: string[]): unknown {
  try {
    return library.func(name, result, parameters);
  } catch (cause) {
    throw new HostError('HOST_UNABLE', `libbpf is too old: it has no ${name}`, {
      hint: 'version 0.8 or later is needed: apt-get install libbpf1',
      cause,
    });
  }
}
