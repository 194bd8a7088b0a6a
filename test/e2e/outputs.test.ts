// The agent with its outputs: a real event, from the kernel to each receiver, through an outage.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { perform } from '../acts/perform.js';
import { HttpReceiver } from '../unit/output/http-receiver.js';
import { RunningAgent } from './agent.js';

let folder = '';
let receiver: HttpReceiver;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-outputs-'));
  receiver = await HttpReceiver.open();
});
afterEach(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

test('every output gets the alerts of what ran, the webhook also those of its outage', {
  timeout: 180_000,
}, async () => {
  const program = join(folder, 'act');
  copyFileSync('/bin/true', program);
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    `- rule: Act ran
  desc: A program of this test ran.
  condition: evt.type = execve and proc.exepath = ${program}
  output: act %proc.cmdline %proc.pid
  priority: NOTICE
  tags: [T1059]
`,
  );
  const datagrams: string[] = [];
  const syslog = createSocket('udp4').on('message', (message) => datagrams.push(String(message)));
  await new Promise<void>((resolve) => syslog.bind(0, '127.0.0.1', resolve));
  const agent = await RunningAgent.start(
    [rules],
    ...options({
      'spool.path': join(folder, 'spool'),
      'http_output.enabled': 'true',
      'http_output.url': receiver.url,
      'http_output.filter': `proc.exepath = ${program}`,
      'syslog_output.enabled': 'true',
      'syslog_output.address': `127.0.0.1:${syslog.address().port}`,
      'syslog_output.format': 'cef',
      'program_output.enabled': 'true',
      'program_output.keep_alive': 'true',
      'program_output.program': `cat > ${folder}/program`,
      'file_output.enabled': 'true',
      'file_output.keep_alive': 'true',
      'file_output.filename': join(folder, 'file'),
    }),
  );
  const ran: string[] = [];
  const run = (word: string): void => {
    execFileSync(program, [word]);
    ran.push(word);
  };
  const words = (text: string): string[] =>
    [...text.matchAll(/act \S+ (\w+) \d+/g)].map(([, word = '']) => word);
  const delivered = (): string[] =>
    receiver.received.flatMap(({ body }) => words(body.slice(0, body.indexOf('output_fields'))));
  try {
    run('before');
    while (!delivered().includes('before')) await sleep(50);
    receiver.answer = () => ({ status: 503 });
    for (const word of ['one', 'two', 'three']) run(word);
    while (!receiver.received.some(({ body }) => body.includes(' one '))) await sleep(50);
    receiver.answer = () => ({ status: 200 });
    while (!delivered().includes('three')) await sleep(50);
    run('after');
    while (!delivered().includes('after')) await sleep(50);
    expect([...new Set(delivered())]).toEqual(ran);
    await agent.taken();
    const told = (file: string): string[] =>
      existsSync(join(folder, file))
        ? words(readFileSync(join(folder, file), 'utf8').replace(/"output_fields":.*/g, ''))
        : [];
    while (told('program').length < ran.length) await sleep(50);
    expect(told('file')).toEqual(ran);
    expect(told('program')).toEqual(ran);
    while (datagrams.filter((text) => text.includes('Act ran')).length < ran.length)
      await sleep(50);
    const cef = datagrams.filter((text) => text.includes('Act ran'));
    expect(cef.map((text) => words(text.slice(text.indexOf(' msg=')))[0])).toEqual(ran);
  } finally {
    await agent.stop();
    syslog.close();
  }
});

test('outputs that take nothing cost no event, and none of the alerts of others', {
  timeout: 180_000,
}, async () => {
  const silent = createServer((socket) => socket.pause());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const file = join(folder, 'alerts');
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    `- rule: Opened
  desc: The file of this test was opened.
  condition: evt.type in (open, openat) and fd.name = ${folder}/marked
  output: opened %fd.name by %proc.cmdline
  priority: NOTICE
`,
  );
  const agent = await RunningAgent.start(
    [rules],
    ...options({
      'http_output.enabled': 'true',
      'http_output.url': `http://127.0.0.1:${port}/`,
      'syslog_output.enabled': 'true',
      'syslog_output.protocol': 'tcp',
      'syslog_output.address': `127.0.0.1:${port}`,
      'program_output.enabled': 'true',
      'program_output.keep_alive': 'true',
      'program_output.program': 'sleep 600',
      'file_output.enabled': 'true',
      'file_output.keep_alive': 'true',
      'file_output.filename': file,
    }),
  );
  try {
    await agent.filtering();
    // A thousand alerts a second, more than pipes and sockets hold, in fifty thousand other opens.
    const rounds = 3000;
    const args = [folder, join(folder, 'end'), '--rounds', String(rounds)];
    const done = await perform({ program: 'open-many.py', args });
    expect(done.rounds).toBe(rounds);
    await agent.settle();
    const stats = await askStats(agent.socket);
    const lost = Object.entries(stats.types).filter(([, counts]) => counts.lost > 0);
    expect(lost).toEqual([]);
    expect(stats.alerts_dropped).toBe(0);
    const told = stats.alerts.Opened ?? 0;
    expect(told).toBeGreaterThanOrEqual(rounds);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"rule":"Opened"'))).toHaveLength(told);
    for (const name of ['http', 'syslog']) {
      const { queued, delivered, dropped } = stats.outputs[name] ?? {};
      expect({ name, left: (queued ?? 0) + (delivered ?? 0), dropped }).toMatchObject({
        dropped: 0,
      });
      expect((queued ?? 0) + (delivered ?? 0)).toBeGreaterThanOrEqual(told);
    }
  } finally {
    await agent.stop();
    silent.close();
  }
});

function options(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}
