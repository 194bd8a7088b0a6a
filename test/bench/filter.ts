// What the kernel filter adds to a system call, against an empty program at the same hook. No agent runs:
// nothing is sent, so that only the kernel side is in the figures.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { attach } from '../../src/bpf/attach.js';
import { BpfObject } from '../../src/bpf/object.js';
import { openSensorObject, type SensorObject } from '../../src/bpf/sensor-object.js';
import { LossWatch } from '../../src/capture/loss.js';
import { allBits, noBits } from '../../src/plan/bits.js';
import type { ClauseBits, KernelPlan, PathTable, TypePlan } from '../../src/plan/kernel-plan.js';
import { FilterTables } from '../../src/plan/push.js';
import { median, runLoad } from './load.js';

/** One operation: nothing attached, an empty program, the filter. */
export interface FilterRow {
  operation: string;
  bare_ns: number;
  empty_ns: number;
  filter_ns: number;
  /** Events that the filter let through. */
  sent: number;
}

const OBJECT = 'build/bpf/saker.bpf.o';
const LOAD_CPU = 0;
const ROUNDS = 15;
const RING_BYTES = 1 << 20;
const OPERATIONS: readonly (readonly [string, number])[] = [
  ['getppid', 400_000],
  ['open', 50_000],
  ['missing', 50_000],
  ['dup', 100_000],
  ['connect', 10_000],
];

const EMPTY_PROGRAM = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tp_btf/sys_exit") int empty_exit(void *context) { return 0; }
char LICENSE[] SEC("license") = "GPL";
`;

/** Measures all operations in turns, so that what else the machine does falls on all alike. */
export function measureFilter(): FilterRow[] {
  const empty = loadEmpty();
  const sensor = openSensorObject({ object_path: OBJECT, ring_bytes: RING_BYTES, ia32: [] });
  try {
    const plan = handMadePlan();
    new FilterTables(sensor).push(1, plan);
    sensor.want([]);
    const watch = new LossWatch(sensor.counters);
    return OPERATIONS.map(([operation, count]) => {
      const costs: Record<Variant, number[]> = { bare: [], empty: [], filter: [] };
      const before = sentBy(watch);
      for (let round = 0; round < ROUNDS; round++) {
        for (const variant of ['bare', 'empty', 'filter'] as const) {
          const detach = begin(variant, empty, sensor, plan);
          costs[variant].push(runLoad(operation, count, LOAD_CPU).cpu_ns_per_op);
          detach();
        }
      }
      return {
        operation,
        bare_ns: median(costs.bare),
        empty_ns: median(costs.empty),
        filter_ns: median(costs.filter),
        sent: sentBy(watch) - before,
      };
    });
  } finally {
    sensor.close();
    empty.close();
  }
}

type Variant = 'bare' | 'empty' | 'filter';

function begin(
  variant: Variant,
  empty: BpfObject,
  sensor: SensorObject,
  plan: KernelPlan,
): () => void {
  if (variant === 'bare') return () => {};
  if (variant === 'empty') {
    const attachment = attach(empty, 'empty_exit');
    return () => attachment.close();
  }
  sensor.want(plan.types.keys());
  return () => sensor.want([]);
}

/** A program at the hook of the dispatcher that does nothing: what any hook there costs. */
export function loadEmpty(): BpfObject {
  mkdirSync('build/bench', { recursive: true });
  writeFileSync('build/bench/empty.bpf.c', EMPTY_PROGRAM);
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  const flags = ['-O2', '-g', '-target', 'bpf', '-I', `/usr/include/${machine}-linux-gnu`];
  const raw = 'build/bench/empty.raw.o';
  execFileSync('clang', [...flags, '-c', 'build/bench/empty.bpf.c', '-o', raw]);
  execFileSync('bpftool', ['gen', 'object', 'build/bench/empty.bpf.o', raw]);
  const object = BpfObject.open(readFileSync('build/bench/empty.bpf.o'));
  object.choose(['empty_exit']);
  object.load();
  return object;
}

function sentBy(watch: LossWatch): number {
  return [...watch.read().values()].reduce((sum, { sent, lost }) => sum + sent + lost, 0);
}

/** Clauses on files of 16 folders and 10 files, on block devices that are copied, on a few ports. */
function handMadePlan(): KernelPlan {
  const all = allBits(CLAUSES);
  const none = noBits();
  const dup: TypePlan = {
    ...testing(all),
    kinds: kinds((kind) => (kind === BLOCKDEV ? all : none)),
  };
  const open: TypePlan = {
    ...testing(all),
    result: { success: all, errors: new Map(), other_error: none },
    integers: [{ source: 'extra', shift: 0, mask: 3n, values: new Map([[1n, all]]), other: all }],
    uses_comm: true,
    path: 0,
  };
  const ports = new Map([22n, 6443n, 10250n].map((port) => [port, all]));
  const connect: TypePlan = {
    ...testing(all),
    integers: [
      {
        source: 'object_family',
        shift: 0,
        mask: 0xffffn,
        values: new Map([[2n, all]]),
        other: none,
      },
      { source: 'address_port', shift: 0, mask: 0xffffn, values: ports, other: none },
    ],
    remote: 0,
  };
  return {
    clause_count: CLAUSES,
    types: new Map([
      ...[2, 257, 437, 85].map((type) => [type, open] as const),
      ...[32, 33, 292].map((type) => [type, dup] as const),
      [42, connect],
    ]),
    paths: [watchedPaths(all, none)],
    addresses: [
      {
        v4: [{ address: '\x0a\0\0\0', prefix_bits: 8, bits: all }],
        v6: [],
        other_v4: none,
        other_v6: none,
        none: all,
      },
    ],
    comm: { values: new Map([['sshd', all]]), other: all },
    uid: { values: new Map(), other: all },
    cgroup_unknown: all,
  };
}

const CLAUSES = 250;
const BLOCKDEV = 4; // OBJECT_BLOCKDEV: nobody's standard input
const KINDS = 10;

function testing(bits: ClauseBits): TypePlan {
  return {
    bits,
    integers: [],
    uses_process: true,
    uses_comm: false,
    uses_uid: false,
    uses_cgroup: false,
  };
}

function kinds(bits: (kind: number) => ClauseBits): ClauseBits[] {
  return Array.from({ length: KINDS }, (_, kind) => bits(kind));
}

function watchedPaths(all: ClauseBits, none: ClauseBits): PathTable {
  const folders =
    'bin boot dev etc home lib64 opt proc root run sbin srv sys tmp usr/bin var'.split(' ');
  const prefixes = folders.flatMap((name) => [`/${name}/a`, `/${name}/b/`, `/${name}/c/d`]);
  const files = Array.from({ length: 10 }, (_, n) => `/etc/shadow${n}`);
  const names = ['id_rsa', 'authorized_keys', '.bashrc', 'credentials'];
  return {
    exact: new Map(files.map((path) => [path, all])),
    prefixes: new Map(prefixes.map((prefix) => [prefix, all])),
    deeper: new Map(),
    other: none,
    last: { exact: new Map(names.map((name) => [name, all])), suffixes: new Map(), other: all },
  };
}
