import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCgroup, parseStat, parseStatus } from '../../../src/enrich/proc-files.js';
import { Process, Program } from '../../../src/enrich/process.js';
import { ProcessScan } from '../../../src/enrich/process-scan.js';
import { ProcessTree } from '../../../src/enrich/process-tree.js';

test('a scan finds this process as the kernel shows it, and its ancestors', () => {
  const tree = new ProcessTree();
  const count = new ProcessScan().fill(tree);
  expect(count).toBeGreaterThan(1);
  const self = tree.latest(process.pid);
  expect(self).toMatchObject({
    exepath: process.execPath,
    cwd: `${process.cwd()}/`,
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
    comm: readFileSync('/proc/self/comm', 'latin1').trimEnd(),
    pid_ns: Number(readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
  });
  expect(self?.env).toContain(`PATH=${process.env.PATH}`);
  expect(self?.parent?.pid).toBe(process.ppid);
  let top = self;
  while (top?.parent !== undefined) top = top.parent;
  expect(top?.pid).toBe(1);
});

test('a process seen for the first time is looked up, if it is the one that started then', async () => {
  const scan = new ProcessScan();
  const child = spawn('sleep', ['60']);
  await new Promise((resolve) => child.once('spawn', resolve));
  const pid = child.pid ?? 0;
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const start_ns = BigInt(stat?.start_ticks ?? 0) * 10_000_000n + 1234n;
  const low = Number(start_ns & 0xffff_ffffn);
  const high = Number(start_ns >> 32n);
  const found = new Process(pid, low, high, new Program());
  expect(scan.discover(found)).toBe(true);
  expect(found).toMatchObject({ comm: 'sleep', args: '60' });
  expect(found.start_ns).toBe(start_ns);
  expect(scan.isAlive(found)).toBe(true);
  const other = new Process(pid, low, high + 100, new Program());
  expect(scan.discover(other)).toBe(false);
  expect(scan.isAlive(other)).toBe(false);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(scan.isAlive(found)).toBe(false);
});

test('who is only known as the parent of somebody is completed, with ancestors', () => {
  const tree = new ProcessTree();
  const scan = new ProcessScan();
  scan.fill(tree);
  const parent = tree.latest(process.ppid);
  if (parent?.parent === undefined) throw new Error('no parent of the parent in /proc');
  const { comm, cmdline } = parent;
  const grandparent = parent.parent.pid;
  Object.assign(parent, { known: false, comm: '', program: new Program() });
  tree.link(parent.pid, 0);
  const ended = tree.adopt(new Process(2 ** 30, 1, 1, new Program()), 1);
  ended.known = false;
  scan.complete(tree);
  expect(parent).toMatchObject({ known: true, comm, cmdline, parent: { pid: grandparent } });
  expect(ended.known).toBe(false);
});

test('look-ups of unknown processes are bounded', () => {
  let now_ms = 0;
  const scan = new ProcessScan('/proc', () => now_ms);
  const unknown = () => new Process(2 ** 30, 1, 1, new Program());
  for (let i = 0; i < 1000; i += 1) expect(scan.discover(unknown())).toBe(false);
  expect(scan.refused).toBe(800);
  now_ms = 1000;
  for (let i = 0; i < 1000; i += 1) scan.discover(unknown());
  expect(scan.refused).toBe(1600);
});

test('look-ups of moved processes are bounded, and take nothing from those of unknown ones', () => {
  const scan = new ProcessScan('/proc', () => 0);
  const known = new ProcessTree();
  scan.fill(known);
  const own = known.latest(process.pid);
  if (own === undefined) throw new Error('this process is not in /proc');
  const group = parseCgroup(readFileSync('/proc/self/cgroup', 'latin1'));
  for (let i = 0; i < 200; i += 1) expect(scan.cgroupNow(own)).toBe(group);
  expect(scan.cgroupNow(own)).toBeUndefined();
  expect(scan.refused).toBe(1);
  scan.discover(new Process(2 ** 30, 1, 1, new Program()));
  expect(scan.refused).toBe(1);
});

test('the cgroup of another process that has the number now is not taken', () => {
  const ended = new Process(process.pid, 1, 1, new Program());
  expect(new ProcessScan().cgroupNow(ended)).toBeUndefined();
});

test('after a loss the name of a process is what /proc says', () => {
  const tree = new ProcessTree();
  const scan = new ProcessScan();
  scan.fill(tree);
  const self = tree.latest(process.pid);
  if (self === undefined) throw new Error('this process is not in /proc');
  const comm = self.comm;
  self.comm = 'before';
  tree.sweep((one) => scan.refresh(one));
  expect(self).toMatchObject({ comm, ended_ms: 0 });
});

test('a comm with blanks and brackets does not shift the other fields', () => {
  const numbers = '20 30 40 34816 0 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98948 1 2';
  expect(parseStat(`12 (a) b) (c) S ${numbers}`)).toEqual({
    comm: 'a) b) (c',
    parent_pid: 20,
    pgid: 30,
    session: 40,
    tty: 34816,
    start_ticks: 98948,
    is_kernel_thread: false,
    is_dead: false,
    threads: 1,
  });
  expect(parseStat('')).toBeUndefined();
  expect(parseStat(')(')).toBeUndefined();
});

test('status gives effective ids and the innermost numbers', () => {
  const text =
    'Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNSpid:\t900\t1\nNSpgid:\t900\t3\nCapInh:\t0\nCapPrm:\t000001ffffffffff\nCapEff:\tzz\n';
  expect(parseStatus(text)).toEqual({
    uid: 2,
    gid: 6,
    vpid: 1,
    vpgid: 3,
    cap_inheritable: 0n,
    cap_permitted: 0x1ffffffffffn,
    cap_effective: 0n,
  });
});

test('the cgroup path that says most is chosen', () => {
  expect(parseCgroup('0::/user.slice\n')).toBe('/user.slice');
  expect(parseCgroup('9:name=systemd:/a\n4:memory:/b\n0::/\n')).toBe('/a');
  expect(parseCgroup('9:name=systemd:/\n4:memory:/b:c\n0::/\n')).toBe('/b:c');
  expect(parseCgroup('4:memory:/b\n0::/x\n')).toBe('/x');
  expect(parseCgroup('0::/gone (deleted)\n')).toBe('/gone');
  expect(parseCgroup('')).toBe('/');
});
