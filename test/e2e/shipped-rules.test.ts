// Every rule that we ship fires on the act that it is for, says who did it, and stays silent on the
// act that nearly is it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ACTS } from '../acts/acts.js';
import { perform } from '../acts/perform.js';
import { ROOT, RunningAgent, SHIPPED_RULES } from './agent.js';

const names: string[] = readdirSync(SHIPPED_RULES)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => {
    const items: { rule?: string }[] = parse(readFileSync(join(SHIPPED_RULES, file), 'utf8'));
    return items.flatMap((item) => item.rule ?? []);
  });

let agent: RunningAgent;

beforeAll(async () => {
  agent = await RunningAgent.start([SHIPPED_RULES]);
});

afterAll(async () => {
  await agent?.stop();
});

test('every shipped rule has its two acts', () => {
  expect(Object.keys(ACTS).sort()).toEqual([...names].sort());
});

test('the documentation lists every shipped rule', () => {
  const text = readFileSync(join(ROOT, 'docs', 'shipped-rules.md'), 'utf8');
  expect(names.filter((name) => !text.includes(`| ${name} |`))).toEqual([]);
});

describe.each(Object.entries(ACTS))('%s', (rule, acts) => {
  test('fires on the act that it is for', async () => {
    const done = await perform(acts.fires);
    await agent.settle();
    const alerts = agent.of('proc.pid', done.pid);
    expect(alerts.map((alert) => alert.rule).sort()).toEqual([rule, ...(acts.also ?? [])].sort());
    const fields = alerts.find((alert) => alert.rule === rule)?.output_fields;
    expect(fields).toMatchObject({
      'proc.ppid': done.ppid,
      'proc.name': done.comm,
      'proc.exepath': done.exe,
      'proc.pname': done.parent,
      'user.name': done.user,
    });
    for (const [field, key] of Object.entries(acts.shows ?? {})) {
      expect(fields?.[field], field).toBe(done[key]);
    }
    const inContainer = acts.fires.args.includes('--container');
    expect(fields?.['container.id']).toBe(inContainer ? '5a'.repeat(6) : 'host');
  });

  test('stays silent on the act that nearly is it', async () => {
    const done = await perform(acts.nearly);
    await agent.settle();
    expect(agent.of('proc.pid', done.pid).map((alert) => alert.rule)).toEqual([]);
  });
});
