// `saker replay` of files that no recorder wrote to the end, or at all; of recordings of other hosts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureWriter } from '../../../src/capture/file.js';
import { encodeRecord } from '../../../src/decode/encode.js';
import {
  factsOfHost,
  hostOfFacts,
  noteJson,
  noteOfJson,
} from '../../../src/enrich/captured-host.js';
import { toBytes } from '../../../src/rules/bytes.js';
import { typeNumber } from '../../../src/rules/events.js';
import { random } from '../../seeded.js';
import { saker } from './saker.js';

let folder = '';
let rules = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-replay-'));
  rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULES);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RULES = `
- rule: Made
  desc: A folder was made.
  condition: evt.type = mkdir
  output: made %fs.path.name by %user.name (%group.name) of %container.name in %container.image.repository at %evt.hostname
  priority: NOTICE
- rule: Hashed
  desc: Nobody can know.
  condition: evt.type = mkdir and file.sha256[exepath] = abc
  output: hashed
  priority: NOTICE
`;
const ID = 'ab'.repeat(32);
const CGROUP = `/docker/${ID}`;

function capture(...notes: unknown[]): string {
  const path = join(folder, 'host.cap');
  const writer = new CaptureWriter(
    path,
    factsOfHost({
      host_name: 'far-away',
      boot_epoch_ns: 1_700_000_000_000_000_000n,
      began_ms: Date.UTC(2026, 0, 2),
      users: new Map([[1000, { name: toBytes('zoë'), home: '/', shell: '/bin/sh' }]]),
      groups: new Map([[1000, 'staff']]),
      addresses: [],
    }),
  );
  for (const [pid, cgroup] of [
    [10, '/user.slice'],
    [11, CGROUP],
  ] as const) {
    const task = { pid, tid: pid, start_ns: 5, uid: 1000, gid: 1000, mnt_ns: pid, comm: 'mkdir' };
    const header = { time_ns: 1_000_000_000 };
    const own = { argc: 1 };
    add(
      writer,
      encodeRecord({
        kind: 'task',
        task,
        own,
        texts: { exe: '/bin/mkdir', argv: 'mkdir', cgroup },
      }),
    );
    const texts = { claimed: '/tmp/new', base: '/' };
    add(
      writer,
      encodeRecord({ kind: 'call', type: typeNumber('mkdir') ?? 0, header, task, texts }),
    );
  }
  for (const note of notes) writer.note(note);
  writer.close();
  return path;
}

function add(writer: CaptureWriter, record: Buffer): void {
  writer.add(record, 0, record.length);
}

test('names and containers are those of the recording', async () => {
  const account = { name: 'inside', home: '/', shell: '' };
  const file = capture(
    noteJson({ kind: 'user', mnt_ns: 11, uid: 1000, account }),
    noteJson({ kind: 'group', mnt_ns: 11, gid: 1000, name: 'crew' }),
    noteJson({
      kind: 'container',
      full_id: ID,
      metadata: {
        name: 'web',
        image_repository: 'shop',
        labels: new Map([['a', 'b']]),
        start_ns: 7n,
      },
    }),
  );
  const { status, out, err } = await saker('replay', file, '-r', rules);
  expect(status).toBe(0);
  expect(out.split('\n')).toEqual([
    expect.stringContaining(
      '22:13:21.000000000: Notice made /tmp/new by zoë (staff) of host in  at far-away ',
    ),
    expect.stringContaining('Notice made /tmp/new by inside (crew) of web in shop at far-away '),
    '',
  ]);
  expect(err).toContain("rule 'Hashed' is left out");
  expect(err).toContain('4 records of far-away from 2026-01-02T00:00:00.000Z on, 2 events\n');
  expect(err).toContain('saker: 2 alerts\n  2  Made\n');
});

test('a file that is none, or is not there, is an error of one line', async () => {
  for (const file of [rules, join(folder, 'missing.cap')]) {
    const { status, out, err } = await saker('replay', file, '-r', rules);
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(file);
  }
});

test('notes and facts come back as they were', () => {
  const metadata = {
    name: 'web',
    privileged: true,
    mounts: [{ source: '/a', destination: '/b', mode: 'ro', writable: false, propagation: '' }],
    pod_labels: new Map([['x', 'y']]),
    start_ns: 123n,
  };
  const note = { kind: 'container', full_id: ID, metadata } as const;
  expect(noteOfJson(JSON.parse(JSON.stringify(noteJson(note))))).toEqual(note);
});

test('whatever a file says of its host, nothing breaks', async () => {
  const { below } = random();
  const pick = <T>(all: readonly T[]): T | undefined => all[below(all.length)];
  const odd = [null, 1, -1, 1e300, '', 'x', [], [[]], {}, [1, 2], true, { kind: 'container' }];
  const any = () => pick(odd);
  for (let round = 0; round < 2000; round++) {
    const kind = pick(['user', 'group', 'container', 'else']);
    const metadata = pick([any(), { labels: any(), mounts: any(), start_ns: any(), name: any() }]);
    noteOfJson(pick([any(), { kind, mnt_ns: any(), uid: any(), account: any(), metadata }]));
    hostOfFacts({
      host_name: any(),
      boot_epoch_ns: any(),
      users: any(),
      addresses: any(),
      groups: any(),
    });
  }
  const notes = Array.from({ length: below(50) }, any);
  expect((await saker('replay', capture(...notes), '-r', rules)).status).toBe(0);
});
