// Ids of events, and the lineage that alerts of one process share.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Event, ProcessView } from '../../../src/decode/event.js';
import { originOf } from '../../../src/sensor/alerts.js';

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);

test('an id is boot, time and thread to the base 36', () => {
  const low = 36 ** 4;
  const edges = [0, 1, low - 1, low, low + 1, 37 * low - 1, 2 ** 53 - 1].map(BigInt);
  const random = Array.from({ length: 500 }, () => BigInt(Math.floor(Math.random() * 2 ** 53)));
  for (const time_ns of [...edges, ...random, 2n ** 53n, 2n ** 63n])
    for (const tid of [1, 4_194_303])
      expect(originOf(eventAt(time_ns, tid)).event_id).toBe(
        `${BOOT}-${time_ns.toString(36)}-${tid.toString(36)}`,
      );
});

test('a lineage is that of the process, whatever the one before was', () => {
  const paths = ['/a', '/b', '/c'];
  const chains = [[], ['/a'], ['/a', '/b'], paths, ['/b', '/b'], ['/a', '/c', '/c'], deep(20)];
  for (const first of chains)
    for (const second of chains) {
      expect(originOf(eventOf(first)).lineage).toEqual(first.slice(0, 16));
      expect(originOf(eventOf(second)).lineage).toEqual(second.slice(0, 16));
    }
});

function deep(length: number): string[] {
  return Array.from({ length }, (_, at) => `/deep/${at}`);
}

function eventAt(time_ns: bigint, tid: number, lineage: readonly string[] = []): Event {
  const time = time_ns < 2n ** 53n ? Number(time_ns) : time_ns;
  let parent: Partial<ProcessView> | undefined;
  for (const exepath of [...lineage].reverse())
    parent = { exepath, parent } as Partial<ProcessView>;
  const event = {
    task: { time, time_ns, tid, pid: tid, start_ns: 1n },
    process: { parent, uncertain: false },
    is_claimed: false,
  };
  return event as unknown as Event; // what an origin is made of
}

function eventOf(lineage: readonly string[]): Event {
  return eventAt(1n, 1, lineage);
}
