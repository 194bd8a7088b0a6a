// Events that are judged after the runtime's answer: as if the answer had been there at once.

import { expect, test } from 'vitest';
import { isAvailable } from '../../../src/cli/field-source.js';
import { loadForRun } from '../../../src/cli/load.js';
import type { ContainerMetadata, Event } from '../../../src/decode/event.js';
import type { Enricher } from '../../../src/enrich/enricher.js';
import { Matcher } from '../../../src/match/matcher.js';
import { FIELDS, TARGET_FIELDS } from '../../../src/rules/fields.js';
import type { Rule } from '../../../src/rules/rule.js';
import { RuleOutput, resolveField } from '../../../src/sensor/alerts.js';
import { LateRules, readsMetadata } from '../../../src/sensor/late.js';
import { asWritten } from '../../../src/sensor/protocol.js';
import { callRecord } from '../decode/record.js';
import { exec, exit, fork, offline, take, task } from '../enrich/records.js';

const ID = 'ab'.repeat(32);
const CGROUP = `/system.slice/docker-${ID}.scope`;
const METADATA: ContainerMetadata = {
  type: 'docker',
  name: 'web',
  image: 'shop/web:1.2',
  image_repository: 'shop/web',
  image_tag: '1.2',
  privileged: true,
  mounts: [{ source: '/etc', destination: '/host', mode: '', writable: true, propagation: '' }],
  labels: new Map([
    ['io.kubernetes.pod.name', 'web-0'],
    ['io.kubernetes.pod.namespace', 'shop'],
  ]),
  start_ns: 1_700_000_000_000_000_000n,
};

function rulesOf(...conditions: string[]): Rule[] {
  return load(conditions.map((condition, i) => rule(`r${i}`, condition, '%proc.cmdline')));
}

function rule(name: string, condition: string, output: string): object {
  return { rule: name, desc: 'd', condition, output, priority: 'INFO' };
}

function load(items: readonly object[]): Rule[] {
  const loaded = loadForRun(asWritten([{ name: 'test', text: JSON.stringify(items) }]));
  if (loaded.failure !== undefined) throw new Error(loaded.failure.diagnostics?.join('\n'));
  return [...loaded.active];
}

/** A container with a shell of which a program is started. */
function inContainer(): Enricher {
  const enricher = offline();
  const texts = { cgroup: CGROUP };
  take(enricher, exec(1, 0, ['/sbin/init']));
  take(enricher, exec(20, 1, ['/bin/sh', '-c', 'x'], { texts, task: { comm: 'sh' } }));
  take(enricher, fork(30, 20, { comm: 'sh' }));
  return enricher;
}

const curl = () => exec(30, 20, ['curl', '-k', 'http://x/'], { texts: { cgroup: CGROUP } });

const open = () =>
  callRecord('openat', {
    task: task(30, 20, { comm: 'curl', uid: 33, loginuid: 1000 }),
    header: { time_ns: 1_000_000_000_500n },
    call: { ret: 5, args: [0xffff_ff9cn, 1n, 0x42n, 0o644n] },
    texts: { path: '/etc/shadow', claimed: 'shadow', base: '/etc' },
  });

/** All that can happen to the processes of an event before the answer comes. */
function goOn(enricher: Enricher): void {
  take(enricher, exec(30, 20, ['rm', '-rf', '/'], { texts: { cgroup: CGROUP }, task: { uid: 5 } }));
  take(enricher, exec(20, 1, ['other'], { task: { comm: 'other', session: 9 } }));
  take(enricher, exit(30, 20));
  take(enricher, exit(20, 1));
  take(enricher, exec(30, 1, ['/bin/again'], { task: { start_ns: 99_000_000_000_000n } }));
}

function present(event: Event | undefined): Event {
  if (event === undefined) throw new Error('no event');
  return event;
}

/** Names of the rules whose alerts come once the answer is there. */
function late(rules: Rule[], record: Buffer, metadata?: ContainerMetadata, first = false) {
  const enricher = inContainer();
  if (record.readUInt16LE(12) !== curl().readUInt16LE(12)) take(enricher, curl());
  const event = present(take(enricher, record));
  const stage = new LateRules(rules, {}, first);
  const candidates = stage.candidates(event, new Matcher(rules, resolveField).match(event));
  const container = event.process.container;
  if (container === undefined) throw new Error('no container');
  const frozen = stage.freeze(event, container, candidates);
  goOn(enricher);
  enricher.containers.learn(ID, metadata);
  const alerts = stage.judge(frozen, candidates).map((alert) => alert.rule.name);
  return { alerts, candidates: candidates.map(({ index }) => rules[index]?.name) };
}

