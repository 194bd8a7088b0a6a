import { expect, test } from 'vitest';
import { DecodeCounters } from '../../../src/decode/cursor.js';
import { encodeRecord } from '../../../src/decode/encode.js';
import { ExecCursor, ExitCursor, ForkCursor } from '../../../src/decode/process.js';
import type { Process } from '../../../src/enrich/process.js';
import { ProcessTree, type ProcessTreeOptions } from '../../../src/enrich/process-tree.js';
import { exec, exit, fork, startOf, task } from './records.js';

const counters = new DecodeCounters();

function bound<T extends { bind(memory: Buffer, offset: number, length: number): boolean }>(
  cursor: T,
  record: Buffer,
): T {
  expect(cursor.bind(record, 0, record.length)).toBe(true);
  return cursor;
}

const forked = (...args: Parameters<typeof fork>) => bound(new ForkCursor(counters), fork(...args));
const execed = (...args: Parameters<typeof exec>) => bound(new ExecCursor(counters), exec(...args));
const exited = (...args: Parameters<typeof exit>) => bound(new ExitCursor(counters), exit(...args));

function treeWithInit(options: ProcessTreeOptions = {}): ProcessTree {
  const tree = new ProcessTree(options);
  tree.exec(execed(1, 0, ['/sbin/init']));
  return tree;
}

function names(process: Process | undefined): string[] {
  const found: string[] = [];
  for (let at = process; at !== undefined; at = at.parent) found.push(at.comm);
  return found;
}

test('a forked child runs what its parent runs, until it execs', () => {
  const tree = treeWithInit();
  tree.exec(execed(10, 1, ['bash', '-l']));
  const child = tree.fork(forked(20, 10, { comm: 'bash' }));
  expect(child).toMatchObject({
    comm: 'bash',
    exepath: '/usr/bin/bash',
    args: '-l',
    cwd: '/home/u/',
  });
  expect(names(child)).toEqual(['bash', 'bash', 'init']);
  tree.exec(execed(20, 10, ['curl', '-k', 'http://x/ y', '']));
  expect(child).toMatchObject({
    comm: 'curl',
    exe: 'curl',
    args: '-k http://x/ y ',
    cmdline: 'curl -k http://x/ y ',
    argv: ['curl', '-k', 'http://x/ y', ''],
    env: ['HOME=/root', 'EMPTY=', 'SP= x '],
  });
  expect(tree.latest(10)?.args).toBe('-l');
});

test('processes that were there before have their ancestors, also where pids have wrapped', () => {
  const asked: number[] = [];
  const discover = (process: Process) => asked.push(process.pid) > 0;
  const tree = new ProcessTree({ discover });
  tree.task(execed(1, 0, ['/sbin/init']));
  const child = tree.task(execed(10, 900, ['sh', '-c', 'id']));
  expect(tree.latest(900)).toMatchObject({ known: false, parent: undefined });
  tree.task(execed(700, 1, ['sshd']));
  const parent = tree.task(execed(900, 700, ['nginx', '-g'], { own: { inode: 21n } }));
  expect(names(child)).toEqual(['sh', 'nginx', 'sshd', 'init']);
  expect(child.parent).toBe(parent);
  expect(parent).toMatchObject({ known: true, args: '-g', program: { inode: 21n } });
  expect(asked).toEqual([]);
});

test('a process that is the copy of a brother runs what the brother runs', () => {
  const tree = treeWithInit();
  tree.exec(execed(10, 1, ['runc', 'create']));
  tree.fork(forked(20, 10));
  tree.exec(execed(20, 10, ['runc', 'init']));
  const own = { cloner_pid: 20, cloner_start_ns: startOf(20) };
  const record = encodeRecord({ kind: 'fork', task: task(30, 10), own });
  const brother = tree.fork(bound(new ForkCursor(counters), record));
  expect(brother.args).toBe('init');
  expect(brother.parent?.pid).toBe(10);
});

