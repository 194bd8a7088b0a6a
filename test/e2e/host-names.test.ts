// Names on the right of fd.sip.name: the agent resolves them as the system does, while it watches.

import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { perform } from '../acts/perform.js';
import { RunningAgent } from './agent.js';

const ADDRESS = '192.0.2.77';
const SILENT_SERVER = '127.0.0.77';

const folder = mkdtempSync(join(tmpdir(), 'saker-names-'));
const rules = join(folder, 'names.yaml');
const hosts = join(folder, 'hosts');
const resolvConf = join(folder, 'resolv.conf');

writeFileSync(hosts, `127.0.0.1 localhost\n${ADDRESS} c2.example drop.example\n`);
// Longer than any test may take: whoever waits for this server waits in vain.
writeFileSync(resolvConf, `nameserver ${SILENT_SERVER}\noptions timeout:30 attempts:5\n`);
writeFileSync(
  rules,
  ['c2.example', 'drop.example', 'nowhere.example']
    .map(
      (name) =>
        `- rule: Connection to ${name}\n  desc: test\n  priority: NOTICE\n` +
        `  condition: evt.type = connect and fd.sip.name in (${name}, other-${name})\n` +
        '  output: connected | pid=%proc.pid ip=%fd.sip names=%fd.sip.name\n',
    )
    .join(''),
);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What comes before the agent's command line, so that it has files of its own. */
function withFiles(files: Readonly<Record<string, string>>): string[] {
  const mounts = Object.entries(files).map(([path, own]) => `mount --bind ${own} ${path}`);
  return ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh'];
}

/** Connects until the agent has had the time to look two names up; gives the rules that fired. */
async function rulesOfConnection(agent: RunningAgent): Promise<string[]> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const done = await perform({ program: 'connect.py', args: [ADDRESS, '4444'] });
    await agent.settle();
    const alerts = agent.of('proc.pid', done.pid);
    if (alerts.length < 2) continue;
    for (const alert of alerts) {
      expect(alert.output_fields).toMatchObject({
        'fd.sip': ADDRESS,
        'fd.sip.name': 'c2.example drop.example',
      });
    }
    return alerts.map(({ rule }) => rule).sort();
  }
  return [];
}

test('an address is known by each of its names, and by no other', async () => {
  const agent = await RunningAgent.startUnder(withFiles({ '/etc/hosts': hosts }), [rules]);
  expect(await rulesOfConnection(agent)).toEqual([
    'Connection to c2.example',
    'Connection to drop.example',
  ]);
  expect((await agent.stop()).status).toBe(0);
});

test('a name server that does not answer holds up neither other names nor the end', async () => {
  const server = createSocket('udp4');
  const asked = new Promise((resolve) => server.once('message', resolve));
  await new Promise<void>((resolve) => server.bind(53, SILENT_SERVER, resolve));
  try {
    const files = { '/etc/hosts': hosts, '/etc/resolv.conf': resolvConf };
    const agent = await RunningAgent.startUnder(withFiles(files), [rules]);
    await asked;
    expect(await rulesOfConnection(agent)).toEqual([
      'Connection to c2.example',
      'Connection to drop.example',
    ]);
    expect((await agent.stop()).status).toBe(0);
  } finally {
    server.close();
  }
});
