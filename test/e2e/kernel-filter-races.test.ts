// What changes between the moment at which user space looked at a process and the moment at which the
// kernel judges its event: every event that a rule is about arrives all the same.

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { MAIN, RunningAgent } from './agent.js';

const NEW_RULES = 'watching with new rules';
const LONG = 120_000;

let folder = '';
let agent: RunningAgent | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-race-'));
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function rule(name: string, condition: string): string {
  const opens = 'evt.type in (open, openat, openat2)';
  return `- rule: ${name}\n  desc: d\n  condition: ${opens} and ${condition}\n  output: "%fd.name %proc.pid"\n  priority: INFO\n`;
}

/** Starts an agent that filters by these rules, and waits until it has told the kernel of everybody. */
async function watch(text: string): Promise<RunningAgent> {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, text);
  const started = await RunningAgent.start([file]);
  agent = started;
  await told(started);
  return started;
}

async function told(watching: RunningAgent): Promise<void> {
  await watching.filtering();
  await watching.settle();
  for (;;) {
    const { filter } = await askStats(watching.socket);
    if (filter?.processes.waiting === 0) return;
    await sleep(20);
  }
}

async function python(script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)('/usr/bin/python3', ['-c', script, ...args], { timeout: LONG });
}

function countOf(watching: RunningAgent, name: string): number {
  return watching.alerts.filter((alert) => alert.rule === name).length;
}

// Most events of the file's opens are nobody's: else the tests would show nothing.
async function expectFiltered(watching: RunningAgent, atLeast: number): Promise<void> {
  const { types } = await askStats(watching.socket);
  const filtered = (types.openat?.filtered ?? 0) + (types.open?.filtered ?? 0);
  expect(filtered).toBeGreaterThanOrEqual(atLeast);
  expect(types.openat?.lost ?? 0).toBe(0);
}

test('a program that opens a file as soon as it runs is seen each time', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(rule('By cat', `proc.name = cat and fd.name = ${path}`));
  // The shell itself may not: what is known of it is not what counts.
  const script = `sleep 0.2; i=0; while [ $i -lt 200 ]; do : < ${path}; cat ${path}; i=$((i + 1)); done`;
  await promisify(execFile)('/bin/sh', ['-c', script]);
  await watching.settle();
  expect(countOf(watching, 'By cat')).toBe(200);
  await expectFiltered(watching, 200);
});

test('a process that becomes another user and opens at once is seen each time', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(rule('By nobody', `user.uid = 65534 and fd.name = ${path}`));
  await python(
    `import os, sys, time
os.chmod(os.path.dirname(sys.argv[1]), 0o755)
time.sleep(0.2)
for _ in range(300):
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    os.seteuid(65534)
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    os.seteuid(0)`,
    path,
  );
  await watching.settle();
  expect(countOf(watching, 'By nobody')).toBe(300);
  await expectFiltered(watching, 300);
});

test('a process that takes another name and opens at once is seen each time', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(
    rule('By name', `proc.name = evil and fd.name = ${path}`) +
      rule('By command line', `proc.cmdline startswith "evil " and fd.name = ${path}`),
  );
  await python(
    `import ctypes, os, sys, time
name = lambda text: ctypes.CDLL(None).prctl(15, text, 0, 0, 0)
time.sleep(0.2)
for _ in range(300):
    name(b'good')
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    name(b'evil')
    os.close(os.open(sys.argv[1], os.O_RDONLY))`,
    path,
  );
  await watching.settle();
  expect(countOf(watching, 'By name')).toBe(300);
  expect(countOf(watching, 'By command line')).toBe(300);
});

test('a folder that is renamed between two opens', async () => {
  const watching = await watch(
    rule('In the wanted folder', `fd.name startswith ${join(folder, 'wanted')}/`),
  );
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other', 'file'), '');
  await python(
    `import os, sys
os.chdir(sys.argv[1])
inside = os.open('other', os.O_RDONLY)
for _ in range(300):
    os.close(os.open('file', os.O_RDONLY, dir_fd=inside))
    os.rename('other', 'wanted')
    os.close(os.open('file', os.O_RDONLY, dir_fd=inside))
    os.rename('wanted', 'other')`,
    folder,
  );
  await watching.settle();
  expect(countOf(watching, 'In the wanted folder')).toBe(300);
  await expectFiltered(watching, 300);
});