test.each([
  ['an exec', curl],
  ['a call', open],
])('every field of %s says afterwards what it would have said at once', (_, record) => {
  const fields = [...FIELDS, ...TARGET_FIELDS]
    .filter((field) => isAvailable(field) && !field.filterOnly)
    .flatMap(({ name, argument }) => [
      ...(argument === 'required' ? [] : [name]),
      ...(argument === 'none' ? [] : ['0', '1', 'path', 'flags'].map((one) => `${name}[${one}]`)),
    ]);
  expect(fields.length).toBeGreaterThan(150);
  const items = fields
    .filter((field) => load1(field) !== undefined)
    .map((field) => rule(field, 'evt.num > 0', `%${field}`));
  const rules = load(items);

  const known = inContainer();
  known.containers.learn(ID, METADATA);
  take(known, curl());
  const now = present(take(known, record()));
  const expected = rules.map((one, i) => new RuleOutput(one, i, {}, resolveField).alert(now));

  const waits = inContainer();
  take(waits, curl());
  const event = present(take(waits, record()));
  const stage = new LateRules(rules, {}, false);
  const candidates = stage.candidates(event, new Matcher(rules, resolveField).match(event));
  const container = event.process.container;
  if (container === undefined) throw new Error('no container');
  const frozen = stage.freeze(event, container, candidates);
  goOn(waits);
  waits.containers.learn(ID, METADATA);
  const alerts = stage.judge(frozen, candidates);
  expect(alerts.map(({ rule: { name }, message }) => [name, message])).toEqual(
    expected.map(({ rule: { name }, message }) => [name, message]),
  );
  expect(alerts.map(({ values, time_ns, saker }) => [values, time_ns, saker])).toEqual(
    expected.map(({ values, time_ns, saker }) => [values, time_ns, saker]),
  );
});

function load1(field: string): Rule | undefined {
  try {
    return load([rule('one', 'evt.num > 0', `%${field}`)])[0];
  } catch {
    return undefined; // no such argument
  }
}

test.each([
  ['container.image.repository = shop/web', true],
  ['container.image.repository != shop/web', false],
  ['not container.image.repository = shop/web', false],
  ['not container.image.repository in (other)', true],
  ['container.privileged = true and proc.name = curl', true],
  ['container.privileged = true and proc.name = rm', false],
  ['proc.name = curl and not (container.name = db or proc.pname = other)', true],
  ['proc.name = curl and not (container.name = web or proc.pname = other)', false],
  ['k8s.ns.name = shop and proc.aname = sh and user.uid = 0', true],
  ['container.mount.dest[/etc] = /host', true],
  ['container.name exists', true],
  ['container.name = val(container.name)', true],
  ['tolower(container.name) = web', true],
  ['container.id = abababababab', true],
  ['proc.name = curl', true],
])('%s is judged with the answer: %s', (condition, holds) => {
  expect(late(rulesOf(`evt.type = execve and ${condition}`), curl(), METADATA).alerts).toEqual(
    holds ? ['r0'] : [],
  );
});

test('without an answer the metadata is missing, nothing else', () => {
  const rules = rulesOf(
    'container.image.repository = shop/web and proc.name = curl',
    'not container.image.repository = shop/web and proc.name = curl',
    'container.name exists',
  );
  expect(late(rules, curl()).alerts).toEqual(['r1']);
});

test('an event that no answer can make an alert is not kept', () => {
  const rules = rulesOf(
    'container.image.repository = shop/web and proc.name = rm',
    'not (container.name = web or proc.name = curl)',
    'proc.name = rm',
    'evt.type = openat and container.privileged = true',
  );
  expect(late(rules, curl(), METADATA).candidates).toEqual([]);
});

test('alerts of one event come in the order of the rules', () => {
  const rules = rulesOf(
    'proc.name = curl',
    'container.name = web',
    'proc.pname = sh',
    'container.name = db',
    'container.privileged = true',
  );
  const { alerts, candidates } = late(rules, curl(), METADATA);
  expect(candidates).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  expect(alerts).toEqual(['r0', 'r1', 'r2', 'r4']);
});

test('where the first rule is wanted only, the answer decides which it is', () => {
  const rules = rulesOf('container.name = web', 'proc.name = curl', 'container.name exists');
  expect(late(rules, curl(), METADATA, true)).toEqual({ alerts: ['r0'], candidates: ['r0', 'r1'] });
  expect(late(rules, curl(), { ...METADATA, name: 'db' }, true).alerts).toEqual(['r1']);
});

test('a rule reads metadata in its condition, its output or an added field', () => {
  const [plain, condition, output] = load([
    rule('plain', 'evt.type = execve and container.id != host', '%container.id %proc.name'),
    rule('condition', 'evt.type = execve and container.name = x', 'o'),
    rule('output', 'evt.type = execve', '%toupper(container.image)'),
  ]);
  if (!plain || !condition || !output) throw new Error('rules are missing');
  expect([plain, condition, output].map(readsMetadata)).toEqual([false, true, true]);
  const extraFields = [{ key: 'ns', format: 'k8s.ns.name', raw: true }];
  expect(readsMetadata({ ...plain, extraFields })).toBe(true);
});
