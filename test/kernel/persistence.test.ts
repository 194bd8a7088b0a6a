// Pins in the running kernel: what is pinned goes on, what is not ours is left alone, and a journal is
// read by somebody who did not make it.

import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { event_type, journal_entry, journal_rule } from '../../src/abi/layout.js';
import { addressOf, bpfCall, closeFd, waitForHooks } from '../../src/bpf/libc.js';
import { u32Key } from '../../src/bpf/map.js';
import { mapOfFd } from '../../src/bpf/object-id.js';
import { type Pin, PinFolder } from '../../src/bpf/pin.js';
import { JOURNAL_MAPS, Journal } from '../../src/respond/journal.js';
import { clear, journalsIn } from '../../src/sensor/persistence.js';
import { act, attach, holdings, type Sensor } from './harness.js';

const PATH = '/sys/fs/bpf/saker-test';
const AGENT = { pid: 4321, start_ns: 98_765_432_100n };
const pin = (kind: Pin['kind'], object: string, run = 'a1'): Pin => ({ kind, object, run });

let before: ReturnType<typeof holdings>;
let sensor: Sensor;

beforeAll(() => {
  before = holdings();
  sensor = attach({ own: true });
});

afterEach(() => {
  if (statSync(PATH, { throwIfNoEntry: false }) === undefined) return;
  for (const name of readdirSync(PATH)) rmSync(join(PATH, name), { recursive: true });
  rmdirSync(PATH);
});

afterAll(() => {
  sensor.close();
  const { maps, programs, links } = holdings();
  expect({ ...before, maps, programs, links }).toEqual(before);
});

function linkOf(program: string): number {
  return sensor.object.links().find((link) => link.program === program)?.fd ?? -1;
}

/** Records of renames that were made, whoever got them. */
function renames(): number {
  sensor.drain();
  return sensor.loss.read().get(event_type.EVENT_RENAME)?.seen ?? 0;
}

test('a pinned hook goes on without its attachment, and ends with its pin', async () => {
  const folder = PinFolder.make(PATH);
  const link = pin('link', 'on_rename');
  folder.pin(link, linkOf('on_rename'));
  sensor.object.detach('on_rename');
  const there = renames();
  await act('kernel/rename');
  const pinned = renames();
  expect(pinned).toBeGreaterThan(there);
  expect(folder.pins()).toEqual([link]);
  folder.remove(link);
  folder.remove(link);
  // The kernel detaches in the background.
  waitForHooks();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const removed = renames();
  await act('kernel/rename');
  expect(renames()).toBe(removed);
  sensor.object.attach('on_rename');
});

test('the folder has the number by which a hook knows it', () => {
  const { inode, dev } = PinFolder.make(PATH).identity;
  expect(inode).toBe(statSync(PATH, { bigint: true }).ino);
  expect(dev).toBeGreaterThan(0);
  expect(dev >>> 20).toBe(0); // a file system without a device
});

test('what is not ours is refused by name, and stays', () => {
  const folder = PinFolder.make(PATH);
  folder.pin(pin('link', 'on_exec'), linkOf('on_exec'));
  mkdirSync(join(PATH, 'of-somebody'));
  const refused = expect.objectContaining({
    code: 'HOST_UNABLE',
    message: expect.stringContaining('of-somebody'),
    hint: expect.stringContaining('pin_dir'),
  });
  expect(() => PinFolder.make(PATH)).toThrow(refused);
  expect(() => PinFolder.find(PATH)).toThrow(refused);
  expect(() => clear(folder)).toThrow(refused);
  expect(readdirSync(PATH)).toHaveLength(2);
});

