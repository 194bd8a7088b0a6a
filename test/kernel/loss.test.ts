// Nothing is dropped uncounted: for every event type, seen = filtered + suppressed + sent + lost, and
// what was sent arrives.

import { afterEach, expect, test } from 'vitest';
import { event_type } from '../../src/abi/layout.js';
import type { Fates } from '../../src/capture/loss.js';
import { act, attach, isEmulated, nativeNumber, type Sensor } from './harness.js';

const RING_BYTES = 1 << 20;
const OPENS = isEmulated ? 5000 : 20_000;
const FORKS = 50;

let sensor: Sensor;

afterEach(() => sensor.close());

function expectIdentity(fates: ReadonlyMap<number, Fates>): void {
  for (const [type, { seen, filtered, suppressed, sent, lost }] of fates) {
    expect({ type, seen }).toEqual({ type, seen: filtered + suppressed + sent + lost });
  }
}

/** How many records of a type were read. */
function received(type: number): number {
  return sensor.records.filter(({ header }) => header.type === type).length;
}

test('with nobody reading, calls are lost and counted, and processes still have room', async () => {
  sensor = attach({ syscalls: ['openat'], ring_bytes: RING_BYTES });
  const openat = nativeNumber('openat');
  const done = await act('kernel/storm', String(OPENS), String(FORKS));
  sensor.object.want([]);
  const fates = sensor.loss.read();
  expectIdentity(fates);
  const opens = fates.get(openat);
  expect(opens?.seen).toBeGreaterThanOrEqual(OPENS);
  expect(opens?.lost).toBeGreaterThan(0);
  sensor.drain();
  expect(received(openat)).toBe(opens?.sent);
  // These came when four fifths were full.
  expect(fates.get(event_type.EVENT_FORK)?.lost).toBe(0);
  const children = new Set(
    sensor.records
      .filter(
        ({ header, task }) => header.type === event_type.EVENT_EXIT && task.parent_pid === done.pid,
      )
      .map(({ task }) => task.pid),
  );
  expect(children.size).toBe(FORKS);
  expect(children).toContain(done.first);
  expect(children).toContain(done.last);
});

test('once the ring is read there is room again', async () => {
  sensor = attach({ syscalls: ['openat'], ring_bytes: RING_BYTES });
  await act('kernel/storm', String(OPENS), '1');
  sensor.drain();
  const openat = nativeNumber('openat');
  const before = sensor.loss.read().get(openat);
  await act('kernel/storm', '100', '1');
  sensor.object.want([]);
  const after = sensor.loss.read().get(openat);
  sensor.drain();
  expect((after?.sent ?? 0) - (before?.sent ?? 0)).toBeGreaterThanOrEqual(100);
  expect(received(openat)).toBe(after?.sent);
});

test('threads are seen and filtered, every process and every rename is sent', async () => {
  sensor = attach();
  const done = await act('kernel/storm', '0', String(FORKS));
  const end = Date.now() + 10_000;
  for (;;) {
    sensor.drain();
    const fates = sensor.loss.read();
    expectIdentity(fates);
    const [fork, exit, rename] = [
      event_type.EVENT_FORK,
      event_type.EVENT_EXIT,
      event_type.EVENT_RENAME,
    ].map((type) => fates.get(type));
    expect(rename).toMatchObject({ lost: 0 });
    expect(rename?.filtered).toBeGreaterThan(0); // that of the exec
    expect(fork?.sent).toBeGreaterThanOrEqual(FORKS);
    // The rest of the host goes on: until both readings are of the same moment.
    const same =
      fork?.sent === received(event_type.EVENT_FORK) &&
      rename?.sent === received(event_type.EVENT_RENAME);
    if (same && exit?.sent === received(event_type.EVENT_EXIT)) break;
    if (Date.now() > end) throw new Error('what was sent never became what was received');
  }
  expect(done.last).toBeGreaterThan(0);
});
