// What an agent says of itself as alerts, and when it keeps quiet.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askMute, askStats } from '../../../src/cli/control-client.js';
import { alertsFile, folder, log, RULE, rules, started, until } from './running.js';

const ON = ['agent_alerts.enabled=true', 'json_output=true'];

function own(): Record<string, unknown>[] {
  return alertsFile()
    .split('\n')
    .filter((line) => line.includes('"rule":"Saker: '))
    .map((line) => JSON.parse(line));
}

function subjects(): unknown[] {
  return own().map(({ rule }) => rule);
}

test('it started and stopped, each with an id of its own', async () => {
  const agent = await started('wakes', ON);
  await agent.stop();
  expect(subjects()).toEqual(['Saker: started', 'Saker: stopped']);
  const [first, last] = own();
  expect(first).toMatchObject({
    source: 'internal',
    output_fields: { rules: 3, hooks: 5, processes: 7, version: expect.any(String) },
  });
  expect(last).toMatchObject({ output_fields: { seen: 10, lost: 1 } });
  expect(first?.saker).not.toEqual(last?.saker);
});

test('other rules are in force, or were refused', async () => {
  const texts = [RULE.replace('Key read', 'Other'), '- rule: broken\n', RULE];
  const origin = {
    paths: () => [],
    read: () => ({ ...rules, sources: [{ name: 'r.yaml', text: texts.shift() ?? RULE }] }),
  };
  const agent = await started('wakes', [...ON, 'watch_config_files=false'], { origin });
  agent.reload();
  await until(() => alertsFile().includes('Saker: rules reloaded'));
  agent.reload();
  await until(() => alertsFile().includes('Saker: rules refused'));
  expect(subjects()).toEqual(['Saker: started', 'Saker: rules reloaded', 'Saker: rules refused']);
});

test('a heartbeat carries the counters', async () => {
  await started('wakes', [...ON, 'agent_alerts.heartbeat_s=1']);
  await until(() => alertsFile().includes('Saker: heartbeat'));
  expect(own().at(-1)).toMatchObject({ output_fields: { seen: 10, lost: 1, alerts: 2 } });
});

test('a rule is muted over the control socket', async () => {
  await started('wakes', ON);
  const socket = join(folder, 'agent.sock');
  await until(() => log.some((line) => line.includes('took')));
  expect(await askMute(socket, 'Key read', 60_000)).toEqual([
    { rule: 'Key read', left_s: 60, muted: 0 },
  ]);
  await expect(askMute(socket, 'Key raed', 1000)).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'did you mean Key read?',
  });
  expect(await askMute(socket, 'Key read', 0)).toEqual([]);
  await until(() => alertsFile().includes('Saker: mute ended'));
});

test('what is less urgent than the configuration wants is kept quiet', async () => {
  const agent = await started('wakes', [...ON, 'priority=notice']);
  await agent.stop();
  expect(subjects()).toEqual(['Saker: stopped']);
});

test('counters and health are served as configured', async () => {
  const socketPath = join(folder, 'status.sock');
  await started('wakes', ['status.enabled=true', `status.listen=${socketPath}`]);
  const page = await get(socketPath, '/metrics');
  expect(page).toMatch(/^saker_events_lost_total\{type="openat"\} 1$/m);
  expect(page).toMatch(/^saker_alerts_total\{rule="Key read"\} 2$/m);
  expect(page).toMatch(/^saker_output_delivered_total\{output="file"\} \d$/m);
  expect(page).toMatch(/^saker_sensor_up 1$/m);
  expect(page).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(await get(socketPath, '/readyz')).toBe('{"status":"ok"}\n');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(page).toContain(`saker_build_info{version="${version}"`);
  expect((await askStats(join(folder, 'agent.sock'))).alerts_muted).toEqual({});
});

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject);
    asked.end();
  });
}