test('a process whose exec was lost is uncertain until the next one, and is looked up', () => {
  const asked: number[] = [];
  const tree = treeWithInit({
    discover: (process) => {
      asked.push(process.pid);
      return true;
    },
  });
  tree.exec(execed(10, 1, ['bash'], { task: { exec_id: 3n } }));
  const event = (exec_id: bigint) => {
    const record = encodeRecord({ kind: 'exit', task: task(10, 1, { exec_id }) });
    return bound(new ExitCursor(counters), record);
  };
  expect(tree.touch(event(3n)).uncertain).toBe(false);
  expect(tree.touch(event(4n)).uncertain).toBe(true);
  expect(tree.touch(event(4n)).uncertain).toBe(true);
  expect(asked).toEqual([10]);
  const child = tree.fork(forked(20, 10, { exec_id: 4n }));
  expect(child.uncertain).toBe(true);
  tree.exec(execed(10, 1, ['sh'], { task: { exec_id: 5n } }));
  expect(tree.touch(event(5n)).uncertain).toBe(false);
});

test('a process that is first seen in the middle of its life is uncertain', () => {
  const tree = treeWithInit({ discover: () => true });
  expect(tree.touch(exited(30, 1)).uncertain).toBe(true);
  expect(tree.fork(forked(40, 1)).uncertain).toBe(false);
});

test('a pid that is used again does not give the data of its earlier owner', () => {
  const tree = treeWithInit();
  tree.exec(execed(10, 1, ['first']));
  tree.exit(exited(10, 1));
  tree.fork(forked(10, 1, { start_ns: 999n, comm: 'second' }));
  expect(tree.latest(10)?.comm).toBe('second');
  const start = startOf(10);
  const old = tree.find(10, Number(start & 0xffff_ffffn), Number(start >> 32n));
  expect(old?.exepath).toBe('/usr/bin/first');
  expect(tree.latest(10)?.exepath).toBe('/sbin/init');
  expect(tree.find(10, 1, 0)).toBeUndefined();
});

test('a process whose exit was lost ends when its pid is used again', () => {
  const tree = treeWithInit();
  const lost = tree.exec(execed(10, 1, ['lost']));
  const child = tree.fork(forked(11, 10));
  tree.fork(forked(10, 1, { start_ns: 999n }));
  expect(lost.ended_ms).toBeGreaterThan(0);
  expect(child.parent?.pid).toBe(1);
});

test('children of a process that ends go to the reaper the kernel named', () => {
  const tree = treeWithInit();
  tree.exec(execed(5, 1, ['systemd', '--user']));
  tree.exec(execed(10, 5, ['bash']));
  const children = [tree.fork(forked(11, 10)), tree.fork(forked(12, 10))];
  tree.exit(exited(10, 5, 5));
  expect(children.map((child) => child.parent?.pid)).toEqual([5, 5]);
  expect(tree.latest(5)?.child_count).toBe(2);
  expect(tree.latest(10)?.child_count).toBe(0);
  tree.exit(exited(5, 1, 1));
  expect(children.map((child) => child.parent?.pid)).toEqual([1, 1]);
});

test('a late event of a dead process still finds it and its parent', () => {
  const tree = treeWithInit();
  tree.exec(execed(10, 1, ['bash']));
  tree.fork(forked(11, 10));
  tree.exit(exited(11, 10));
  const found = tree.touch(bound(new ExecCursor(counters), exec(11, 10, ['x'])));
  expect(names(found).slice(1)).toEqual(['bash', 'init']);
});

test('an event tells of a new parent', () => {
  const tree = treeWithInit();
  tree.exec(execed(10, 1, ['bash']));
  const child = tree.fork(forked(11, 10));
  tree.touch(bound(new ExecCursor(counters), exec(11, 1, ['x'])));
  expect(child.parent?.pid).toBe(1);
  expect(tree.latest(10)?.child_count).toBe(0);
});