test('a child whose parent ends has another one at its next open', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(
    rule('Below mother', `proc.name = child and proc.pname = mother and fd.name = ${path}`) +
      rule('Orphan', `proc.name = child and proc.pname != mother and fd.name = ${path}`),
  );
  await python(
    `import ctypes, os, sys, time
name = lambda text: ctypes.CDLL(None).prctl(15, text, 0, 0, 0)
read, write = os.pipe()
for _ in range(30):
    if os.fork() == 0:
        name(b'mother')
        mother = os.getpid()
        if os.fork() == 0:
            name(b'child')
            time.sleep(0.05)
            os.close(os.open(sys.argv[1], os.O_RDONLY))
            os.kill(mother, 9)
            while os.getppid() == mother:
                pass
            os.close(os.open(sys.argv[1], os.O_RDONLY))
            os.write(write, b'.')
            os._exit(0)
        time.sleep(10)
    os.wait()
    os.read(read, 1)`,
    path,
  );
  await watching.settle();
  expect(countOf(watching, 'Below mother')).toBe(30);
  expect(countOf(watching, 'Orphan')).toBe(30);
});

test('no event is lost while rules are exchanged again and again', { timeout: LONG }, async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const always = rule('Always', `fd.name = ${path}`);
  const watching = await watch(always);
  const done = python(
    `import os, sys, time
for _ in range(5000):
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    os.close(os.open('/dev/null', os.O_RDONLY))
    time.sleep(0.002)`,
    path,
  );
  for (let round = 1; round <= 20; round++) {
    const other = rule(`Other ${round}`, `proc.name = nobody-${round} and fd.name = /${round}`);
    replace(round % 2 === 0 ? always : always + other);
    await watching.hear(NEW_RULES, round);
  }
  await done;
  await watching.settle();
  expect(countOf(watching, 'Always')).toBe(5000);
  await expectFiltered(watching, 5000);
});

test('a rule that is added holds at once for processes that were there before', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(rule('Nobody', `proc.name = nobody-at-all and fd.name = ${path}`));
  const go = join(folder, 'go');
  const done = python(
    `import os, sys, time
while not os.path.exists(sys.argv[2]):
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    time.sleep(0.01)
for _ in range(100):
    os.close(os.open(sys.argv[1], os.O_RDONLY))`,
    path,
    go,
  );
  await sleep(300);
  await told(watching);
  replace(rule('Python', `proc.name startswith python and fd.name = ${path}`));
  await watching.hear(NEW_RULES);
  const before = countOf(watching, 'Python');
  writeFileSync(go, '');
  await done;
  await watching.settle();
  expect(countOf(watching, 'Python')).toBeGreaterThanOrEqual(before + 100);
});

test('events that somebody streams are whole, whatever the rules want', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, '');
  const watching = await watch(rule('Nobody', `proc.name = nobody-at-all and fd.name = ${path}`));
  const { socket } = watching;
  const stream = spawn(process.execPath, [
    MAIN,
    'events',
    '--socket',
    socket,
    '--filter',
    `evt.type = openat and fd.name = ${path}`,
  ]);
  let text = '';
  stream.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  while (text === '') {
    await python('import os, sys; os.close(os.open(sys.argv[1], os.O_RDONLY))', path);
    await sleep(50);
  }
  const before = text.split('\n').length;
  const script = 'import os, sys\nfor _ in range(100): os.close(os.open(sys.argv[1], os.O_RDONLY))';
  await python(script, path);
  await watching.settle();
  while (text.split('\n').length < before + 100) await sleep(20);
  stream.kill();
  await new Promise((resolve) => stream.once('exit', resolve));
  // The kernel filters again.
  await watching.settle();
  const earlier = (await askStats(socket)).types.openat?.filtered ?? 0;
  await python(script, path);
  await watching.settle();
  expect((await askStats(socket)).types.openat?.filtered ?? 0).toBeGreaterThanOrEqual(
    earlier + 100,
  );
});

/** As editors save: a new file takes the place of the old one. */
function replace(text: string): void {
  const path = join(folder, 'rules.yaml');
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}
