import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { currentProcessor, ProcessorSet } from '../../../src/bpf/processor.js';
import { Aside } from '../../../src/capture/aside.js';

const TASKS = '/proc/self/task';
const before = ProcessorSet.of(0);
const threads = (): number[] => readdirSync(TASKS).map(Number);

/** The processors of a thread, as the kernel tells them; `undefined`: it has ended. */
function allowed(tid: number): string | undefined {
  try {
    const status = readFileSync(`${TASKS}/${tid}/status`, 'utf8');
    return /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}

/** Those that a list like `0-2,5` names. */
function listed(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

afterEach(() => {
  for (const tid of threads()) before.hold(tid);
});

test.runIf(availableParallelism() > 1)(
  'a thread leaves the processor that its records come from, and may run anywhere still',
  () => {
    const list = allowed(process.pid);
    const aside = new Aside();
    for (let look = 1; look <= 20; look++) {
      const busy = currentProcessor();
      aside.from(busy, 1000 * look);
      // The scheduler may bring it back later on, but the move itself is over.
      if (currentProcessor() !== busy) break;
      expect(look).toBeLessThan(20);
    }
    expect(allowed(process.pid)).toBe(list);
  },
);

test.runIf(availableParallelism() > 1)(
  'the other threads are kept off the processor that records came from last',
  () => {
    const all = listed(allowed(process.pid) ?? '');
    const aside = new Aside();
    for (const [look, busy] of all.slice(0, 3).entries()) {
      aside.from(busy, 1000 * (look + 1));
      const others = threads()
        .filter((tid) => tid !== process.pid)
        .map(allowed)
        .filter((list) => list !== undefined);
      expect(others.length).toBeGreaterThan(0);
      for (const list of others) expect(listed(list)).toEqual(all.filter((one) => one !== busy));
    }
  },
);

test('where there is no other processor, and for one that is not ours, nothing changes', () => {
  const [first = 0] = listed(allowed(process.pid) ?? '');
  let alone = before;
  for (const one of listed(allowed(process.pid) ?? ''))
    if (one !== first) alone = alone.without(one);
  for (const tid of threads()) alone.hold(tid);
  const aside = new Aside();
  aside.from(first, 1000);
  aside.from(5000, 2000);
  aside.from(100_000, 3000);
  for (const tid of threads()) expect(allowed(tid) ?? String(first)).toBe(String(first));
});
