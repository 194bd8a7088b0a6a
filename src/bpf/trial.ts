// Tiny programs and maps made by hand and given to bpf(2), to see what this kernel takes. Nothing of
// them stays: each trial closes what it opened.

import { readFileSync } from 'node:fs';
import { type Btf, readBtf } from '../abi/btf.js';
import { btf_kind } from '../abi/btf-kind.js';
import { errnoName } from './errno.js';
import { addressOf, bpfCall, closeFd, mapMemory, pageBytes, protection } from './libc.js';

/** What a trial found; `reason` says why not. */
export interface Outcome {
  available: boolean;
  reason: string;
}

/** One program to try. Numbers are those of linux/bpf.h. */
export interface TrialProgram {
  type: number;
  attach_type?: number;
  /** Id in the kernel's BTF of what it attaches to. */
  btf_id?: number | undefined;
  flags?: number;
  instructions: Buffer;
}

/** Program types (enum bpf_prog_type). */
export const program_type = {
  RAW_TRACEPOINT: 17,
  CGROUP_SOCK_ADDR: 18,
  TRACING: 26,
  LSM: 29,
} as const;

/** Attach types (enum bpf_attach_type). */
export const attach_type = {
  CGROUP_INET4_CONNECT: 10,
  TRACE_RAW_TP: 23,
  TRACE_FENTRY: 24,
  LSM_MAC: 27,
  TRACE_ITER: 28,
} as const;

/** BPF_F_SLEEPABLE */
export const SLEEPABLE = 1 << 4;

const MAP_CREATE = 0;
const PROG_LOAD = 5;
const RAW_TRACEPOINT_OPEN = 17;
const LINK_CREATE = 28;
const ITER_CREATE = 33;
const MAP_ARRAY = 2;
const MAP_RINGBUF = 27;
const F_MMAPABLE = 1 << 10;
const ATTRIBUTE_BYTES = 144;
const LOG_BYTES = 64 * 1024;

/** The types of the running kernel; `undefined` when it carries none. */
export function kernelBtf(): Btf | undefined {
  try {
    return readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
  } catch {
    return undefined; // no CONFIG_DEBUG_INFO_BTF: the caller says so
  }
}

/** The BTF id behind a hook's name; `undefined` when this kernel has no such hook. */
export function hookId(btf: Btf, section: string): number | undefined {
  const [kind = '', target = ''] = section.split('/');
  switch (kind) {
    case 'tp_btf':
      return btf.find(btf_kind.TYPEDEF, `btf_trace_${target}`);
    case 'iter':
    case 'iter.s':
      return btf.find(btf_kind.FUNC, `bpf_iter_${target}`);
    case 'lsm':
    case 'lsm.s':
      return btf.find(btf_kind.FUNC, `bpf_lsm_${target}`);
    default:
      return btf.find(btf_kind.FUNC, target);
  }
}

const lookedUp = new Map<string, number | undefined>();

/**
 * Whether this kernel has each of these hooks; `undefined` when it carries no types. To read them takes a
 * twentieth of a second and more, so that what was looked up is remembered.
 */
export function hooksOf(sections: readonly string[]): ReadonlySet<string> | undefined {
  const unknown = sections.filter((section) => !lookedUp.has(section));
  const btf = unknown.length === 0 ? undefined : kernelBtf();
  if (unknown.length > 0 && btf === undefined) return undefined;
  if (btf !== undefined) for (const section of unknown) lookedUp.set(section, hookId(btf, section));
  return new Set(sections.filter((section) => lookedUp.get(section) !== undefined));
}

/** A program that does nothing but return a value. */
export function returning(value: number): Buffer {
  return Buffer.concat([instruction(0xb7, 0, 0, value), instruction(0x95, 0, 0, 0)]);
}

/** A program that calls a helper with no arguments set: only the verifier will ever see it. */
export function calling(helper: number): Buffer {
  return Buffer.concat([instruction(0x85, 0, 0, helper), returning(0)]);
}

/** Loads a program and runs `then` with its descriptor. */
export function tryProgram(program: TrialProgram, then: (fd: number) => Outcome = yes): Outcome {
  const { fd, log } = loadProgram(program);
  if (fd < 0) return refusal('load', fd, log);
  return closing(fd, then);
}

/** Whether the verifier knows a helper for this kind of program: it must object to something else. */
export function tryHelper(program: Omit<TrialProgram, 'instructions'>, helper: number): Outcome {
  const { fd, log } = loadProgram({ ...program, instructions: calling(helper) });
  if (fd >= 0) return closing(fd, yes);
  if (log === '') return refusal('load', fd, log);
  const unknown = /invalid func|unknown func|cannot use helper/.exec(log);
  return unknown === null ? yes() : { available: false, reason: `helper ${helper}: ${unknown[0]}` };
}

