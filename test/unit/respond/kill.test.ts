// Real processes are killed, or left alone: the kernel is the second source.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { parseStat } from '../../../src/enrich/proc-files.js';
import { ENDED, killProcess, REUSED, type Target } from '../../../src/respond/kill.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function sleeper(): Promise<{ child: ChildProcess; target: Target }> {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return { child, target: targetOf(child.pid ?? 0) };
}

function targetOf(pid: number): Target {
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return { pid, start_ns: BigInt(stat?.start_ticks ?? 0) * 10_000_000n + 7n };
}

function allow(): undefined {}

test('a process is killed', async () => {
  const { child, target } = await sleeper();
  const ended = once(child, 'exit');
  expect(killProcess(target, allow)).toBeUndefined();
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('a process that was given the pid of another is left alone', async () => {
  const { child, target } = await sleeper();
  const earlier = { ...target, start_ns: target.start_ns - 10_000_000n };
  expect(killProcess(earlier, allow)).toBe(REUSED);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(targetOf(target.pid)).toEqual(target);
});

test('who has the last word is told what the process is, and may refuse', async () => {
  const { child, target } = await sleeper();
  const why = killProcess(target, ({ pid, stat, exepath }) => {
    expect(pid).toBe(child.pid);
    expect(stat.comm).toMatch(/^(sleep|coreutils)$/);
    expect(exepath).toMatch(/\/(sleep|coreutils)$/);
    return 'no';
  });
  expect(why).toBe('no');
  expect(targetOf(target.pid)).toEqual(target);
});

test('without the signal all but the signal happens', async () => {
  const { target } = await sleeper();
  let asked = 0;
  const refuse = () => {
    asked += 1;
    return undefined;
  };
  expect(killProcess(target, refuse, false)).toBeUndefined();
  expect(asked).toBe(1);
  expect(targetOf(target.pid)).toEqual(target);
});

test('a process that has ended is said to have ended, waited for or not', async () => {
  const { child, target } = await sleeper();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(killProcess(target, allow)).toBe(ENDED);
  // The shell becomes a program that waits for nobody, before its child ends.
  const parent = spawn('/bin/sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(parent);
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  const zombie = targetOf(pid);
  while (!parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.is_dead);
  expect(killProcess(zombie, allow)).toBe(ENDED);
});

test('a process of which only the first thread has ended is killed', async () => {
  const program = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print("ready", flush=True)
ctypes.CDLL(None).syscall(60, 0)
`;
  const child = spawn('/usr/bin/python3', ['-c', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  while (!parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.is_dead);
  const ended = once(child, 'exit');
  expect(killProcess(targetOf(pid), allow)).toBeUndefined();
  expect(await ended).toEqual([null, 'SIGKILL']);
});
