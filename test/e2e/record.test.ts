// `saker record` and `saker replay`: what an agent told of acts as they happened is what a replay tells of
// their recording, down to the last field, also of a container that is long gone.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ACTS } from '../acts/acts.js';
import { perform } from '../acts/perform.js';
import { type AlertLine, MAIN, RunningAgent, SHIPPED_RULES } from './agent.js';
import { Docker, IMAGE, TAG } from './docker.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-record-'));
const capture = join(folder, 'host.cap');
/** What the acts made the agent tell while it was recorded. */
let told: AlertLine[] = [];
let said = '';

beforeAll(async () => {
  const docker = await Docker.start();
  const agent = await RunningAgent.start([SHIPPED_RULES]);
  try {
    const recorder = new Recorder(capture, '-r', SHIPPED_RULES);
    await recorder.hear('recording to');
    const pids = new Set<unknown>();
    for (const { fires } of Object.values(ACTS)) pids.add((await perform(fires)).pid);
    const ids = docker.run('run', '-d', '--network', 'none', `${IMAGE}:${TAG}`, 'sleep', '60');
    const acts =
      'echo root:x:0:0:admin:/root:/bin/sh >/etc/passwd; touch /etc/shadow; cat /etc/shadow';
    docker.run('exec', ids, 'sh', '-c', acts);
    await agent.settle();
    docker.run('rm', '-f', ids);
    said = await recorder.stop('SIGINT');
    const container = ids.slice(0, 12);
    told = agent.alerts.filter(
      ({ output_fields: { 'proc.pid': pid, 'container.id': id } }) =>
        pids.has(pid) || id === container,
    );
  } finally {
    await agent.stop();
    await docker.close();
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a replay tells what was told', () => {
  expect(new Set(told.map(({ rule }) => rule)).size).toBeGreaterThan(Object.keys(ACTS).length - 1);
  expect(told.some((one) => one.output_fields['container.image.repository'] === IMAGE)).toBe(true);
  const pids = new Set(told.map(({ output_fields }) => output_fields['proc.pid']));
  const found = replay(capture).filter(({ output_fields }) => pids.has(output_fields['proc.pid']));
  expect(found.map(timeless).sort(byText)).toEqual(told.map(timeless).sort(byText));
});

test('the recording is readable by its owner alone, and its end says how much it is', () => {
  expect(statSync(capture).mode & 0o777).toBe(0o600);
  expect(said).toMatch(/saker: \d+ records, \d+\.\d MiB, 0 events lost/);
  const other = spawnSaker('record', capture, '--for', '1s');
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(/it is there already/);
});

test('a replay needs no privilege, and says how the recording ended', () => {
  const copy = join(folder, 'cut.cap');
  execFileSync('cp', [capture, copy]);
  truncateSync(copy, statSync(copy).size - 3);
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath];
  const args = [MAIN, 'replay', copy, '-r', SHIPPED_RULES, '--json'];
  const { stdout, stderr } = run('setpriv', [...nobody, ...args]);
  expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(told.length);
  expect(stderr).toMatch(/its recorder was cut/);
  expect(stderr).toMatch(/saker: \d+ records of \S+ from \d{4}-\S+Z on, \d+ events\n/);
});

test('a recording ends when its file is full, and replays', async () => {
  const small = join(folder, 'small.cap');
  const recorder = new Recorder(small, '--max-size', '1');
  await recorder.hear('recording to');
  execFileSync('find', ['/usr', '-xdev', '-newermt', '2000-01-01', '-name', 'x']);
  expect(await recorder.ended).toMatch(/the file is full/);
  expect(statSync(small).size).toBeLessThanOrEqual(1 << 20);
  expect(spawnSaker('replay', small, '-r', SHIPPED_RULES).status).toBe(0);
});

test('a filter keeps other calls out, and processes in', async () => {
  const few = join(folder, 'few.cap');
  const recorder = new Recorder(
    few,
    '--filter',
    'evt.type in (mkdir, mkdirat) and proc.name = mkdir',
  );
  await recorder.hear('recording to');
  execFileSync('mkdir', [join(folder, 'made')]);
  execFileSync('mkdir', ['-p', join(folder, 'made', 'deeper')]);
  await recorder.stop('SIGTERM');
  const rules = join(folder, 'few.yaml');
  writeFileSync(rules, FEW_RULES);
  const lines = spawnSaker('replay', few, '-r', rules).stdout.split('\n');
  expect(lines.filter((line) => line.includes('Debug mkdir ')).sort()).toEqual([
    expect.stringContaining(`mkdir ${folder}/made of ${process.pid}`),
    expect.stringContaining(`mkdir ${folder}/made/deeper of ${process.pid}`),
  ]);
  expect(lines.filter((line) => line.includes('Debug open'))).toEqual([]);
  expect(lines.filter((line) => line.includes('Debug exec mkdir'))).toHaveLength(2);
});

const FEW_RULES = `
- rule: Made
  desc: A folder was made.
  condition: evt.type in (mkdir, mkdirat) and evt.rawres >= 0
  output: mkdir %fs.path.name of %proc.ppid
  priority: DEBUG
- rule: Opened
  desc: A file was opened.
  condition: evt.type in (open, openat)
  output: open %fd.name
  priority: DEBUG
- rule: Started
  desc: A program was started.
  condition: evt.type = execve and proc.name = mkdir and proc.cmdline contains saker-record
  output: exec %proc.cmdline
  priority: DEBUG
`;

class Recorder {
  /** What it said on stderr, when it is gone. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #said = '';

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, [MAIN, 'record', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said += text;
    });
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve(this.#said)));
  }

  async hear(text: string): Promise<void> {
    await vi.waitFor(() => expect(this.#said).toContain(text), { timeout: 60_000, interval: 50 });
  }

  stop(signal: NodeJS.Signals): Promise<string> {
    this.#child.kill(signal);
    return this.ended;
  }
}

function replay(file: string): AlertLine[] {
  const { stdout } = spawnSaker('replay', file, '-r', SHIPPED_RULES, '--json');
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)));
}

// Each sensor has its own hook, and so its own nanosecond.
function timeless({ rule, priority, hostname, tags, output, output_fields, saker }: AlertLine) {
  const { 'evt.time': _time, ...fields } = output_fields;
  const { event_id: _id, ...about } = saker ?? {};
  return { rule, priority, hostname, tags, output: output.slice(TIME_LENGTH), fields, about };
}

const TIME_LENGTH = '17:47:46.095489624: '.length;

function spawnSaker(...args: string[]): { status: number; stdout: string; stderr: string } {
  return run(process.execPath, [MAIN, ...args]);
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function run(program: string, args: string[]): { status: number; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status: status ?? -1, stdout, stderr };
}
