// Whom a signal or tracing is aimed at: what can be told from the call and the processes that are known.

import { expect, test } from 'vitest';
import { record_header, record_kind, verdict_record } from '../../../src/abi/layout.js';
import { encodeRecord } from '../../../src/decode/encode.js';
import type { Event } from '../../../src/decode/event.js';
import { isAimed } from '../../../src/decode/target.js';
import { FIRST_PID_NS } from '../../../src/decode/task.js';
import { typeNumber } from '../../../src/rules/events.js';
import { exec, offline, read, take, task } from '../enrich/records.js';

const CALLER = 20;
const VICTIM = 30;
const FIELDS = ['target.pid', 'target.name', 'target.exepath'];
const OF_VICTIM = [VICTIM, 'victim', '/usr/sbin/victim'];
const OF_CALLER = [CALLER, 'caller', '/bin/caller'];
const NOBODY = [undefined, undefined, undefined];

interface Call {
  name: string;
  args: bigint[];
  ret?: number;
  pid_ns?: number;
  /** What a verdict says. */
  target_pid?: number;
}

function eventOf({ name, args, ret = 0, pid_ns = FIRST_PID_NS, target_pid }: Call): Event {
  const enricher = offline();
  take(enricher, exec(VICTIM, 1, ['/usr/sbin/victim']));
  take(enricher, exec(CALLER, 1, ['/bin/caller']));
  take(enricher, exec(40, 1, ['kthread'], { texts: { exe: '' } }));
  const type = typeNumber(name) ?? 0;
  const who = task(CALLER, 1, { tid: 21, comm: 'thread', pid_ns });
  let record = encodeRecord({ kind: 'call', type, task: who, call: { args, ret } });
  if (target_pid !== undefined) {
    record = Buffer.concat([record, Buffer.alloc(verdict_record.size - record.length)]);
    record.writeUInt32LE(record.length, record_header.length);
    record.writeUInt16LE(record_kind.RECORD_VERDICT, record_header.kind);
    record.writeUInt32LE(type, verdict_record.verdict.type);
    record.writeUInt32LE(target_pid, verdict_record.verdict.target_pid);
  }
  const event = take(enricher, record);
  if (event === undefined) throw new Error('the record is refused');
  return event;
}

function targetOf(call: Call): unknown[] {
  const event = eventOf(call);
  return FIELDS.map((field) => read(event, field));
}

test.each<[string, Call, unknown[]]>([
  ['kill', { name: 'kill', args: [30n, 9n] }, OF_VICTIM],
  ['a kill that is refused', { name: 'kill', args: [30n, 9n], ret: -1 }, OF_VICTIM],
  ['tkill', { name: 'tkill', args: [30n, 9n] }, OF_VICTIM],
  ['tgkill of a thread', { name: 'tgkill', args: [30n, 31n, 9n] }, OF_VICTIM],
  ['rt_sigqueueinfo', { name: 'rt_sigqueueinfo', args: [30n, 9n] }, OF_VICTIM],
  ['rt_tgsigqueueinfo', { name: 'rt_tgsigqueueinfo', args: [30n, 31n, 9n] }, OF_VICTIM],
  ['ptrace', { name: 'ptrace', args: [16n, 30n] }, OF_VICTIM],
  ['process_vm_readv', { name: 'process_vm_readv', args: [30n] }, OF_VICTIM],
  ['process_vm_writev', { name: 'process_vm_writev', args: [30n] }, OF_VICTIM],
  ['the high half of a number', { name: 'kill', args: [(7n << 32n) | 30n, 9n] }, OF_VICTIM],
  ['oneself', { name: 'kill', args: [20n, 6n] }, OF_CALLER],
  ['the thread itself', { name: 'tkill', args: [21n, 6n] }, OF_CALLER],
  ['who asks to be traced', { name: 'ptrace', args: [0n, 30n] }, OF_CALLER],
  ['the same in a container', { name: 'ptrace', args: [0n, 0n], pid_ns: 5 }, OF_CALLER],
  ['a request that is 0 in its low half', { name: 'ptrace', args: [1n << 32n, 30n] }, OF_VICTIM],
  ['a thread of the kernel', { name: 'kill', args: [40n, 9n] }, [40, 'kthread', undefined]],
  ['a process group', { name: 'kill', args: [-30n, 9n] }, NOBODY],
  ['everybody', { name: 'kill', args: [-1n, 9n] }, NOBODY],
  ['the own group', { name: 'kill', args: [0n, 9n] }, NOBODY],
  ['a number that nobody has', { name: 'kill', args: [30n, 9n], ret: -3 }, NOBODY],
  ['a number of which nothing is known', { name: 'kill', args: [77n, 9n] }, NOBODY],
  ['a number of another namespace', { name: 'kill', args: [30n, 9n], pid_ns: 5 }, NOBODY],
  ['a descriptor', { name: 'pidfd_send_signal', args: [30n, 9n] }, NOBODY],
  ['a call that is aimed at nobody', { name: 'setpgid', args: [30n, 30n] }, NOBODY],
])('of %s', (_, call, target) => {
  expect(targetOf(call)).toEqual(target);
});

test('of a call that was denied the kernel says it', () => {
  const args = [0n, 0n, 0n];
  const at = (name: string, target_pid: number, pid_ns?: number) =>
    targetOf({ name, args, target_pid, ...(pid_ns === undefined ? {} : { pid_ns }) });
  expect(at('pidfd_send_signal', VICTIM)).toEqual(OF_VICTIM);
  expect(at('kill', VICTIM, 5)).toEqual(OF_VICTIM);
  expect(at('ptrace', VICTIM)).toEqual(OF_VICTIM);
  expect(at('kill', CALLER)).toEqual(OF_CALLER);
  expect(at('kill', 77)).toEqual([77, undefined, undefined]);
  expect(at('openat', 0)).toEqual(NOBODY);
});

test('calls by a descriptor are aimed at somebody, too', () => {
  const types = ['kill', 'ptrace', 'pidfd_send_signal', 'pidfd_getfd', 'openat', 'prlimit'];
  expect(types.map((name) => isAimed(typeNumber(name) ?? 0))).toEqual([
    ...[true, true, true, true],
    ...[false, false],
  ]);
});
