// Records of calls that change the kernel, or give a process a way into it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { object_kind } from '../../src/abi/layout.js';
import { act, attach, type Done, type Sensor } from './harness.js';
import { textOf } from './harness-record.js';
import { objectOf, partOf } from './record-parts.js';

const BPF_MAP_TYPE_ARRAY = 2n;
const PERF_TYPE_SOFTWARE = 1n;
const PERF_COUNT_SW_TASK_CLOCK = 1n;

let sensor: Sensor;
let done: Done;

beforeAll(async () => {
  sensor = attach({
    syscalls: [
      ...['finit_module', 'init_module', 'delete_module', 'bpf', 'perf_event_open'],
      ...['io_uring_setup', 'userfaultfd'],
    ],
  });
  done = await act('kernel/integrity');
});
afterAll(() => sensor.close());

test('loading a module has the file and the parameters', () => {
  const record = sensor.next('call', done.pid, 'finit_module');
  expect(partOf(record, 'call').ret).toBe(BigInt(done.finit_module ?? 0));
  expect(objectOf(record)).toMatchObject({ fd: done.file, kind: object_kind.OBJECT_FILE });
  expect(textOf(record, 'path')).toMatch(/build\/acts\/kernel\/integrity$/);
  expect(textOf(record, 'data')).toBe('first=1 second=2');
  const memory = sensor.next('call', done.pid, 'init_module');
  expect(partOf(memory, 'call').ret).toBe(BigInt(done.init_module ?? 0));
  expect(textOf(memory, 'data')).toBe('third=3');
});

test('removing a module has its name', () => {
  const record = sensor.next('call', done.pid, 'delete_module');
  expect(textOf(record, 'claimed')).toBe('saker_no_such');
  expect(partOf(record, 'call').ret).toBe(BigInt(done.delete_module ?? 0));
});

test('bpf has the type and name of what is made, or the path', () => {
  const map = sensor.next('call', done.pid, 'bpf');
  expect(textOf(map, 'claimed')).toBe('saker_act');
  expect(partOf(map, 'call')).toMatchObject({
    extra: BPF_MAP_TYPE_ARRAY,
    ret: BigInt(done.map ?? 0),
  });
  expect(objectOf(map)).toMatchObject({ fd: done.map, kind: object_kind.OBJECT_ANON });
  expect(textOf(map, 'path')).toBe('bpf-map');
  const pin = sensor.next('call', done.pid, 'bpf');
  expect(textOf(pin, 'claimed')).toBe('/no/such/pin');
  expect(partOf(pin, 'call').ret).toBe(BigInt(done.pin ?? 0));
  expect(objectOf(pin).kind).toBe(object_kind.OBJECT_NONE);
});

test('perf_event_open, io_uring_setup and userfaultfd have what they made', () => {
  const perf = sensor.next('call', done.pid, 'perf_event_open');
  expect(partOf(perf, 'call')).toMatchObject({
    extra: PERF_TYPE_SOFTWARE,
    extra2: PERF_COUNT_SW_TASK_CLOCK,
  });
  const made = [
    ['perf_event_open', perf, done.perf, '[perf_event]'],
    ['io_uring_setup', sensor.next('call', done.pid, 'io_uring_setup'), done.ring, '[io_uring]'],
    ['userfaultfd', sensor.next('call', done.pid, 'userfaultfd'), done.userfault, '[userfaultfd]'],
  ] as const;
  for (const [, record, fd, name] of made) {
    if (Number(fd) >= 0) {
      expect(objectOf(record)).toMatchObject({ fd, kind: object_kind.OBJECT_ANON });
      expect(textOf(record, 'path')).toBe(name);
    } else {
      expect(objectOf(record)).toMatchObject({ fd: -1, kind: object_kind.OBJECT_NONE });
      expect(partOf(record, 'call').ret).toBeLessThan(0n);
    }
  }
});
