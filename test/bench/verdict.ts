// What a verdict on an open costs: run time of the program, as the kernel counts it, of an open that is
// denied and told, of one that is denied and only counted (more than 1,000 a second), and of one that is let
// pass. Through BPF_PROG_RUN, so that it runs without LSM hooks too.
//
//   npx tsc -p test/tsconfig.build.json && node build/test/test/bench/verdict.js [OBJECT]

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BpfObject } from '../../src/bpf/object.js';
import { openSensorObject } from '../../src/bpf/sensor-object.js';
import { VerdictTables } from '../../src/plan/verdict-push.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';

const ROUNDS = 15;
const STATS = '/proc/sys/kernel/bpf_stats_enabled';
const folder = mkdtempSync(join(tmpdir(), 'saker-verdict-'));

/** A line of what the kernel says of the program. */
function told(trial: BpfObject, name: string): number {
  const lines = readFileSync(`/proc/self/fdinfo/${trial.programFd('try_verdict')}`, 'utf8');
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(lines)?.[1]);
}

/** Nanoseconds of one run, the mean of so many. */
function cost(trial: BpfObject, fd: number, times: number): number {
  const context = Buffer.alloc(32); // an open for reading
  context.writeBigInt64LE(BigInt(fd), 16);
  context.writeBigInt64LE(-1n, 24);
  const before = told(trial, 'run_time_ns');
  for (let i = 0; i < times; i += 1) trial.run('try_verdict', context);
  return (told(trial, 'run_time_ns') - before) / times;
}

function openFile(name: string): number {
  writeFileSync(join(folder, name), '');
  return openSync(join(folder, name), 'r');
}

const was = readFileSync(STATS, 'utf8');
writeFileSync(STATS, '1');
const sensor = openSensorObject({
  object_path: process.argv[2] ?? 'build/bpf/saker.bpf.o',
  ring_bytes: 8 << 20,
  ia32: [],
});
const fds = [openFile('denied'), openFile('other')];
try {
  const [denied = -1, other = -1] = fds;
  const trial = sensor.load(['try_verdict']);
  if (trial === undefined) throw new Error('try_verdict was loaded before');
  const condition = parseCondition(`evt.type = openat and fd.name = ${folder}/denied`);
  const { plan } = planVerdicts([{ rule: 0, condition, mode: 'on', denyOnError: false }]);
  if (plan === undefined) throw new Error('nothing is denied');
  new VerdictTables(sensor).push(plan, { pid: 0, start_ns: 0n });
  const costs = { told: [] as number[], counted: [] as number[], 'let pass': [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(1100); // another second: it is told again
    costs.told.push(cost(trial, denied, 150));
    cost(trial, denied, 1500);
    costs.counted.push(cost(trial, denied, 300));
    costs['let pass'].push(cost(trial, other, 300));
  }
  console.log(`verified instructions: ${told(trial, 'verified_insns')}`);
  for (const [what, found] of Object.entries(costs)) {
    found.sort((a, b) => a - b);
    const [lowest = 0, median = 0] = [found[0], found[ROUNDS >> 1]];
    console.log(`${what}: lowest ${lowest.toFixed(0)} ns, median ${median.toFixed(0)} ns`);
  }
} finally {
  for (const fd of fds) closeSync(fd);
  sensor.close();
  writeFileSync(STATS, was);
  rmSync(folder, { recursive: true });
}
