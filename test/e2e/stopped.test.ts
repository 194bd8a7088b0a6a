// An agent that does not come to run while much happens: what is lost is counted and told.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { perform } from '../acts/perform.js';
import { RunningAgent, SHIPPED_RULES } from './agent.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-stopped-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an agent that was held up tells how many events it lost, and goes on', async () => {
  const agent = await RunningAgent.start([SHIPPED_RULES], '-o', 'ring_bytes=65536');
  agent.signal('SIGSTOP');
  const end = join(folder, 'end');
  const load = { program: 'open-many.py', args: [folder, end, '--rounds', '400'] };
  const done = await perform(load);
  agent.signal('SIGCONT');
  await agent.hear('the kernel had no room for events');
  writeFileSync(end, '');
  const read = await perform({ program: 'open-file.py', args: ['/etc/shadow', 'rdonly'] });
  await agent.taken();
  expect(agent.of('proc.pid', read.pid).map((alert) => alert.rule)).toEqual([
    'Password hashes read',
  ]);
  expect(agent.alerts.some((alert) => alert.output.includes('Events were lost'))).toBe(true);
  const { stderr, status } = await agent.stop();
  expect(status).toBe(0);
  const last = stderr.split('\n').findLast((line) => line.includes('"msg":"stopped"'));
  const { events, received } = JSON.parse(last ?? '{}');
  // 65536 bytes hold a few hundred of the act's twenty thousand events.
  expect(events.lost).toBeGreaterThan(Number(done.rounds) * 25);
  expect(events.sent + events.lost + events.filtered + events.suppressed).toBe(events.seen);
  expect(received).toBe(events.sent);
});
