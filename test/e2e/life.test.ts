// The agent's own life: how it starts, ends, is killed, and starts again.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { perform } from '../acts/perform.js';
import { MAIN, RunningAgent, SHIPPED_RULES } from './agent.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-life-'));
const readShadow = { program: 'open-file.py', args: ['/etc/shadow', 'rdonly'] };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function saker(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

/** Numbers of the BPF programs that a process holds, by the descriptors it has open. */
function programsOf(pid: number | undefined): number[] {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder).flatMap((fd) => {
    const found = /^prog_id:\s*(\d+)$/m.exec(readIfOpen(join(folder, fd)));
    return found === null ? [] : Number(found[1]);
  });
}

function readIfOpen(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // closed meanwhile: the agent looks for container runtimes, for instance
  }
}

/** Waits until the kernel has none of these any more; it frees them a moment after the last use. */
async function gone(programs: readonly number[]): Promise<void> {
  await vi.waitFor(
    () => {
      const listed: { id: number }[] = JSON.parse(
        spawnSync('bpftool', ['prog', 'show', '--json'], { encoding: 'utf8' }).stdout,
      );
      expect(listed.map(({ id }) => id).filter((id) => programs.includes(id))).toEqual([]);
    },
    { timeout: 10_000, interval: 100 },
  );
}

test('an agent that is asked to end says what it saw and leaves nothing in the kernel', async () => {
  const agent = await RunningAgent.start([SHIPPED_RULES]);
  const programs = programsOf(agent.pid);
  expect(programs).not.toEqual([]);
  const done = await perform(readShadow);
  await agent.settle();
  expect(agent.of('proc.pid', done.pid).length).toBe(1);
  const ending = await agent.stop('SIGTERM');
  expect(ending.status).toBe(0);
  expect(ending.stderr.split('watching')[1]).toMatch(/Password hashes read/);
  await gone(programs);
});

test('Ctrl-C ends it in the same way', async () => {
  const agent = await RunningAgent.start([SHIPPED_RULES]);
  const ending = await agent.stop('SIGINT');
  expect(ending).toMatchObject({ status: 0, signal: null });
});

test('an agent that was killed leaves nothing behind that hinders the next', async () => {
  const sameSocket = ['-o', `control_socket=${join(folder, 'agent.sock')}`];
  const first = await RunningAgent.start([SHIPPED_RULES], ...sameSocket);
  const programs = programsOf(first.pid);
  const ending = await first.stop('SIGKILL');
  expect(ending.signal).toBe('SIGKILL');
  const second = await RunningAgent.start([SHIPPED_RULES], ...sameSocket);
  const done = await perform(readShadow);
  await second.settle();
  expect(second.of('proc.pid', done.pid).map((alert) => alert.rule)).toEqual([
    'Password hashes read',
  ]);
  await gone(programs);
  expect((await second.stop()).status).toBe(0);
});

test('two agents watch side by side', async () => {
  const first = await RunningAgent.start([SHIPPED_RULES]);
  const second = await RunningAgent.start([SHIPPED_RULES]);
  const done = await perform(readShadow);
  await Promise.all([first.settle(), second.settle()]);
  expect(first.of('proc.pid', done.pid).length).toBe(1);
  expect(second.of('proc.pid', done.pid).length).toBe(1);
  await Promise.all([first.stop(), second.stop()]);
});

test('a process that was there before the agent is known to it', async () => {
  const sleeper = { program: 'open-later.py', args: [join(folder, 'go')] };
  const doing = perform(sleeper);
  const agent = await RunningAgent.start([SHIPPED_RULES]);
  writeFileSync(join(folder, 'go'), '');
  const done = await doing;
  await agent.settle();
  const [alert] = agent.of('proc.pid', done.pid);
  expect(alert?.output_fields).toMatchObject({
    'proc.ppid': done.ppid,
    'proc.exepath': done.exe,
    'proc.pname': done.parent,
    'user.name': done.user,
  });
  await agent.stop();
});

test('the shipped rules are valid, without a warning', () => {
  const result = saker('validate', '-r', SHIPPED_RULES);
  expect(result.stdout + result.stderr).not.toMatch(/LOAD_/);
  expect(result.status).toBe(0);
});

test('a broken rule file is refused with the place and a hint, and status 1', () => {
  const broken = join(folder, 'broken.yaml');
  writeFileSync(
    broken,
    '- rule: Broken\n  desc: test\n  condition: evt.type = execve and proc.nmae = nc\n' +
      '  output: x\n  priority: INFO\n',
  );
  for (const command of ['validate', 'run']) {
    const result = saker(command, '-r', broken);
    expect(result.status).toBe(1);
    const text = result.stdout + result.stderr;
    expect(text).toContain('broken.yaml:3');
    expect(text).toContain('proc.nmae');
    expect(text).toContain('proc.name');
  }
});

test('a full disk behind standard output is told, and status 1', () => {
  const full = openSync('/dev/full', 'w');
  const result = spawnSync(process.execPath, [MAIN, 'fields', 'proc.name'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(result.stderr).toBe(
    'saker: cannot write to standard output: ENOSPC: no space left on device, write\n',
  );
  expect(result.status).toBe(1);
});

test('an unknown option is wrong use, status 2', () => {
  expect(saker('run', '--no-such-option').status).toBe(2);
});

// Often: to end the sensor's thread while it loads native code aborted one run in eighty, see `EarlySensor.end`.
test('an ordinary user is told to be root, status 3', () => {
  const args = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, MAIN];
  for (let turn = 0; turn < 20; turn++) {
    const result = spawnSync('setpriv', [...args, 'run', '-r', SHIPPED_RULES], {
      encoding: 'utf8',
    });
    expect(result.status).toBe(3);
    expect(result.stderr).toMatch(/root|privilege|CAP_BPF/);
  }
});
