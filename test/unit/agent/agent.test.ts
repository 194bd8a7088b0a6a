// The main thread with a sensor double in a real worker: outputs, failures, the end.
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askStats, streamEvents } from '../../../src/cli/control-client.js';
import {
  alertsFile,
  folder,
  log,
  makeAgent,
  said,
  started,
  until,
  untilDelivered,
} from './running.js';

describe('a running agent', () => {
  test('says watching with rules and hooks, and what the sensor warns of', async () => {
    await started('wakes', ['log_level=warning']);
    expect(said('watching')).toMatchObject({ rules: 3, hooks: 5, processes: 7, level: 'info' });
    expect(said('no BPF LSM')).toMatchObject({ level: 'warn' });
  });

  test('writes alerts in the format that the configuration asks for', async () => {
    await started('wakes', ['json_output=true']);
    await until(() => alertsFile() !== '');
    expect(alertsFile()).toBe('falco line\nfalco line\n');
  });

  test('answers stats on its socket, which only its owner may open', async () => {
    const agent = await started();
    await untilDelivered();
    const socket = join(folder, 'agent.sock');
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const stats = await askStats(socket);
    expect(stats).toMatchObject({
      types: { openat: { seen: 10, filtered: 6, suppressed: 1, sent: 2, lost: 1 } },
      received: 2,
      alerts: { 'Key read': 2 },
      outputs: { file: { queued: 0, delivered: 2, retried: 0, dropped: 0 } },
    });
    expect(stats.rss_bytes).toBeGreaterThan(0);
    expect(stats.cpu_s).toBeGreaterThan(0);
    expect(stats.uptime_s).toBeGreaterThanOrEqual(0);
    await agent.stop();
    expect(existsSync(socket)).toBe(false);
  });

  test('streams events to a client until it goes, and says how many were left out', async () => {
    await started();
    const lines: string[] = [];
    const dropped: number[] = [];
    const end = new AbortController();
    await streamEvents(join(folder, 'agent.sock'), 'proc.name=x', false, {
      lines: (text) => {
        lines.push(...text.trimEnd().split('\n'));
        if (lines.length === 2) end.abort();
      },
      dropped: (count) => dropped.push(count),
      signal: end.signal,
    });
    expect(lines).toEqual(['an event proc.name = x', 'an event proc.name = x']);
    expect(dropped).toEqual([3]);
    await until(() => said('untapped') !== undefined);
  });

  test('hands a client the reason why a filter is refused', async () => {
    await started();
    const streaming = streamEvents(join(folder, 'agent.sock'), 'bad', false, {
      lines: () => {},
      dropped: () => {},
    });
    await expect(streaming).rejects.toMatchObject({
      code: 'RULE_INVALID',
      message: expect.stringContaining('the condition does not compile'),
    });
  });

  test('sums up losses in one alert at once and one at the end', async () => {
    const agent = await started('loses');
    await until(() => alertsFile().includes('lost=5'));
    await agent.stop();
    expect(alertsFile()).toMatch(/Critical Events were lost.* lost=5 types=openat=5 /);
    expect(alertsFile()).toMatch(/Critical Events were lost.* lost=10 types=openat=10 /);
  });

  test('ends with status 0 and a summary of what it saw', async () => {
    const agent = await started();
    await until(() => alertsFile() !== '');
    await agent.stop();
    expect(await agent.finished).toBe(0);
    expect(said('stopped')).toMatchObject({
      events: { seen: 10, filtered: 6, suppressed: 1, sent: 2, lost: 1 },
      alerts: { 'Key read': 2 },
    });
  });

  test.each(['/notify', '@saker-test-'])(
    'tells systemd at %s when it is ready, is alive and stops',
    async (start) => {
      const name = start.startsWith('@') ? `${start}${process.pid}` : `${folder}${start}`;
      const receiver = spawn('python3', ['-c', RECEIVER, name]);
      let received = '';
      receiver.stdout.on('data', (chunk: Buffer) => {
        received += chunk.toString();
      });
      await until(() => received.startsWith('bound\n'));
      process.env.NOTIFY_SOCKET = name;
      process.env.WATCHDOG_USEC = '20000';
      const agent = await started();
      await until(() => received.includes('WATCHDOG=1\n'));
      await agent.stop();
      await until(() => received.includes('STOPPING=1\n'));
      expect(received).toMatch(/^bound\nREADY=1\n(WATCHDOG=1\n)+STOPPING=1\n/);
      receiver.kill();
    },
  );

  test('stops by itself when nobody reads its only output any more', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const both = openSync(fifo, 'r+');
    const stdoutFd = openSync(fifo, 'w');
    closeSync(both);
    const only = ['stdout_output.enabled=true', 'file_output.enabled=false'];
    const agent = makeAgent('wakes', only, { stdoutFd });
    await agent.start();
    expect(await agent.finished).toBe(0);
    closeSync(stdoutFd);
  });

  test('goes on with its file when nobody reads standard output any more', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const both = openSync(fifo, 'r+');
    const stdoutFd = openSync(fifo, 'w');
    closeSync(both);
    await makeAgent('wakes', ['stdout_output.enabled=true'], { stdoutFd }).start();
    await until(() => said('standard output is gone (EPIPE: broken pipe, write)') !== undefined);
    await untilDelivered();
    expect(await askStats(join(folder, 'agent.sock'))).toMatchObject({
      outputs: { file: { delivered: 2 }, stdout: { delivered: 0, dropped: 2 } },
    });
    closeSync(stdoutFd);
  });
});

describe('a start that fails', () => {
  test('ends with the status that the sensor names, its reason and the remedy', async () => {
    const agent = makeAgent('refuses');
    await agent.start();
    expect(await agent.finished).toBe(3);
    expect(log).toEqual([
      'rules.yaml:1:1: error: something\n',
      'saker: this kernel has no BTF\n',
      'saker: run saker probe\n',
    ]);
  });

  test.each(['crashes', 'vanishes'])('ends with status 70 when the sensor %s', async (part) => {
    const agent = makeAgent(part);
    await agent.start();
    expect(await agent.finished).toBe(70);
    expect(log.join('')).toContain('saker: the sensor failed');
  });

  test('names the live agent that holds the socket and leaves it alone', async () => {
    await started();
    const second = makeAgent('wakes', [`file_output.filename=${join(folder, 'other')}`]);
    await expect(second.start()).rejects.toMatchObject({ code: 'CONTROL_SOCKET' });
    expect(await askStats(join(folder, 'agent.sock'))).toMatchObject({ received: 2 });
  });

  test('takes over the socket of an agent that is dead', async () => {
    const path = join(folder, 'agent.sock');
    await deadSocket(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    await started();
    expect(await askStats(path)).toMatchObject({ received: 2 });
  });

  test('does not remove a file that is no socket', async () => {
    const path = join(folder, 'agent.sock');
    writeFileSync(path, 'precious');
    await expect(makeAgent('wakes').start()).rejects.toMatchObject({ code: 'CONTROL_SOCKET' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('names the file that alerts cannot be appended to', async () => {
    const agent = makeAgent('wakes', [`file_output.filename=${join(folder, 'no', 'file')}`]);
    await expect(agent.start()).rejects.toMatchObject({ code: 'SINK_WRITE' });
  });
});

// A process that binds the path and dies leaves it behind.
async function deadSocket(path: string): Promise<void> {
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', code]);
  await new Promise((resolve) => child.on('exit', resolve));
}

// Python has what Node lacks: datagrams on unix sockets.
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", chr(0), 1) if sys.argv[1][0] == "@" else sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
`;
