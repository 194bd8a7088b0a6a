// Denial that outlives its agent: killed, replaced, stopped, cleared.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeFeatures } from '../../src/bpf/features.js';
import { act } from '../kernel/harness.js';
import { MAIN, RunningAgent } from './agent.js';

const PINS = '/sys/fs/bpf/saker-e2e';
const RULE = 'Secret opened';
const hasLsm = probeFeatures().features.get('lsm')?.available === true;

let folder = '';
let agent: RunningAgent;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-persist-'));
  for (const name of ['secret', 'plain']) writeFileSync(at(name), name);
  writeFileSync(at('secret'), 'protected');
  const rule = {
    rule: RULE,
    desc: 'd',
    condition: `evt.type in (open, openat, openat2) and fd.name = ${at('secret')}`,
    output: 'opened %fd.name',
    priority: 'WARNING',
    action: 'deny',
  };
  writeFileSync(at('rules.yaml'), JSON.stringify([rule]));
  const enforcement = { mode: 'on', persist: true, pin_dir: PINS };
  writeFileSync(at('saker.yaml'), JSON.stringify({ enforcement }));
});

afterAll(async () => {
  await agent?.stop();
  saker('--clear', '--force');
  rmSync(folder, { recursive: true, force: true });
});

function start(): Promise<RunningAgent> {
  return RunningAgent.start([at('rules.yaml')], '-c', at('saker.yaml'));
}

function isDenied(): boolean {
  return spawnSync('cat', [at('secret')]).status !== 0;
}

function saker(...args: string[]): { status: number | null; out: string; err: string } {
  const command = [MAIN, 'enforce', '-c', at('saker.yaml'), ...args];
  const done = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

/** Runs of agents that have something pinned. */
function runs(): Set<string> {
  return new Set(readdirSync(PINS).map((name) => name.split('-')[2] ?? ''));
}

// Starting two agents and five commands takes some minutes in a guest.
const LIMIT_MS = 900_000;

test.skipIf(!hasLsm)(
  'a denial goes on through kill -9, the next start and its stop',
  async () => {
    expect(isDenied()).toBe(false);
    agent = await start();
    expect(isDenied()).toBe(true);
    await agent.settle();
    expect(saker('--clear')).toMatchObject({ status: 1, err: expect.stringContaining('--force') });
    await new Promise((resolve) => setTimeout(resolve, 3000)); // what was told is marked once a second

    await agent.stop('SIGKILL');
    for (let i = 0; i < 3; i++) expect(isDenied()).toBe(true);
    expect(JSON.parse(saker('--json').out)).toMatchObject({
      hooks: ['deny_open'],
      denied: { [RULE]: 3 },
    });

    // Tried as often as possible while the one takes over from the other.
    const starting = start().then((started) => {
      agent = started;
      return undefined;
    });
    let tries = 0;
    do {
      expect(await act('kernel/evade-name', 'path', folder)).toMatchObject({
        reached: 0,
        error: 1,
      });
      tries += 1;
    } while ((await Promise.race([starting, 'not yet'])) === 'not yet');
    await agent.hear('taken over');
    expect(runs().size).toBe(1);
    const told = agent.alerts.find(({ rule }) => rule === 'Saker: denied without an agent');
    expect(told?.output_fields).toMatchObject({ rule: RULE, last_path: at('secret') });
    expect(Number(told?.output_fields.times)).toBeGreaterThan(3);
    expect(Number(told?.output_fields.times)).toBeLessThanOrEqual(3 + tries);

    await agent.stop();
    expect(isDenied()).toBe(true);
    expect(saker('--clear')).toMatchObject({ status: 0, err: '' });
    expect(isDenied()).toBe(false);
    expect(readFileSync(at('secret'), 'utf8')).toBe('protected');
  },
  LIMIT_MS,
);

test('an agent that finds something foreign among its pins does not start, and leaves it', async () => {
  const foreign = join(PINS, 'of-somebody');
  expect(spawnSync('mkdir', ['-p', foreign]).status).toBe(0);
  await expect(start()).rejects.toThrow(/of-somebody is not Saker's/);
  expect(saker('--clear')).toMatchObject({ status: 3, err: expect.stringContaining('pin_dir') });
  expect(readdirSync(PINS)).toEqual(['of-somebody']);
  rmSync(foreign, { recursive: true });
});
