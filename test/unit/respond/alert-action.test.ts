// What was done stands in the alert, in every form, and is done once however late the alert comes.
import { expect, test } from 'vitest';
import { loadForRun } from '../../../src/cli/load.js';
import { type ContainerView, Event } from '../../../src/decode/event.js';
import type { ActionTaken, Alert, AlertOptions } from '../../../src/output/alert.js';
import { alertFacts } from '../../../src/output/alert-facts.js';
import { parseAlertObject } from '../../../src/output/alert-object.js';
import type { Subject } from '../../../src/respond/enforcer.js';
import { RuleOutput, resolveField } from '../../../src/sensor/alerts.js';
import { FrozenEvent } from '../../../src/sensor/frozen.js';
import { asWritten } from '../../../src/sensor/protocol.js';
import { asFalco, asText } from '../output/printers.js';

const DONE: ActionTaken = { wanted: 'kill', done: true, by: 'user space', mode: 'on', after_us: 7 };
const LEFT: ActionTaken = { ...DONE, done: false, why: 'protected: pid 1' };
const OPTIONS: AlertOptions = {
  hostname: 'h',
  iso8601: true,
  includeOutput: true,
  includeMessage: false,
  includeTags: true,
  includeOutputFields: true,
};
const ORIGIN = { event_id: 'e', pid: 4, start_ns: 5n, lineage: [], uncertain: true };

function alertWith(action: ActionTaken): Alert {
  const rule = { name: 'r', priority: 4, source: 'syscall', tags: [], fieldNames: [] };
  return { rule, time_ns: 1n, message: 'm', values: [], saker: { ...ORIGIN, action } };
}

test('Falco JSON has the action, and the other formats its parts', () => {
  for (const action of [DONE, LEFT]) {
    const line = asFalco(OPTIONS)(alertWith(action));
    expect(JSON.parse(line).saker.action).toEqual(action);
    const object = parseAlertObject(line);
    if (object === undefined) throw new Error('no alert');
    const { others } = alertFacts(object);
    expect(others.get('saker.action.done')).toBe(String(action.done));
    expect(others.get('saker.action.why')).toBe(action.why);
  }
});

test('text ends with what was done, or why not', () => {
  expect(asText(OPTIONS)(alertWith(DONE))).toMatch(/Warning m \(kill: done after 7 us\)$/);
  expect(asText(OPTIONS)(alertWith(LEFT))).toMatch(/m \(kill: not done, protected: pid 1\)$/);
});

test('about an event that waits it is done at once, and once', () => {
  const text = JSON.stringify([
    { rule: 'r', desc: 'd', condition: 'evt.type = open', output: 'o', priority: 'INFO' },
  ]);
  const [rule] = loadForRun(asWritten([{ name: 'test', text }])).active;
  if (rule === undefined) throw new Error('no rule');
  const subjects: Subject[] = [];
  const output = new RuleOutput(rule, 0, {}, resolveField, (subject) => {
    subjects.push(subject);
    return DONE;
  });
  const container: ContainerView = {
    id: 'c',
    full_id: 'c',
    type: 'docker',
    pod_uid: undefined,
    metadata: undefined,
  };
  const event = new Event();
  const frozen = new FrozenEvent(event, container, [], ORIGIN);
  expect(output.take(frozen)).toBe(DONE);
  expect(output.alert(frozen).saker?.action).toBe(DONE);
  expect(subjects).toMatchObject([{ pid: 4, start_ns: 5n, uncertain: true }]);
});
