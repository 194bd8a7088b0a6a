// A disk that is really full, a small tmpfs, ends a recording and nothing else.
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { record_kind } from '../../src/abi/layout.js';
import { readCapture } from '../../src/capture/file.js';
import { loadForRun } from '../../src/cli/load.js';
import { asWritten, type FromSensor } from '../../src/sensor/protocol.js';
import { Recorder } from '../../src/sensor/recording.js';
import { exec, offline } from '../unit/enrich/records.js';

const DISK_BYTES = 256 * 1024;
const METADATA = { name: 'c'.repeat(60_000) };
let folder = '';
let path = '';
let said: FromSensor[] = [];
let recorder: Recorder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-recording-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'none', folder]);
  path = join(folder, 'host.cap');
  said = [];
  recorder = new Recorder(offline(), (message) => said.push(message));
});
afterEach(() => {
  recorder.end();
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

/** Fills the disk but for that many pages. */
function fill(pages_left: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'ballast'), Buffer.alloc((bavail - pages_left) * bsize));
}

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
  for (let count = 0; count < 40; count++) recorder.learnt(`id ${count}`, METADATA);
  expect(recorder.isOpen).toBe(false);
  expect(said).toMatchObject([{ kind: 'recorded', failure: { code: 'CAPTURE_FILE' } }]);
  expectWhole();
});

test('the end of a recording finds no room', () => {
  begin();
  for (let count = 0; count < 100; count++) record();
  fill(1);
  recorder.end();
  expect(said).toMatchObject([{ kind: 'recorded', failure: { code: 'CAPTURE_FILE' } }]);
  expectWhole();
});

test('a recording whose beginning finds no room leaves nothing open', () => {
  fill(0);
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
