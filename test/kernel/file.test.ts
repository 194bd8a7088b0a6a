// Records of calls on files, held against what the kernel tells the caller of the same files.

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { object_flag, object_kind, span_flag } from '../../src/abi/layout.js';
import { act, attach, type Done, nativeNumber, type Sensor } from './harness.js';
import { type PlainRecord, textOf } from './harness-record.js';
import { objectOf, partOf, spanFlags } from './record-parts.js';

const CALLS = [
  ...['open', 'openat', 'openat2', 'creat', 'open_by_handle_at', 'dup', 'mkdirat', 'mkdir'],
  ...['rename', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'mknod', 'chmod'],
  ...['fchmodat', 'fchmod', 'chown', 'truncate', 'ftruncate', 'unlink', 'unlinkat', 'rmdir'],
  ...['mount', 'umount2', 'chdir'],
];
const ENOENT = -2n;

let sensor: Sensor;
let folder: string;

beforeAll(() => {
  sensor = attach({ syscalls: CALLS });
});
afterAll(() => sensor.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-file-'));
  sensor.drain();
  sensor.object.want(CALLS.map(nativeNumber));
});
// Unwatched, for it would fill the ring; and not by Node: paths of some files are too long for it.
afterEach(() => {
  sensor.object.want([]);
  execFileSync('rm', ['-rf', folder]);
});

/** The oldest record of this call whose first path argument is `claimed`. */
function call(done: Done, type: string, claimed?: string): PlainRecord {
  for (const passed: PlainRecord[] = []; ; ) {
    const record = sensor.next('call', done.pid, type);
    if (claimed === undefined || textOf(record, 'claimed') === claimed) {
      sensor.records.push(...passed);
      return record;
    }
    passed.push(record);
  }
}

function expectObject(record: PlainRecord, done: Done, key: string): void {
  expect(textOf(record, 'path')).toBe(done[`${key}_path`]);
  expect(objectOf(record)).toMatchObject({
    fd: done[`${key}_fd`],
    inode: BigInt(done[`${key}_inode`] ?? 0),
    mode: done[`${key}_mode`],
    dev: done[`${key}_dev`],
    kind: object_kind.OBJECT_FILE,
  });
}

/** Whether another thread can, or could, change what is behind the descriptor. */
function isShared(record: PlainRecord): boolean {
  return (Number(objectOf(record).flags) & object_flag.OBJECT_SHARED_TABLE) !== 0;
}

test('an open that makes a file has its path, what was asked for, and that it was made', async () => {
  const done = await act('kernel/open', folder);
  const record = call(done, 'openat', 'sub/../made');
  expectObject(record, done, 'made');
  expect(textOf(record, 'path')).toBe(join(folder, 'made'));
  expect(textOf(record, 'base')).toBe(folder);
  expect(partOf(record, 'call')).toMatchObject({ ret: BigInt(done.made_fd ?? -1), abi: 0 });
  expect(partOf(record, 'call').extra).toBe(0o302n); // O_CREAT | O_EXCL | O_RDWR
  expect(partOf(record, 'call').extra2).toBe(0o640n);
  expect(Number(objectOf(record).flags) & object_flag.OBJECT_CREATED).not.toBe(0);
});

test('an open through a symbolic link names the file that was opened', async () => {
  const done = await act('kernel/open', folder);
  const record = call(done, 'openat', 'link');
  expectObject(record, done, 'linked');
  expect(textOf(record, 'path')).toBe(join(folder, 'made'));
  expect(Number(objectOf(record).flags) & object_flag.OBJECT_CREATED).toBe(0);
});

test('a path below a folder descriptor has that folder as its base', async () => {
  const done = await act('kernel/open', folder);
  const record = call(done, 'openat', '../made');
  expectObject(record, done, 'by_dir');
  expect(textOf(record, 'base')).toBe(join(folder, 'sub'));
  expect([partOf(record, 'call').args].flat()[0]).toBe(BigInt(done.from ?? 0));
});

test('an open that fails has no object, but what was claimed and where', async () => {
  const done = await act('kernel/open', folder);
  const record = call(done, 'openat', 'no/such');
  expect(partOf(record, 'call').ret).toBe(ENOENT);
  expect(done.missing_ret).toBe(Number(ENOENT));
  expect(objectOf(record)).toMatchObject({ fd: -1, kind: object_kind.OBJECT_NONE, inode: 0n });
  expect(textOf(record, 'path')).toBeUndefined();
  expect(textOf(record, 'base')).toBe(folder);
});

test('openat2, open, creat and open_by_handle_at are opens too', async () => {
  const done = await act('kernel/open', folder);
  const how = call(done, 'openat2');
  expectObject(how, done, 'by_how');
  expect(partOf(how, 'call')).toMatchObject({ extra: 0n, extra2: 2n << 32n });
  const plain = call(done, 'open', 'made');
  expectObject(plain, done, 'plain');
  expect(partOf(plain, 'call').extra).toBe(0o400000n); // O_NOFOLLOW
  const fresh = call(done, 'creat');
  expectObject(fresh, done, 'fresh');
  expect(partOf(fresh, 'call')).toMatchObject({ extra: 0o1101n, extra2: 0o604n });
  const handle = call(done, 'open_by_handle_at');
  if (Number(done.by_handle_fd) >= 0) expectObject(handle, done, 'by_handle');
  else expect(partOf(handle, 'call').ret).toBeLessThan(0n); // the file system has no handles
});

