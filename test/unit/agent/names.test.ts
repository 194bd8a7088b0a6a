// Host names that rules name: asked for, again and again, and forgotten. The resolver is the
// system's where it can be; where it must fail or change its mind, one of our own. The clock is set.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  AgentNames,
  LONGEST_PAUSE_MS,
  MAX_NAMES,
  type Resolver,
  SHORTEST_PAUSE_MS,
} from '../../../src/agent/names.js';

interface Told {
  name: string;
  addresses: readonly string[];
}

function start(resolve?: Resolver) {
  const told: Told[] = [];
  const warnings: string[] = [];
  const names = new AgentNames({
    tell: (name, addresses) => told.push({ name, addresses }),
    log: { warn: (_: unknown, text?: string) => warnings.push(text ?? '') },
    resolve,
  });
  return { names, told, warnings };
}

/** Lets answers that are there already be taken. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

afterEach(() => vi.useRealTimers());

test('the name of this host for itself has its addresses, as /etc/hosts says', async () => {
  const { names, told } = start();
  names.want('rules', ['localhost', '10.1.2.3']);
  await vi.waitFor(() => expect(told.length).toBe(2), { timeout: 20_000 });
  const of = (name: string) => told.find((one) => one.name === name)?.addresses;
  expect(of('localhost')).toContain('127.0.0.1');
  expect(of('10.1.2.3')).toEqual(['10.1.2.3']);
  names.close();
});

test('names of the hosts file do not wait behind a name server that is silent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saker-names-'));
  const hosts_file = join(folder, 'hosts');
  writeFileSync(
    hosts_file,
    '# 10.0.0.9 c.example\n10.0.0.1 A.example b.example # both\nnonsense d.example\n',
  );
  const told: Told[] = [];
  const names = new AgentNames({
    tell: (name, addresses) => told.push({ name, addresses }),
    log: { warn: () => {} },
    resolve: () => new Promise(() => {}),
    hosts_file,
  });
  names.want('rules', ['x.example', 'y.example', 'z.example', 'a.example', 'c.example']);
  expect(told).toEqual([{ name: 'a.example', addresses: ['10.0.0.1'] }]);
  names.close();
  rmSync(folder, { recursive: true });
});

test('a name is asked for again, at growing distances while the answer stays the same', async () => {
  vi.useFakeTimers();
  let asked = 0;
  const { names, told } = start(async () => {
    asked += 1;
    return ['10.0.0.1'];
  });
  names.want('rules', ['a.example']);
  await settle();
  const at: number[] = [];
  for (let second = 0; second <= 1300; second++) {
    const before = asked;
    await vi.advanceTimersByTimeAsync(1000);
    if (asked > before) at.push(second + 1);
  }
  expect(at).toEqual([10, 30, 70, 150, 310, 630, 950, 1270]);
  expect(LONGEST_PAUSE_MS).toBe(320_000);
  expect(told).toEqual([{ name: 'a.example', addresses: ['10.0.0.1'] }]);
  names.close();
  await vi.advanceTimersByTimeAsync(10 * LONGEST_PAUSE_MS);
  expect(asked).toBe(9);
});

test('a change of addresses is told, in whatever order they come, and looked for soon again', async () => {
  vi.useFakeTimers();
  const answers = [['10.0.0.2', '10.0.0.1'], ['10.0.0.1', '10.0.0.2'], ['10.0.0.9']];
  let asked = 0;
  const { names, told } = start(async () => answers[asked++] ?? ['10.0.0.9']);
  names.want('rules', ['a.example']);
  await vi.advanceTimersByTimeAsync(SHORTEST_PAUSE_MS * 3);
  expect(told.map((one) => one.addresses)).toEqual([['10.0.0.1', '10.0.0.2'], ['10.0.0.9']]);
  const before = asked;
  await vi.advanceTimersByTimeAsync(SHORTEST_PAUSE_MS);
  expect(asked).toBe(before + 1);
  names.close();
});

test('a name that is gone loses its addresses; where nobody knows, they stay', async () => {
  vi.useFakeTimers();
  const codes = ['', 'EAI_AGAIN', 'ENOTFOUND'];
  let asked = 0;
  const { names, told, warnings } = start(async () => {
    const code = codes[asked++] ?? 'EAI_AGAIN';
    if (code !== '') throw failure(code);
    return ['10.0.0.1'];
  });
  names.want('rules', ['a.example']);
  await vi.advanceTimersByTimeAsync(SHORTEST_PAUSE_MS);
  expect(asked).toBe(2);
  expect(told.length).toBe(1);
  expect(warnings.length).toBe(1);
  await vi.advanceTimersByTimeAsync(SHORTEST_PAUSE_MS * 2);
  expect(told.at(-1)).toEqual({ name: 'a.example', addresses: [] });
  names.close();
});

test('a resolver that never answers is not asked more and more', async () => {
  vi.useFakeTimers();
  let asked = 0;
  const { names, told } = start(() => {
    asked += 1;
    return new Promise(() => {});
  });
  names.want(
    'rules',
    Array.from({ length: 100 }, (_, index) => `h${index}.example`),
  );
  await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS);
  expect(asked).toBe(2);
  expect(names.asked).toBe(2);
  names.want('rules', []);
  names.close();
  expect(told).toEqual([]);
});

test('a name that no rule names any more is told to be gone, and not asked for again', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const { names, told } = start(async (name) => {
    asked.push(name);
    return ['10.0.0.1'];
  });
  names.want('rules', ['a.example', 'b.example']);
  await settle();
  names.want('rules', ['b.example', 'c.example']);
  await settle();
  expect(told.map(({ name, addresses }) => `${name} ${addresses.join()}`)).toEqual([
    'a.example 10.0.0.1',
    'b.example 10.0.0.1',
    'a.example ',
    'c.example 10.0.0.1',
  ]);
  await vi.advanceTimersByTimeAsync(SHORTEST_PAUSE_MS);
  expect(asked.filter((name) => name === 'a.example').length).toBe(1);
  names.close();
});

test('an answer that comes after its name was given up changes nothing', async () => {
  const waiting: ((addresses: string[]) => void)[] = [];
  const { names, told } = start(() => new Promise((resolve) => waiting.push(resolve)));
  names.want('rules', ['a.example']);
  names.want('rules', []);
  waiting[0]?.(['10.0.0.1']);
  await settle();
  expect(told).toEqual([]);
  expect(names.asked).toBe(0);
  names.close();
});

test('more names than the limit are told of', async () => {
  const { names, warnings } = start(async () => []);
  names.want(
    'rules',
    Array.from({ length: MAX_NAMES + 1 }, (_, index) => `h${index}.example`),
  );
  expect(warnings[0]).toMatch(/too many/);
  names.close();
});

test('a name that two ask for stays until neither does', async () => {
  const { names, told } = start(async () => ['10.0.0.1']);
  names.want('rules', ['a.example']);
  names.want('tap 1', ['a.example', 'b.example']);
  await settle();
  names.want('rules', []);
  names.want('tap 1', ['a.example']);
  await settle();
  expect(told.map(({ name, addresses }) => `${name} ${addresses.join()}`)).toEqual([
    'a.example 10.0.0.1',
    'b.example 10.0.0.1',
    'b.example ',
  ]);
  names.close();
});
