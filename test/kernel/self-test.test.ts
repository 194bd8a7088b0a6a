// The agent's own tries of what hooks are there for.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verdict_operation } from '../../src/abi/layout.js';
import { OPERATIONS } from '../../src/plan/operations.js';
import { ACTS, silentOperations, type Tried } from '../../src/sensor/self-test.js';
import { Denier, hasLsm } from './deny-harness.js';
import { attach, holdings, type Sensor } from './harness.js';

const ALL: Tried[] = Object.entries(verdict_operation)
  .filter(([name]) => name in ACTS)
  .map(([name, number]) => ({ number, name: name.replace('VERDICT_', '').toLowerCase() }));

test('whatever can be denied can be tried', () => {
  const known = ALL.map(({ name }) => name);
  expect(OPERATIONS.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});

describe('without hooks', () => {
  let sensor: Sensor;
  beforeAll(() => {
    sensor = attach();
  });
  afterAll(() => sensor.close());

  test('no operation counts as refused, and trying them leaves nothing behind', () => {
    const before = holdings();
    expect(silentOperations(sensor.object.object.map('self_tests'), ALL)).toEqual(ALL);
    expect(holdings()).toEqual(before);
  });

  test('an operation that nobody knows how to try counts as silent', () => {
    const unknown = { number: 31, name: 'fly' };
    const map = sensor.object.object.map('self_tests');
    expect(silentOperations(map, [unknown])).toEqual([unknown]);
  });
});

describe('with hooks of cgroups', () => {
  let denier: Denier;
  beforeAll(() => {
    denier = new Denier();
  });
  afterAll(() => denier.close());

  test('a connection is refused to the agent itself, as long as its hooks are attached', () => {
    denier.use(
      'evt.type = connect and fd.type in (ipv4, ipv6) and fd.l4proto = udp and fd.sip = 203.0.113.5',
    );
    const map = denier.sensor.object.object.map('self_tests');
    const connect = ALL.filter(({ name }) => name === 'connect');
    expect(silentOperations(map, connect)).toEqual([]);
    expect(denier.count().denied).toBe(0n);
    for (const { program } of denier.sensor.object.links())
      if (program.startsWith('deny_')) denier.sensor.object.detach(program);
    expect(silentOperations(map, connect)).toEqual(connect);
  });
});

describe.skipIf(!hasLsm)('with hooks of security modules', () => {
  let denier: Denier;
  beforeAll(() => {
    denier = new Denier();
  });
  afterAll(() => denier.close());

  test('what is in force is refused to the agent itself, and allowed again', () => {
    denier.use('evt.type in (open, openat, openat2) and fd.name = /nobody/has/this');
    const map = denier.sensor.object.object.map('self_tests');
    const open = ALL.filter(({ name }) => name === 'open');
    expect(silentOperations(map, open)).toEqual([]);
    expect(denier.count().denied).toBe(0n);
    denier.sensor.object.detach('deny_open');
    expect(silentOperations(map, open)).toEqual(open);
  });
});