test('a file deep down has its whole path', async () => {
  sensor.object.want([nativeNumber('openat')]); // the folders on the way would fill the ring
  const done = await act('kernel/deep', folder, '1000');
  const path = textOf(call(done, 'openat', 'bottom'), 'path') ?? '';
  const expected = Array.from({ length: 1000 }, (_, i) => `d${i % 10}`).join('/');
  expect(path).toBe(`${folder}/${expected}/bottom`);
});

test('a path longer than a path may be keeps its end and says so', async () => {
  sensor.object.want([nativeNumber('openat')]);
  const done = await act('kernel/deep', folder, '1500');
  const record = call(done, 'openat', 'bottom');
  const path = textOf(record, 'path') ?? '';
  expect(path.length).toBeGreaterThan(4000);
  expect(path.endsWith('/d8/d9/bottom')).toBe(true);
  expect(spanFlags(record, 'path')).toBe(span_flag.SPAN_FRONT_CUT);
});

test('files on other mounts, in overlays and below another root are named as the caller sees them', async () => {
  const done = await act('kernel/places', folder);
  const mounted = call(done, 'openat', 'low/below');
  expectObject(mounted, done, 'mounted');
  expect(isShared(mounted)).toBe(false);
  const lower = call(done, 'openat', 'all/below');
  const upper = call(done, 'openat', 'all/above');
  const copied = call(done, 'openat', 'all/copied');
  expect(textOf(lower, 'path')).toBe(done.lower_path);
  const layers = [lower, upper, copied].map(
    (one) =>
      Number(objectOf(one).flags) &
      (object_flag.OBJECT_LOWER_LAYER | object_flag.OBJECT_UPPER_LAYER),
  );
  const { OBJECT_LOWER_LAYER: low, OBJECT_UPPER_LAYER: up } = object_flag;
  expect(layers).toEqual([low, up, up]);
  const removed = call(done, 'dup');
  expect(textOf(removed, 'path')).toBe(join(folder, 'm/all/gone'));
  expect(spanFlags(removed, 'path')).toBe(span_flag.SPAN_DELETED);
  const shared = call(done, 'openat', 'low/below');
  expect(objectOf(shared).fd).toBe(done.shared_fd);
  expect(isShared(shared)).toBe(true);
  const inside = call(done, 'openat', 'below');
  expect(objectOf(inside).fd).toBe(done.inside_fd);
  expect(textOf(inside, 'path')).toBe('/below');
  expect(textOf(inside, 'base')).toBe('/');
  expect(isShared(inside)).toBe(true); // though the other thread is gone
  const outside = call(done, 'dup');
  expect(spanFlags(outside, 'path')).toBe(span_flag.SPAN_UNREACHABLE);
});

test('calls on two paths have both, each with its base', async () => {
  const done = await act('kernel/change', folder);
  const texts = (type: string): (string | undefined)[] => {
    const record = call(done, type);
    expect(partOf(record, 'call').ret).toBe(0n);
    return ['claimed', 'base', 'claimed2', 'base2'].map((member) => textOf(record, member));
  };
  const sub = join(folder, 'sub');
  expect(texts('rename')).toEqual(['one', folder, done.absolute, undefined]);
  expect(texts('renameat2')).toEqual([done.absolute, undefined, 'two', sub]);
  expect(texts('link')).toEqual(['sub/two', folder, 'three', folder]);
  expect(texts('linkat')).toEqual(['two', sub, 'four', folder]);
  expect(texts('symlink')).toEqual(['../target', undefined, 'five', folder]);
  expect(texts('symlinkat')).toEqual(['target', undefined, 'six', sub]);
});

test('calls on one path have it and its base', async () => {
  const done = await act('kernel/change', folder);
  const texts = (type: string): (string | undefined)[] => {
    const record = call(done, type);
    return ['claimed', 'base'].map((member) => textOf(record, member));
  };
  const sub = join(folder, 'sub');
  expect(texts('mkdir')).toEqual(['sub', folder]);
  expect(texts('mkdirat')).toEqual(['inner', sub]);
  expect(texts('mknod')).toEqual(['seven', folder]);
  expect(texts('chmod')).toEqual(['three', folder]);
  expect(texts('fchmodat')).toEqual(['two', sub]);
  expect(texts('chown')).toEqual(['three', folder]);
  expect(texts('truncate')).toEqual(['three', folder]);
  expect(texts('unlink')).toEqual(['three', folder]);
  expect(texts('unlinkat')).toEqual(['inner', sub]);
  expect(texts('rmdir')).toEqual(['sub/none', folder]);
  expect(texts('umount2')).toEqual(['sub/two', folder]);
});

test('calls on a descriptor have the file behind it, mount its three texts', async () => {
  const done = await act('kernel/change', folder);
  for (const type of ['fchmod', 'ftruncate']) {
    const record = call(done, type);
    expect(textOf(record, 'path')).toBe(done.file_path);
    expect(objectOf(record).inode).toBe(BigInt(done.file_inode ?? 0));
  }
  const mount = call(done, 'mount');
  expect(['claimed', 'claimed2', 'base2', 'data'].map((one) => textOf(mount, one))).toEqual([
    'nothing',
    'sub',
    folder,
    'nosuchfs',
  ]);
  expect(textOf(mount, 'base')).toBeUndefined();
});

test('chdir has the folder it went to', async () => {
  const done = await act('kernel/change', folder);
  const record = call(done, 'chdir', 'sub');
  expect(textOf(record, 'path')).toBe(done.cwd);
  expect(objectOf(record).kind).toBe(object_kind.OBJECT_DIRECTORY);
});
