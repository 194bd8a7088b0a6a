// Which system calls are seen: what is wanted may change while hooks are attached, and programs that
// are wanted later are loaded later.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { elfSection } from '../../src/abi/elf.js';
import { attach as attachProgram } from '../../src/bpf/attach.js';
import { openSensorObject } from '../../src/bpf/sensor-object.js';
import {
  act,
  attach,
  holdings,
  nativeNumber,
  OBJECT_PATH,
  type Sensor,
  warmHoldings,
} from './harness.js';

let before: ReturnType<typeof holdings>;
let sensor: Sensor | undefined;

beforeAll(() => {
  before = warmHoldings();
});

afterEach(() => {
  sensor?.close();
  sensor = undefined;
});

afterAll(() => {
  expect(holdings()).toEqual(before);
});

test('without a wanted call nothing sits on the system calls of the host', async () => {
  sensor = attach();
  expect(sensor.object.attached).toEqual(['on_exit', 'on_exec', 'on_fork', 'on_rename']);
  const done = await act('call-getppid', '3');
  sensor.next('exit', done.pid);
  expect(sensor.loss.read().has(nativeNumber('getppid'))).toBe(false);
});

test('each wanted call is one record with the result that the caller saw', async () => {
  sensor = attach({ syscalls: ['getppid'] });
  const done = await act('call-getppid', '3');
  for (let i = 0; i < 3; i++) {
    const { header, task, call } = sensor.next('call', done.pid, 'getppid');
    expect(header.type).toBe(nativeNumber('getppid'));
    expect(task.parent_pid).toBe(done.parent_pid);
    expect(call).toMatchObject({ ret: BigInt(done.parent_pid ?? 0), abi: 0 });
  }
  sensor.next('exit', done.pid);
  expect(sensor.records.filter(({ task }) => task.pid === done.pid)).not.toContainEqual(
    expect.objectContaining({ header: expect.objectContaining({ type: nativeNumber('getppid') }) }),
  );
});

test('a call that is wanted later is seen from then on, one that is not wanted any more is not', async () => {
  sensor = attach();
  const getppid = nativeNumber('getppid');
  const openat = nativeNumber('openat');
  sensor.object.want([getppid]);
  const first = await act('call-getppid', '1');
  sensor.next('call', first.pid, 'getppid');
  sensor.object.want([openat]);
  const second = await act('call-getppid', '1');
  sensor.next('call', second.pid, 'openat');
  sensor.next('exit', second.pid);
  const types = sensor.records
    .filter(({ task }) => task.pid === second.pid)
    .map((r) => r.header.type);
  expect(types).not.toContain(getppid);
  sensor.object.want([]);
  expect(sensor.object.attached).not.toContain('sys_exit');
});

test('wanting the same again loads nothing again', () => {
  sensor = attach();
  const getppid = nativeNumber('getppid');
  sensor.object.want([getppid]);
  const { maps, programs, links } = sensor.object.fds();
  sensor.object.want([getppid]);
  sensor.object.want([]);
  sensor.object.want([getppid]);
  const now = sensor.object.fds();
  expect([now.maps, now.programs]).toEqual([maps, programs]);
  expect(now.links).toHaveLength(links.length);
});

test('calls whose program the kernel refuses leave the lifecycle, and the refusal is told when they are wanted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saker-wanted-'));
  const path = join(folder, 'saker.bpf.o');
  const bytes = readFileSync(OBJECT_PATH);
  elfSection(bytes, 'tp_btf/sys_exit').fill(0xff, 0, 8); // no instruction
  writeFileSync(path, bytes);
  const syscalls = ['getppid', 'openat', 'connect', 'sendmsg'].map(nativeNumber);
  const object = openSensorObject({ object_path: path, ring_bytes: 1 << 20, ia32: [], syscalls });
  try {
    object.attachLifecycle();
    expect(object.attached).toEqual(['on_exit', 'on_exec', 'on_fork', 'on_rename']);
    expect(() => object.want(syscalls)).toThrow(expect.objectContaining({ code: 'BPF_LOAD' }));
    expect(object.wanted).toEqual(new Set());
  } finally {
    object.close();
    rmSync(folder, { recursive: true });
  }
});

test('every record carries the number of the plan that was set', async () => {
  sensor = attach({ syscalls: ['getppid'] });
  sensor.object.control.plan = 0xfffffffe;
  expect(sensor.object.control.plan).toBe(0xfffffffe);
  const done = await act('call-getppid', '1');
  expect(sensor.next('call', done.pid, 'getppid').header.plan).toBe(0xfffffffe);
});

describe('an object that nobody has had before', () => {
  let own: Sensor;
  beforeAll(() => {
    own = attach({ own: true });
  });
  afterAll(() => own.close());

  test('an attachment may be closed twice, and what is not loaded is not attached', () => {
    const { object } = own.object;
    const attachment = attachProgram(object, 'iter_tasks');
    expect(attachment.program).toBe('iter_tasks');
    attachment.close();
    attachment.close();
    expect(() => attachProgram(object, 'sys_exit')).toThrow(
      expect.objectContaining({ code: 'BPF_ATTACH' }),
    );
  });

  test('what was loaded aside is not loaded again when it is wanted, or while it is on its way', async () => {
    const calls = ['getppid', 'openat', 'connect', 'sendmsg'].map(nativeNumber);
    const before = own.object.fds().programs.length;
    await Promise.all([own.object.loadAside(calls), own.object.loadAside(calls)]);
    // The dispatcher, and of these calls two have the same program.
    expect(own.object.fds().programs.length - before).toBe(4);
    const held = holdings();
    own.object.want(calls);
    const done = await act('call-getppid', '1');
    own.next('call', done.pid, 'getppid');
    own.object.want([]);
    await own.object.loadAside(calls);
    expect(holdings()).toEqual(held);
  });

  test('when it is closed twice, or used after it, it is an error of ours and no crash', () => {
    const { object } = own.object;
    own.close();
    own.close();
    expect(() => object.map('ring')).toThrow(expect.objectContaining({ code: 'BPF_LOAD' }));
    expect(() => object.load()).toThrow(expect.objectContaining({ code: 'BPF_LOAD' }));
  });
});
