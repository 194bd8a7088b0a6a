// A test must not see what the one before it has done with the object.

import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { abi_limit } from '../../src/abi/layout.js';
import { closeFd } from '../../src/bpf/libc.js';
import { type BpfMap, map_type, u32Key } from '../../src/bpf/map.js';
import { openPidfd } from '../../src/bpf/pidfd.js';
import type { SensorObject } from '../../src/bpf/sensor-object.js';
import { Ring } from '../../src/capture/ring.js';
import { Denier } from './deny-harness.js';
import { Plans, typePlan } from './filter-plan.js';
import { act, holdings, lend, nativeNumber } from './harness.js';
import type { Lent } from './pool.js';

const OPENAT = nativeNumber('openat');
const open: Lent[] = [];

afterEach(() => {
  for (const lent of open.splice(0)) lent.giveBack();
});

/** What an object holds, by map: entries, and bytes that wait in a ring. */
function contents(object: SensorObject): Record<string, unknown> {
  const maps = object.object.map_names.map((name) => object.object.map(name));
  return {
    // Before the dot of a section stands a number of the process.
    ...Object.fromEntries(
      maps.map((map) => [map.name.replace(/^\w+(?=\.)/, ''), contentOf(map, object)]),
    ),
    attached: object.attached,
    wanted: [...object.wanted],
  };
}

function contentOf(map: BpfMap, object: SensorObject): unknown {
  switch (map.type) {
    case map_type.ARRAY:
    case map_type.PERCPU_ARRAY: {
      const values = Buffer.alloc(map.transfer_bytes * map.max_entries);
      expect(map.getAll(values)).toBe(true);
      return createHash('sha256').update(values).digest('hex');
    }
    case map_type.RINGBUF: {
      const ring = new Ring(object.mapRing());
      const { waiting_bytes } = ring;
      ring.close();
      return waiting_bytes;
    }
    case map_type.TASK_STORAGE: {
      const pidfd = openPidfd(process.pid);
      const isThere = map.get(u32Key(pidfd), Buffer.alloc(map.value_bytes));
      closeFd(pidfd);
      return isThere;
    }
    case map_type.PROG_ARRAY:
      // Programs of calls that nobody wants are not jumped to.
      return map.get(u32Key(map.name === 'calls' ? abi_limit.SLOT_KILL : 0), Buffer.alloc(4));
    default:
      return [...map.walk()].length;
  }
}

test('what a test is given is as if just loaded, whatever the one before has done', async () => {
  const own = lend({ own: true });
  open.push(own);
  const fresh = contents(own.object);

  const held = holdings();
  const denier = new Denier();
  const { object } = denier.sensor;
  denier.use(
    'evt.type = connect and fd.type in (ipv4, ipv6) and fd.sip = 127.77.0.1 and proc.name = nobody',
  );
  const plans = new Plans(denier.sensor);
  plans.use([[OPENAT, typePlan({ path: 0 })]], {
    paths: [
      {
        exact: new Map([['/there', new BigUint64Array(abi_limit.CLAUSE_WORDS)]]),
        prefixes: new Map(),
        deeper: new Map(),
        other: new BigUint64Array(abi_limit.CLAUSE_WORDS),
      },
    ],
  });
  object.want([OPENAT]);
  object.control.unfiltered = new Set([OPENAT]);
  const pidfd = openPidfd(process.pid);
  for (const name of ['process', 'process_bits', 'verdict_program', 'intruders']) {
    const map = object.object.map(name);
    map.put(u32Key(pidfd), Buffer.alloc(map.value_bytes, 1));
  }
  closeFd(pidfd);
  for (const name of ['sharers', 'copies']) {
    const map = object.object.map(name);
    map.put(u32Key(map.max_entries - 1), Buffer.alloc(map.value_bytes, 1));
  }
  const killer = object.load(['kill_call']);
  expect(killer?.has('kill_call')).toBe(true);
  if (killer === undefined) return;
  object.object
    .map('calls')
    .put(u32Key(abi_limit.SLOT_KILL), u32Key(killer.programFd('kill_call')));
  await act('call-getppid', '1');
  const used = contents(object);
  denier.close();
  expect(holdings()).toEqual(held);

  const lent = lend({});
  open.push(lent);
  expect(lent.object).toBe(object);
  expect(contents(lent.object)).toEqual(fresh);
  const touched = Object.keys(used).filter((name) => used[name] !== fresh[name]);
  expect(touched).toEqual(
    expect.arrayContaining([
      ...['attached', 'wanted', 'control', 'counters', 'ring', 'paths', 'calls'],
      ...['sharers', 'copies', '.bss'],
      ...['process', 'process_bits', 'verdict_program', 'intruders', 'scratch', 'life_scratch'],
      ...['verdict_plans', 'verdict_nets', 'verdict_comms'],
    ]),
  );
});

test('what is loaded already is handed out to each who asks for it first', () => {
  for (let turn = 0; turn < 2; turn++) {
    const lent = lend({});
    const loaded = lent.object.load(['classify']);
    expect(loaded?.has('classify')).toBe(true);
    expect(lent.object.load(['classify'])).toBeUndefined();
    lent.giveBack();
    lent.giveBack();
  }
});

test('who comes while another has it gets one of his own, which ends with him', () => {
  const first = lend({});
  open.push(first);
  const held = holdings();
  const second = lend({});
  expect(second.object).not.toBe(first.object);
  expect(holdings().programs).toBeGreaterThan(held.programs);
  second.giveBack();
  expect(holdings()).toEqual(held);
});
