// Events on hold: order, time, number, bytes.
import { beforeEach, expect, test } from 'vitest';
import { Event } from '../../../src/decode/event.js';
import { Container } from '../../../src/enrich/container.js';
import { ContainerQuestions } from '../../../src/sensor/containers.js';
import { FrozenEvent } from '../../../src/sensor/frozen.js';
import { WaitingEvents } from '../../../src/sensor/waiting.js';

const A = new Container('a', 'aaaa', 'docker', undefined);
const B = new Container('b', 'bbbb', 'docker', undefined);
const ORIGIN = { event_id: 'e', pid: 1, start_ns: 0n, lineage: [] };

let now_ms = 0;
let settled: string[] = [];

beforeEach(() => {
  now_ms = 0;
  settled = [];
});

function waiting(max_events = 100, max_bytes = 1e6): WaitingEvents {
  return new WaitingEvents({ wait_ms: 1000, max_events, max_bytes }, () => now_ms);
}

function add(events: WaitingEvents, container: Container, name: string, text = ''): void {
  const event = new FrozenEvent(new Event(), container, [text], ORIGIN);
  events.add({ event, settle: () => settled.push(name) });
}

test('an answer settles the events of its container in order, and no others', () => {
  const events = waiting();
  add(events, A, 'a1');
  add(events, B, 'b1');
  add(events, A, 'a2');
  events.answered('aaaa');
  expect(settled).toEqual(['a1', 'a2']);
  expect(events.has('aaaa')).toBe(false);
  expect(events.has('bbbb')).toBe(true);
  events.answered('aaaa');
  expect(events.size).toBe(1);
  expect(events.counts).toEqual({ waited: 3, late: 0, crowded_out: 0 });
});

test('each event waits its own time, and the pause ends with the first of them', () => {
  const events = waiting();
  expect(events.pause_ms(5000)).toBe(5000);
  add(events, A, 'a1');
  now_ms = 600;
  add(events, B, 'b1');
  expect(events.pause_ms(5000)).toBe(400);
  expect(events.pause_ms(100)).toBe(100);
  events.expire();
  expect(settled).toEqual([]);
  now_ms = 1000;
  events.expire();
  expect(settled).toEqual(['a1']);
  expect(events.pause_ms(5000)).toBe(600);
  now_ms = 9000;
  expect(events.pause_ms(5000)).toBe(1);
  events.expire();
  expect(settled).toEqual(['a1', 'b1']);
  expect(events.counts).toEqual({ waited: 2, late: 2, crowded_out: 0 });
});

test('too many events crowd out the oldest of their own container', () => {
  const events = waiting(3);
  add(events, B, 'b1');
  for (const name of ['a1', 'a2', 'a3', 'a4']) add(events, A, name);
  expect(settled).toEqual(['a1', 'a2']);
  expect(events.size).toBe(3);
  expect(events.counts.crowded_out).toBe(2);
});

test('too many bytes crowd out the oldest, at last the event itself', () => {
  const events = waiting(100, 10_000);
  add(events, A, 'a1', 'x'.repeat(7000));
  add(events, A, 'a2', 'x'.repeat(3000));
  expect(settled).toEqual(['a1']);
  add(events, A, 'a3', 'x'.repeat(20_000));
  expect(settled).toEqual(['a1', 'a2', 'a3']);
  add(events, A, 'a4', 'x'.repeat(7000));
  expect(settled).toHaveLength(3);
});

test('at the end all are judged, the oldest first', () => {
  const events = waiting();
  for (const [container, name] of [[A, '1'] as const, [B, '2'] as const, [A, '3'] as const]) {
    now_ms += 1;
    add(events, container, name);
  }
  events.drain();
  expect(settled).toEqual(['1', '2', '3']);
  expect(events.size).toBe(0);
});

test('a container is asked about once, while somebody wants to know', () => {
  const asked: string[] = [];
  const questions = new ContainerQuestions(
    (full_id, type) => asked.push(`${type} ${full_id}`),
    () => now_ms,
  );
  questions.want(A);
  expect(asked).toEqual([]);
  questions.enable([A]);
  questions.want(A);
  questions.want(B);
  questions.want(new Container('c', 'cccc', 'lxc', undefined));
  expect(asked).toEqual(['docker aaaa', 'docker bbbb']);
  expect(questions.isOpen(A)).toBe(true);
  questions.answered('aaaa');
  expect(questions.isOpen(A)).toBe(false);
  expect(questions.isOpen(B)).toBe(true);
  questions.disable();
  expect(questions.isOpen(B)).toBe(false);
});

test('questions are bounded in number, and none stays open for ever', () => {
  const questions = new ContainerQuestions(
    () => {},
    () => now_ms,
  );
  questions.enable([]);
  for (let i = 0; i < 2000; i += 1)
    questions.want(new Container('x', `id${i}`, 'docker', undefined));
  expect(questions.size).toBe(1024);
  expect(questions.refused).toBe(976);
  const first = new Container('x', 'id0', 'docker', undefined);
  expect(questions.isOpen(first)).toBe(true);
  expect(questions.isOpen(new Container('x', 'id1999', 'docker', undefined))).toBe(false);
  now_ms = 40_000;
  expect(questions.isOpen(first)).toBe(false);
});
