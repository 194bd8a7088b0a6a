// The list of programs: what each is for, which hook it sits at, what it needs, and what happens
// without it. Which program serves which system call is said by the object itself.

import { elfSection } from '../abi/elf.js';
import { abi_limit, call_slot } from '../abi/layout.js';
import { AbiError } from '../errors.js';
import type { FeatureName } from './feature-trials.js';

/** Jumps to the program of each system call. */
export const DISPATCHER = 'sys_exit';

/** What a program is for. */
export type Family = 'process' | 'tasks' | 'dispatch' | 'call';

/** One program that is attached by name; `call` programs are reached from the dispatcher. */
export interface ProgramSpec {
  readonly name: string;
  readonly family: Family;
  readonly needs: readonly FeatureName[];
  /** The agent cannot start without it. */
  readonly required: boolean;
  /** What is done in its place, or missed. */
  readonly fallback: string;
}

/**
 * Programs in the order in which they are attached: lifecycle first, so that no process that a system
 * call's record names is unknown, and exit before fork, so that no process is known for ever.
 */
export const PROGRAMS: readonly ProgramSpec[] = [
  {
    name: 'on_exit',
    family: 'process',
    needs: ['tp_btf'],
    required: true,
    fallback: 'none: processes would never leave the tree',
  },
  {
    name: 'on_exec',
    family: 'process',
    needs: ['tp_btf'],
    required: true,
    fallback: 'none: rules on processes would see nothing',
  },
  {
    name: 'on_fork',
    family: 'process',
    needs: ['tp_btf'],
    required: true,
    fallback: 'none: the tree would have gaps',
  },
  {
    name: 'on_rename',
    family: 'process',
    needs: ['task_rename'],
    required: false,
    fallback: 'a changed comm is seen at the next event of the process',
  },
  {
    name: 'iter_tasks',
    family: 'tasks',
    needs: ['iter_task_sleepable'],
    required: false,
    fallback: 'processes that run already are read from /proc',
  },
  {
    name: DISPATCHER,
    family: 'dispatch',
    needs: ['tp_btf'],
    required: false,
    fallback: 'no system calls are seen; only lifecycle events are',
  },
];

/** The program that serves a system call, as the object says it. */
export interface CallSlot {
  /** Native number; `abi_limit.SLOT_GENERIC` for all that have no program of their own. */
  readonly number: number;
  readonly program: string;
}

/** Where the object keeps the list. */
const SECTION = '.rodata.calls';

/**
 * Reads the object's own list of which program serves which system call.
 *
 * @throws AbiError when the section is missing or makes no sense
 */
export function readCallSlots(object: Uint8Array): CallSlot[] {
  const section = Buffer.from(elfSection(object, SECTION));
  if (section.length % call_slot.size !== 0) fail(`has ${section.length} bytes`);
  const slots: CallSlot[] = [];
  const seen = new Set<number>();
  for (let at = 0; at < section.length; at += call_slot.size) {
    const number = section.readUInt32LE(at + call_slot.number);
    const start = at + call_slot.program.at;
    const end = section.indexOf(0, start);
    const program = section.toString(
      'latin1',
      start,
      Math.min(end, start + call_slot.program.count),
    );
    if (program === '') continue; // what the linker put between two files
    if (number > abi_limit.SLOT_GENERIC) fail(`names system call ${number}`);
    if (seen.has(number)) fail(`names system call ${number} twice`);
    seen.add(number);
    slots.push({ number, program });
  }
  return slots;
}

/** The programs that these system calls need: the dispatcher and their own. */
export function programsFor(wanted: ReadonlySet<number>, slots: readonly CallSlot[]): Set<string> {
  const programs = new Set([DISPATCHER]);
  const served = new Set<number>();
  for (const { number, program } of slots) {
    if (!wanted.has(number)) continue;
    served.add(number);
    programs.add(program);
  }
  if (served.size < wanted.size) {
    const generic = slots.find(({ number }) => number === abi_limit.SLOT_GENERIC);
    if (generic !== undefined) programs.add(generic.program);
  }
  return programs;
}

function fail(what: string): never {
  throw new AbiError('ABI_MISMATCH', `section ${SECTION} of the BPF object ${what}`, {
    hint: 'build the kernel side again (scripts/build-bpf.sh)',
  });
}