/** Attaches a loaded tp_btf, fentry or LSM program and runs `then` while it is attached. */
export function tryAttach(program_fd: number, then: () => Outcome = yes): Outcome {
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  attributes.writeUInt32LE(program_fd, 8);
  const fd = bpfCall(RAW_TRACEPOINT_OPEN, attributes);
  return fd < 0 ? refusal('attach', fd, '') : closing(fd, then);
}

/** Attaches a loaded program by a link: to a cgroup, or as an iterator that is opened once. */
export function tryLink(program_fd: number, target_fd: number, attachType: number): Outcome {
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  attributes.writeUInt32LE(program_fd, 0);
  attributes.writeUInt32LE(target_fd, 4);
  attributes.writeUInt32LE(attachType, 8);
  const fd = bpfCall(LINK_CREATE, attributes);
  if (fd < 0) return refusal('attach', fd, '');
  if (attachType !== attach_type.TRACE_ITER) return closing(fd, yes);
  return closing(fd, (link) => {
    const iterator = Buffer.alloc(ATTRIBUTE_BYTES);
    iterator.writeUInt32LE(link, 0);
    const opened = bpfCall(ITER_CREATE, iterator);
    return opened < 0 ? refusal('iterator', opened, '') : closing(opened, yes);
  });
}

/** Creates a one-page ring buffer. */
export function tryRingBuffer(): Outcome {
  const fd = createMap(MAP_RINGBUF, 0, 0, pageBytes(), 0);
  return fd < 0 ? refusal('ring buffer', fd, '') : closing(fd, yes);
}

/**
 * Attaches a program that writes to memory we share, does `act`, and looks whether it ran: a hook
 * that attaches may still never run.
 */
export function tryFire(program: Omit<TrialProgram, 'instructions'>, act: () => void): Outcome {
  const map = createMap(MAP_ARRAY, 4, 8, 1, F_MMAPABLE);
  if (map < 0) return refusal('map', map, '');
  return closing(map, (mapFd) => {
    const memory = mapMemory(mapFd, pageBytes(), protection.read | protection.write, 0);
    const instructions = Buffer.concat([
      instruction(0x18, 1, 2, mapFd), // r1 = the map's memory (BPF_PSEUDO_MAP_VALUE), two slots
      instruction(0, 0, 0, 0),
      instruction(0x7a, 1, 0, 1), // *(u64 *)r1 = 1
      returning(0),
    ]);
    try {
      return tryProgram({ ...program, instructions }, (fd) =>
        tryAttach(fd, () => {
          act();
          const ran = Atomics.load(new Int32Array(memory.bytes, 0, 1), 0) === 1;
          return ran ? yes() : { available: false, reason: 'attaches, but never runs' };
        }),
      );
    } finally {
      memory.close();
    }
  });
}

function loadProgram(program: TrialProgram): { fd: number; log: string } {
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  const license = Buffer.from('GPL\0');
  const log = Buffer.alloc(LOG_BYTES);
  attributes.writeUInt32LE(program.type, 0);
  attributes.writeUInt32LE(program.instructions.length / 8, 4);
  attributes.writeBigUInt64LE(addressOf(program.instructions), 8);
  attributes.writeBigUInt64LE(addressOf(license), 16);
  attributes.writeUInt32LE(1, 24);
  attributes.writeUInt32LE(log.length, 28);
  attributes.writeBigUInt64LE(addressOf(log), 32);
  attributes.writeUInt32LE(program.flags ?? 0, 44);
  attributes.write('saker_trial', 48, 'latin1');
  attributes.writeUInt32LE(program.attach_type ?? 0, 68);
  attributes.writeUInt32LE(program.btf_id ?? 0, 108);
  const fd = bpfCall(PROG_LOAD, attributes);
  // Reading them keeps the buffers alive over the call, which saw their addresses only.
  const alive = license.length + program.instructions.length > 0;
  return { fd, log: alive ? log.toString('latin1', 0, Math.max(0, log.indexOf(0))) : '' };
}

function createMap(type: number, key: number, value: number, count: number, flags: number): number {
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  for (const [place, word] of [type, key, value, count, flags].entries()) {
    attributes.writeUInt32LE(word, 4 * place);
  }
  return bpfCall(MAP_CREATE, attributes);
}

/** struct bpf_insn without an offset. */
function instruction(code: number, to: number, from: number, immediate: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((from << 4) | to, 1);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}

function yes(): Outcome {
  return { available: true, reason: '' };
}

function refusal(step: string, result: number, log: string): Outcome {
  const last =
    log
      .trimEnd()
      .split('\n')
      .find((line) => line !== '') ?? '';
  const name = errnoName(result) ?? String(result);
  return { available: false, reason: `${step}: ${name}${last === '' ? '' : ` (${last})`}` };
}

function closing(fd: number, then: (fd: number) => Outcome): Outcome {
  try {
    return then(fd);
  } finally {
    closeFd(fd);
  }
}