test('a program under the name of a link is not ours', () => {
  const folder = PinFolder.make(PATH);
  const path = Buffer.from(`${join(PATH, 'link-on_exec-a1')}\0`);
  const attributes = Buffer.alloc(16);
  attributes.writeBigUInt64LE(addressOf(path), 0);
  attributes.writeUInt32LE(sensor.object.object.programFd('on_exec'), 8);
  expect(bpfCall(6 /* BPF_OBJ_PIN */, attributes)).toBe(0);
  expect(() => folder.pins()).toThrow(/link-on_exec-a1 is not Saker's/);
});

test('a folder that is in no bpf file system is refused, and so is one that cannot be made', () => {
  const plain = join(tmpdir(), `saker-pins-${process.pid}`);
  mkdirSync(plain);
  try {
    writeFileSync(join(plain, 'file'), '');
    const elsewhere = ['', 'below', 'below/deeper', 'file/below'].map((name) => join(plain, name));
    for (const path of [...elsewhere, '/sys/saker', '/proc/saker/below', 'saker-pins/below'])
      expect(() => PinFolder.make(path)).toThrow(/no bpf file system/);
    expect(() => PinFolder.make('/sys/fs/bpf/saker.test')).toThrow(/cannot be made/);
    expect(PinFolder.find(join(plain, 'nowhere'))).toBeUndefined();
  } finally {
    rmSync(plain, { recursive: true });
  }
});

/** Writes to the journal what a hook would. */
function deny(place: number, denied: bigint, entries: readonly [number, string][]): void {
  const rules = sensor.object.object.map('journal_rules');
  const value = Buffer.alloc(rules.value_bytes);
  rules.get(u32Key(place), value);
  value.writeBigUInt64LE(denied, journal_rule.denied);
  rules.put(u32Key(place), value);
  for (const [number, path] of entries) {
    const entry = Buffer.alloc(journal_entry.size);
    entry.writeBigUInt64LE(BigInt(number), journal_entry.number);
    entry.writeUInt32LE(place, journal_entry.place);
    entry.writeUInt32LE(7, journal_entry.pid);
    entry.write('cat', journal_entry.comm.at);
    entry.writeUInt32LE(Buffer.byteLength(path), journal_entry.path_length);
    entry.write(path, journal_entry.path.at);
    sensor.object.object.map('journal_last').put(u32Key(number % 256), entry);
  }
}

function keepJournal(folder: PinFolder): Journal {
  const { object } = sensor.object;
  const journal = new Journal((name) => object.map(name), AGENT);
  for (const name of JOURNAL_MAPS) folder.pin(pin('map', name), object.map(name).fd);
  return journal;
}

test('what was denied after the last mark is read by the next agent, by rule', () => {
  const folder = PinFolder.make(PATH);
  const journal = keepJournal(folder);
  journal.name(1, ['Shadow read', 'Marker öffnen'.normalize()]);
  deny(64, 5n, [[1, '/etc/shadow']]);
  journal.told(journal.mark());
  deny(64, 8n, [[257, '/etc/shadow']]);
  deny(65, 1n, [[258, '/srv/märker']]);
  folder.pin(pin('link', 'on_exec'), linkOf('on_exec'));
  journal.close();
  expect(journalsIn(folder)[0]?.agent).toEqual(AGENT);
  const found = clear(folder);
  expect(found).toMatchObject({ hooks: 1, unread: 0 });
  expect([...(found.journals[0]?.denied ?? [])]).toEqual([
    ['Shadow read', 3],
    ['Marker öffnen', 1],
  ]);
  expect(found.journals[0]?.last).toMatchObject([
    { rule: 'Shadow read', path: '/etc/shadow', pid: 7, name: 'cat' },
    { rule: 'Marker öffnen', path: '/srv/märker' },
  ]);
  expect(readdirSync(PATH)).toEqual([]);
});

test('pins of the own run stay when those of others go', () => {
  const folder = PinFolder.make(PATH);
  folder.pin(pin('link', 'on_exec', 'a1'), linkOf('on_exec'));
  folder.pin(pin('link', 'on_exec', 'b2'), linkOf('on_exec'));
  expect(clear(folder, ({ run }) => run === 'b2')).toMatchObject({ hooks: 1, journals: [] });
  expect(folder.pins()).toEqual([pin('link', 'on_exec', 'b2')]);
});

test('the journal of an agent with other layouts, or half a journal, is counted and not read', () => {
  const folder = PinFolder.make(PATH);
  const journal = keepJournal(folder);
  const head = sensor.object.object.map('journal_head');
  const value = Buffer.alloc(head.value_bytes);
  head.get(u32Key(0), value);
  value.writeBigUInt64LE(1n, 0);
  head.put(u32Key(0), value);
  journal.close();
  folder.pin(pin('map', 'journal_last', 'c3'), sensor.object.object.map('journal_last').fd);
  expect(clear(folder)).toEqual({ hooks: 0, journals: [], unread: 2 });
  expect(readdirSync(PATH)).toEqual([]);
});

test('a pinned map is the map, whoever opens it', () => {
  const folder = PinFolder.make(PATH);
  folder.pin(pin('map', 'control'), sensor.object.object.map('control').fd);
  const fd = folder.open(pin('map', 'control')) ?? -1;
  const { fd: own, ...shape } = { ...sensor.object.object.map('control') };
  expect({ ...mapOfFd('control', fd) }).toEqual({ ...shape, fd });
  expect(fd).not.toBe(own);
  closeFd(fd);
  expect(folder.open(pin('map', 'nothing'))).toBeUndefined();
});
