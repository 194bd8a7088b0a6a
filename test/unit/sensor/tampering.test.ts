// Attempts on the agent: told at once, then counted; what the agent does itself is no attempt.
import { expect, test } from 'vitest';
import {
  record_header,
  record_kind,
  tamper_operation,
  tamper_record,
} from '../../../src/abi/layout.js';
import type { Attempt } from '../../../src/output/internal.js';
import { toBytes } from '../../../src/rules/bytes.js';
import { Tampering } from '../../../src/sensor/tampering.js';

const OWN_PID = 10;

function record(pid: number, operation: number, detail: number, denied = 0): Buffer {
  const bytes = Buffer.alloc(tamper_record.size);
  bytes.writeUInt32LE(bytes.length, record_header.length);
  bytes.writeUInt16LE(record_kind.RECORD_TAMPER, record_header.kind);
  bytes.writeUInt32LE(pid, tamper_record.task.pid);
  bytes.writeUInt32LE(7, tamper_record.task.uid);
  bytes.write('kill', tamper_record.task.comm.at, 'latin1');
  bytes.writeUInt32LE(operation, tamper_record.operation);
  bytes.writeBigUInt64LE(BigInt(detail), tamper_record.detail);
  bytes.writeUInt32LE(denied, tamper_record.denied);
  return bytes;
}

function watch(): {
  told: Attempt[];
  take(bytes: Buffer): void;
  at(ms: number): void;
  made: Tampering;
} {
  const told: Attempt[] = [];
  let now_ms = 0;
  const made = new Tampering(
    OWN_PID,
    () => toBytes('/usr/bin/kïll'),
    (attempt) => told.push(attempt),
    () => now_ms,
  );
  return {
    told,
    made,
    take: (bytes) => made.take(bytes, 0, bytes.length),
    at(ms) {
      now_ms = ms;
      made.flush();
    },
  };
}

const { TAMPER_SIGNAL, TAMPER_MAP } = tamper_operation;

test('the first attempt is told at once, with who it was', () => {
  const { told, take } = watch();
  take(record(99, TAMPER_SIGNAL, 9, 1));
  expect(told).toEqual([
    {
      what: 'signal 9',
      denied: true,
      times: 1,
      pid: 99,
      name: 'kill',
      exe: '/usr/bin/kïll',
      uid: 7,
    },
  ]);
});

test('those that follow are counted, and told when ten seconds are over', () => {
  const { told, take, at } = watch();
  for (let i = 0; i < 50; i++) take(record(100 + i, TAMPER_SIGNAL, 15));
  at(9_999);
  expect(told).toHaveLength(1);
  at(10_000);
  expect(told[1]).toMatchObject({ times: 49, pid: 149, what: 'signal 15' });
  at(30_000);
  expect(told).toHaveLength(2);
});

test('another kind does not wait for the first, and what was refused is not what was done', () => {
  const { told, take } = watch();
  take(record(99, TAMPER_SIGNAL, 9, 1));
  take(record(99, TAMPER_SIGNAL, 9, 0));
  take(record(99, TAMPER_MAP, 4, 1));
  take(record(99, 77, 0));
  expect(told.map(({ what, denied }) => [what, denied])).toEqual([
    ['signal 9', true],
    ['signal 9', false],
    ['BPF map 4', true],
    ['the agent', false],
  ]);
});

test('at the end nothing stays untold', () => {
  const { told, take, made } = watch();
  take(record(1, TAMPER_SIGNAL, 1));
  take(record(2, TAMPER_SIGNAL, 2));
  made.flush(true);
  expect(told.map(({ pid }) => pid)).toEqual([1, 2]);
});

test('what the agent does to itself is no attempt, and half a record is none', () => {
  const { told, take } = watch();
  take(record(OWN_PID, TAMPER_SIGNAL, 9));
  take(record(1, TAMPER_SIGNAL, 9).subarray(0, 60));
  expect(told).toEqual([]);
});
