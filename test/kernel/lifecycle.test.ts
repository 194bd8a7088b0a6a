// Records of processes that begin, change and end, held against what the processes say themselves.

import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exe_flag, record_kind } from '../../src/abi/layout.js';
import { clockTicks } from '../../src/bpf/libc.js';
import {
  act,
  actProgram,
  attach,
  type Done,
  holdings,
  type Sensor,
  warmHoldings,
} from './harness.js';
import { textOf } from './harness-record.js';

let sensor: Sensor;
let before: ReturnType<typeof holdings>;

beforeAll(() => {
  before = warmHoldings();
  sensor = attach();
});

afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});

/** The number in a link such as `pid:[4026531836]`. */
function namespace(link: string | number | undefined): number {
  return Number(/\d+/.exec(String(link))?.[0]);
}

/** Boot time in clock ticks, as /proc/PID/stat counts. */
function ticks(time_ns: bigint): number {
  return Number(time_ns / (1_000_000_000n / BigInt(clockTicks())));
}

function expectTask(task: Record<string, unknown>, done: Done): void {
  expect(task).toMatchObject({
    pid: done.pid,
    tid: done.pid,
    parent_pid: done.parent_pid,
    uid: done.uid,
    gid: done.gid,
    session: done.session,
    pgid: done.pgid,
    pid_ns: namespace(done.pid_ns),
    mnt_ns: namespace(done.mnt_ns),
    net_ns: namespace(done.net_ns),
  });
}

test('an exec says what the new program says of itself', async () => {
  const done = await act('say-who', 'first', 'sec ond', 'last\u00e9');
  const record = sensor.next('exec', done.pid);
  expectTask(record.task, done);
  expect(ticks(record.task.start_ns)).toBe(done.start_ticks);
  expect(record.task.comm).toBe(basename(String(done.exe)).slice(0, 15));
  expect(record).toMatchObject({ inode: BigInt(done.inode ?? 0), argc: done.argc });
  expect(textOf(record, 'exe')).toBe(done.exe);
  expect(textOf(record, 'cwd')).toBe(done.cwd);
  expect(Buffer.from(textOf(record, 'argv') ?? '', 'latin1').toString()).toMatch(
    /say-who\0first\0sec ond\0last\u00e9\0?$/,
  );
  expect(textOf(record, 'env')).toContain('PATH=');
});

test('a process that a brother made says whose copy it is, and who its parent is', async () => {
  const done = await act('clone-parent');
  const record = sensor.next('fork', Number(done.brother));
  expect(record).toMatchObject({ cloner_pid: done.cloner, task: { parent_pid: done.pid } });
  const cloner = sensor.next('fork', Number(done.cloner));
  expect(cloner).toMatchObject({ cloner_pid: done.pid, task: { parent_pid: done.pid } });
  expect(record.cloner_start_ns).toBe(cloner.task.start_ns);
});

test('an exec by a second thread keeps the pid of the process', async () => {
  const done = await act('exec-from-thread');
  const first = sensor.next('exec', done.pid);
  const second = sensor.next('exec', done.pid);
  expect(first.old_tid).toBe(done.pid);
  expect(second).toMatchObject({ old_tid: done.old_tid });
  expect(done.old_tid).not.toBe(done.pid);
  expect(second.task).toMatchObject({ pid: done.before, tid: done.tid });
  expect(second.task.start_ns).toBe(first.task.start_ns);
  expect(second.task.exec_id).not.toBe(first.task.exec_id);
  expect(textOf(second, 'exe')).toBe(done.exe);
});

test('a fork and an exit name parent and child, and the code that wait returned', async () => {
  const done = await act('fork-and-exit', '41');
  const child = Number(done.child);
  const fork = sensor.next('fork', child);
  expect(fork.task).toMatchObject({ pid: child, parent_pid: done.pid });
  const exit = sensor.next('exit', child);
  expect(exit).toMatchObject({ exit_code: done.exit_code, exit_signal: 0 });
  expect(exit.task.start_ns).toBe(fork.task.start_ns);
  expect(exit.header.time_ns).toBeGreaterThan(fork.header.time_ns);
});

test('a child that a signal killed is told apart from one that exited', async () => {
  const done = await act('fork-and-exit', '-15');
  expect(done.exit_signal).toBe(15);
  expect(sensor.next('exit', Number(done.child))).toMatchObject({
    exit_signal: 15,
    core_dumped: 0,
  });
});

test.each(['subreaper', 'no-subreaper'])('an exit names who takes the orphans: %s', async (how) => {
  const done = await act('orphan', how);
  const exit = sensor.next('exit', Number(done.middle));
  expect(exit).toMatchObject({ reaper_pid: done.reaper });
  expect(exit.reaper_start_ns).toBeGreaterThan(0n);
  expect(done.reaper === done.pid).toBe(how === 'subreaper');
});

test('a process ends once, however many threads it had', async () => {
  const done = await act('exec-from-thread');
  sensor.next('exit', done.pid);
  await act('fork-and-exit', '0');
  sensor.drain();
  const again = sensor.records.filter(
    ({ header, task }) => header.kind === record_kind.RECORD_EXIT && task.pid === done.pid,
  );
  expect(again).toEqual([]);
});

test('the iterator knows the processes that were there, this one among them', async () => {
  const program = actProgram('say-who');
  const child = spawn(program, ['been', 'here'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line: Buffer = await new Promise((resolve) => child.stdout.once('data', resolve));
  const done: Done = JSON.parse(line.toString());
  const records = sensor.tasks();
  const it = records.find(({ task }) => task.pid === done.pid);
  expect(it?.header.kind).toBe(record_kind.RECORD_TASK);
  if (it === undefined) return;
  expectTask(it.task, done);
  expect(ticks(it.task.start_ns)).toBe(done.start_ticks);
  expect(textOf(it, 'exe')).toBe(done.exe);
  expect(textOf(it, 'argv')).toMatch(/say-who\0been\0here\0?$/);
  const own = records.find(({ task }) => task.pid === process.pid);
  expect(textOf(own ?? it, 'exe')).toBe(process.execPath);
  expect(own).toMatchObject({ inode: BigInt(statSync(process.execPath).ino) });
  const exec = sensor.next('exec', done.pid);
  expect(exec.task.start_ns).toBe(it.task.start_ns);
  expect(exec.task.exec_id).toBe(it.task.exec_id);
  child.stdin.end();
  await new Promise((resolve) => child.on('exit', resolve));
  sensor.next('exit', done.pid);
});

test('kernel threads are marked and are the ones that have no program', () => {
  const records = sensor.tasks();
  const threads = records.filter(
    ({ exe_flags }) => (Number(exe_flags) & exe_flag.EXE_KERNEL_THREAD) !== 0,
  );
  expect(threads.map(({ task }) => task.comm)).toContain('kthreadd');
  for (const { task } of threads) {
    expect(cmdline(task.pid), `${task.pid} ${task.comm}`).toBe('');
  }
});

function cmdline(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it has ended since
  }
}