test('an event of the main thread tells of a new name, one of another thread does not', () => {
  const tree = treeWithInit();
  const process = tree.fork(forked(10, 1));
  const renamed = encodeRecord({ kind: 'exit', task: task(10, 1, { tid: 11, comm: 'worker' }) });
  tree.touch(bound(new ExitCursor(counters), renamed));
  expect(process.comm).toBe('p10');
  const main = encodeRecord({ kind: 'exit', task: task(10, 1, { comm: 'main' }) });
  tree.touch(bound(new ExitCursor(counters), main));
  expect(process.comm).toBe('main');
});

test('fork, exec and exit without end do not grow the tree', () => {
  let now_ms = 1;
  const tree = treeWithInit({ childless_limit: 100, dead_ms: 1000, now_ms: () => now_ms });
  for (let pid = 100; pid < 5100; pid += 1) {
    tree.fork(forked(pid, 1));
    tree.exec(execed(pid, 1, ['true']));
    tree.exit(exited(pid, 1));
    expect(tree.size).toBeLessThanOrEqual(102);
  }
  now_ms += 5000;
  tree.fork(forked(50, 1));
  tree.exit(exited(50, 1));
  expect(tree.size).toBe(2);
  expect(tree.latest(1)?.child_count).toBe(0);
});

test('who had children is kept when many have ended that had none', () => {
  const tree = treeWithInit({ dead_limit: 10, childless_limit: 10 });
  tree.exec(execed(10, 1, ['bash']));
  const child = tree.fork(forked(11, 10));
  tree.exit(exited(10, 1));
  for (let pid = 100; pid < 200; pid += 1) {
    tree.fork(forked(pid, 1));
    tree.exit(exited(pid, 1));
  }
  expect(tree.latest(100)).toBeUndefined();
  expect(tree.latest(10)?.ended_ms).toBeGreaterThan(0);
  tree.touch(execed(11, 10, ['late'])); // still names the parent that has ended
  expect(child.parent?.pid).toBe(1);
  expect(tree.size).toBe(13);
});

test('a chain in which every parent ends does not keep its dead', () => {
  const tree = treeWithInit({ dead_limit: 10 });
  tree.fork(forked(2, 1));
  for (let pid = 3; pid < 500; pid += 1) {
    tree.fork(forked(pid, pid - 1));
    tree.exit(exited(pid - 1, 1));
    expect(names(tree.latest(pid))).toHaveLength(2);
  }
  expect(tree.size).toBeLessThanOrEqual(13);
});

test('processes that are gone end in a sweep', () => {
  const tree = treeWithInit();
  tree.fork(forked(10, 1));
  const child = tree.fork(forked(11, 10));
  expect(tree.sweep((process) => process.pid !== 10)).toBe(1);
  expect(child.parent?.pid).toBe(1);
  expect([...tree.living()].map((process) => process.pid)).toEqual([1, 11]);
});

test('parents never form a loop, whatever records say', () => {
  const seed = Date.now() % 1_000_000;
  console.info(`seed ${seed}`);
  let state = seed | 1;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const tree = new ProcessTree({ dead_limit: 20 });
  for (let round = 0; round < 20_000; round += 1) {
    const pid = random(12);
    const parent = random(12);
    const what = random(4);
    if (what === 0) tree.fork(forked(pid, parent));
    else if (what === 1) tree.exec(execed(pid, parent, ['x']));
    else if (what === 2) tree.exit(exited(pid, parent, random(12)));
    else tree.touch(execed(pid, parent, ['x']));
    for (const process of tree.living()) checkLinks(process);
  }
  expect(tree.size).toBeGreaterThan(0);
});

function checkLinks(process: Process): void {
  let depth = 0;
  for (let at = process.parent; at !== undefined; at = at.parent) {
    depth += 1;
    if (depth > 40) throw new Error('parents form a loop');
    if (at.ended_ms !== 0) throw new Error('a dead process is the parent of a living one');
  }
  let children = 0;
  for (let at = process.first_child; at !== undefined; at = at.next_sibling) {
    children += 1;
    if (children > 40) throw new Error('the list of children has a loop');
    if (at.parent !== process) throw new Error('a child has another parent');
  }
  if (process.child_count !== children) throw new Error('children are miscounted');
}
