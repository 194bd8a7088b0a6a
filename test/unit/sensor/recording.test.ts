// A disk that is full ends a recording, and nothing else.
import { mkdtempSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { record_kind } from '../../../src/abi/layout.js';
import { readCapture } from '../../../src/capture/file.js';
import { loadForRun } from '../../../src/cli/load.js';
import { asWritten, type FromSensor } from '../../../src/sensor/protocol.js';
import { Recorder } from '../../../src/sensor/recording.js';
import { exec, offline } from '../enrich/records.js';

/** Bytes that the disk has left. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (fd: number, bytes: Buffer, offset: number): number => {
    const length = Math.min(bytes.length - offset, disk.left);
    if (length === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    disk.left -= length;
    return fs.writeSync(fd, bytes, offset, length);
  };
  return { ...fs, writeSync };
});

const METADATA = { name: 'c'.repeat(60_000) };
let path = '';
let said: FromSensor[] = [];
let recorder: Recorder;

beforeEach(() => {
  disk.left = Number.POSITIVE_INFINITY;
  path = join(mkdtempSync(join(tmpdir(), 'saker-recording-')), 'host.cap');
  said = [];
  recorder = new Recorder(offline(), (message) => said.push(message));
});

function begin(): ReturnType<Recorder['begin']> {
  const RULE = {
    rule: 'r',
    desc: 'd',
    condition: 'evt.type = execve',
    output: 'o',
    priority: 'INFO',
  };
  const { active } = loadForRun(asWritten([{ name: 'test', text: JSON.stringify([RULE]) }]));
  const [rule] = active;
  if (rule === undefined) throw new Error('the rule does not load');
  return recorder.begin({ rule, path, limit_bytes: Number.MAX_SAFE_INTEGER });
}

test('what a runtime tells finds no room: the recording ends, and says why', () => {
  expect(begin()).toBeUndefined();
  record();
  disk.left = 100_000;
  for (let count = 0; count < 40; count++) recorder.learnt(`id ${count}`, METADATA);
  expect(recorder.isOpen).toBe(false);
  expect(said).toMatchObject([{ kind: 'recorded', failure: { code: 'CAPTURE_FILE' } }]);
  expectWhole();
});

test('the end of a recording finds no room', () => {
  begin();
  for (let count = 0; count < 10; count++) record();
  disk.left = 500;
  recorder.end();
  expect(said).toMatchObject([{ kind: 'recorded', failure: { code: 'CAPTURE_FILE' } }]);
  expectWhole();
});

test('a recording whose beginning finds no room leaves nothing open', () => {
  disk.left = 20;
  expect(begin()).toMatchObject({ code: 'CAPTURE_FILE' });
  expect(recorder.isOpen).toBe(false);
  expect(opened()).toBe(0);
});

function record(): void {
  const memory = exec(30, 1, ['/bin/true']);
  recorder.take(record_kind.RECORD_EXEC, memory, 0, memory.length);
}

// What is counted is what a reader finds, and the file is closed.
function expectWhole(): void {
  const [message] = said;
  if (message?.kind !== 'recorded') throw new Error('no end was told');
  const capture = readCapture(path, { record: () => {} });
  expect(capture).toMatchObject({ records: message.counts.records, cut_bytes: 0 });
  expect(statSync(path).size).toBe(message.counts.bytes);
  expect(opened()).toBe(0);
}

function opened(): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // of the folder that was read
  }
}
