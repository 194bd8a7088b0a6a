// Arguments whose numbers differ between the kernel and the rules: both ways.

import {
  cloneFlags,
  kernelCloneFlags,
  kernelOpenFlags,
  kernelPtraceRequest,
  openFlags,
  ptraceRequest,
} from '../rules/flags.js';

/** One kind of argument, from the kernel's number to that of rules and back. */
export interface Translation {
  toRule(kernel: number): number;
  /** The bits that the argument has for it; `toRule` gives `rule` for them again. */
  toKernel(rule: number): number;
}

/** By the names that the parameter table uses. */
export const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  open: { toRule: openFlags, toKernel: kernelOpenFlags },
  // Calls that take only close-on-exec, non-blocking and direct: no access mode to speak of.
  fdflags: {
    toRule: (kernel) => openFlags(kernel & FD_FLAGS) & ~1,
    toKernel: (rule) => kernelOpenFlags(rule) & FD_FLAGS,
  },
  socktype: { toRule: (kernel) => kernel & 0xf, toKernel: (rule) => rule & 0xf },
  clone: { toRule: (kernel) => cloneFlags(BigInt(kernel >>> 0)), toKernel: kernelCloneFlags },
  ptrace: { toRule: ptraceRequest, toKernel: kernelPtraceRequest },
  prot: ofBits([
    [1, 1],
    [2, 2],
    [4, 4],
    [0x0100_0000, 16],
    [0x0200_0000, 32],
  ]),
  mmap: ofBits([
    [0x1, 1],
    [0x2, 2],
    [0x10, 4],
    [0x20, 8],
    [0x40, 16],
    [0x4000, 64],
    [0x8000, 128],
    [0x10000, 256],
    [0x100, 512],
    [0x800, 1024],
    [0x1000, 2048],
    [0x2000, 16384],
  ]),
  flock: ofBits([
    [1, 1],
    [2, 2],
    [4, 4],
    [8, 8],
  ]),
  semget: ofBits([
    ...Array.from({ length: 9 }, (_, bit): Bits => [1 << bit, 1 << bit]),
    [0o1000, 8192],
    [0o2000, 16384],
  ]),
  fcntl: ofNumbers([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 6],
    [6, 8],
    [7, 9],
    [8, 10],
    [9, 12],
    [10, 13],
    [11, 15],
    [15, 21],
    [16, 22],
    [1024, 23],
    [1025, 24],
    [1026, 27],
    [1029, 25],
    [1030, 26],
    [1031, 28],
    [1032, 29],
  ]),
};

type Bits = readonly [kernel: number, rule: number];

const FD_FLAGS = 0o2044000;

function ofBits(table: readonly Bits[]): Translation {
  const move = (value: number, from: 0 | 1, to: 0 | 1) =>
    table.reduce((sum, pair) => ((value & pair[from]) === 0 ? sum : sum | pair[to]), 0);
  return {
    toRule: (kernel) => move(kernel, 0, 1),
    toKernel: (rule) => move(rule, 1, 0),
  };
}

function ofNumbers(table: readonly Bits[]): Translation {
  const rules = new Map(table);
  const kernels = new Map(table.map(([kernel, rule]) => [rule, kernel]));
  return {
    toRule: (kernel) => rules.get(kernel) ?? 0,
    toKernel: (rule) => kernels.get(rule) ?? -1,
  };
}
