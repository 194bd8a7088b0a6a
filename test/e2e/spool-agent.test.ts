// The built agent and a disk that does not take its alerts: it goes on, tells it once, and counts.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { perform } from '../acts/perform.js';
import { HttpReceiver } from '../unit/output/http-receiver.js';
import { RunningAgent, SHIPPED_RULES } from './agent.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const readShadow = { program: 'open-file.py', args: ['/etc/shadow', 'rdonly'] };

let disk: string;
let receiver: HttpReceiver;
const agents: RunningAgent[] = [];
beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'saker-spool-agent-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
  receiver = await HttpReceiver.open();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
  await receiver.close();
  execFileSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true });
});

async function start(path = join(disk, 'spool')): Promise<RunningAgent> {
  const agent = await RunningAgent.start(
    [SHIPPED_RULES],
    ...['-o', `spool.path=${path}`],
    ...['-o', 'http_output.enabled=true', '-o', `http_output.url=${receiver.url}`],
  );
  agents.push(agent);
  return agent;
}

/** An act is told on standard output, and the receiver hears of every alert so far. */
async function actAndArrive(agent: RunningAgent): Promise<void> {
  const before = agent.alerts.length;
  await perform(readShadow);
  await agent.settle();
  expect(agent.alerts.length).toBeGreaterThan(before);
  const told = () => agent.alerts.map(({ saker }) => saker?.event_id);
  const heard = () => receiver.received.map(({ body }) => JSON.parse(body).saker.event_id);
  while (heard().length < told().length) await sleep(20);
  expect(heard()).toEqual(told());
}

async function isOnDisk(agent: RunningAgent): Promise<boolean | undefined> {
  return (await askStats(agent.socket)).spool?.on_disk;
}

function errors(agent: RunningAgent): string[] {
  return agent.stderr.split('\n').filter((line) => line.includes('alerts cannot be kept on disk'));
}

/** Takes all the room there is. @returns where */
function fill(): string {
  const path = join(disk, 'other');
  const file = openSync(path, 'w');
  try {
    for (let room = 1024 * 1024; room >= 1; )
      try {
        writeSync(file, Buffer.alloc(room));
      } catch {
        room = Math.floor(room / 2); // not so much, perhaps less
      }
  } finally {
    closeSync(file);
  }
  return path;
}

test('full: alerts go out from memory, told once, and to the disk when there is room', async () => {
  const agent = await start();
  await actAndArrive(agent);
  expect(await isOnDisk(agent)).toBe(true);
  const other = fill();
  // What LevelDB has room for in the last page of its log still goes there.
  while (await isOnDisk(agent)) await actAndArrive(agent);
  for (let round = 0; round < 3; round++) await actAndArrive(agent);
  expect(errors(agent)).toHaveLength(1);
  rmSync(other);
  while (!(await isOnDisk(agent))) await sleep(100);
  await actAndArrive(agent);
  expect(agent.stderr).toContain('alerts are kept on disk again');
  const { outputs, spool } = await askStats(agent.socket);
  expect(outputs.http).toMatchObject({ queued: 0, dropped: 0 });
  expect(spool).toMatchObject({ alerts: 0, dropped: 0 });
});

test('read-only from the start: it watches all the same', async () => {
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const agent = await start();
  await actAndArrive(agent);
  expect(await isOnDisk(agent)).toBe(false);
  expect(errors(agent)).toHaveLength(1);
  expect(errors(agent)[0]).toContain('read-only file system');
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  while (!(await isOnDisk(agent))) await sleep(100);
  await actAndArrive(agent);
});

test('a place where nothing can be kept stops the start, and says where and what to do', async () => {
  const failure = await start('/proc/saker').catch((error: unknown) => String(error));
  expect(failure).toContain('spool.path: the kernel keeps no files there');
});
