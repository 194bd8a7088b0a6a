// The Kafka output, with the spool and the delivery before it, against real brokers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KafkaOutputConfig } from '../../src/config/kafka-output.js';
import { parseConfig } from '../../src/config.js';
import { Delivery } from '../../src/output/delivery.js';
import { RefusedFile } from '../../src/output/delivery-refused.js';
import type { Spool } from '../../src/output/spool.js';
import { KafkaOutput } from '../../src/output/to-kafka.js';
import {
  alertLines,
  ids,
  listeningLog,
  openSpool,
  readerOf,
  type Said,
} from '../unit/output/spool-lines.js';
import { KAFKA_USER, KafkaCluster, type Received } from './kafka.js';
import { KAFKA_VERSIONS } from './kafka-libraries.js';

/** All between an alert and the broker. */
interface Stage {
  spool: Spool;
  delivery: Delivery;
  said: Said[];
  refusedFile: string;
  append(from: number, to: number, padding?: number): Promise<boolean>;
}

// Brokers start in seconds, or in a minute where many share the processors.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let folder: string;
let stages: Stage[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-kafka-test-'));
});
afterEach(async () => {
  for (const { delivery, spool } of stages) {
    await delivery.close(1000);
    await spool.close();
  }
  stages = [];
  rmSync(folder, { recursive: true, force: true });
});

async function stage(brokers: string[], changes: Partial<KafkaOutputConfig> = {}): Promise<Stage> {
  const { log, said } = listeningLog();
  const { kafka_output } = parseConfig('', 'test');
  const config = { ...kafka_output, enabled: true, brokers, ...changes };
  const output = new KafkaOutput(config, { hostname: 'tower', version: '1.2.3', log });
  const spool = await openSpool(join(folder, 'spool'), { outputs: [{ name: 'kafka' }], log });
  const refusedFile = join(folder, 'refused.jsonl');
  const delivery = new Delivery(output, {
    reader: readerOf(spool, 'kafka'),
    queued: () => spool.queued('kafka'),
    refused: new RefusedFile(refusedFile, 1e9, log),
    log,
    backoff: { first_ms: 100, longest_ms: 1000 },
  });
  delivery.start();
  const made: Stage = {
    spool,
    delivery,
    said,
    refusedFile,
    append: (from, to, padding = 100) => spool.append(alertLines(from, to, padding), to - from),
  };
  stages.push(made);
  return made;
}

async function drained({ delivery }: Stage): Promise<void> {
  await until(() => delivery.counts().queued === 0);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

function idsOf(messages: readonly Received[]): string[] {
  return messages.map(({ headers }) => headers.event_id ?? '');
}

/** Each once, in the order in which they came first. */
function firsts(messages: readonly Received[]): string[] {
  return [...new Set(idsOf(messages))];
}

function errors({ said }: Stage): Said[] {
  return said.filter(({ level }) => level === 'error');
}

describe.each(KAFKA_VERSIONS)('Kafka %s', (version) => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await KafkaCluster.start(version);
  });
  afterAll(() => cluster?.stop());

  test('takes alerts in order, with key, headers and the time of the event', async () => {
    await cluster.createTopic('plain');
    const all = await stage(cluster.addresses(), { topic: 'plain' });
    await all.append(0, 5000);
    await drained(all);
    const messages = await cluster.messages('plain');
    expect(idsOf(messages)).toEqual(ids(0, 5000));
    expect(messages[7]).toMatchObject({
      key: 'tower',
      value: alertLines(7, 8, 100).toString().trimEnd(),
      headers: { event_id: '7', rule: 'Some rule', priority: 'Warning' },
    });
    expect(all.delivery.counts()).toMatchObject({ delivered: 5000, retried: 0, dropped: 0 });
  });

  test('a topic by template, a key by field, and no compression', async () => {
    await cluster.createTopic('saker-warning-some-rule');
    const all = await stage(cluster.addresses(), {
      topic: 'saker-%{priority}-%{rule}',
      key: 'proc.name',
      compression: 'none',
    });
    await all.append(0, 3, 2);
    await drained(all);
    const messages = await cluster.messages('saker-warning-some-rule');
    expect(messages.map(({ key }) => key)).toEqual(['xx', 'xx', 'xx']);
  });

  test('killed under load and away for a while: nothing lost, nothing twice, told once', async () => {
    await cluster.createTopic('killed');
    const all = await stage(cluster.addresses(), { topic: 'killed' });
    let next = 0;
    const load = setInterval(() => {
      void all.append(next, next + 20);
      next += 20;
    }, 10);
    try {
      await until(() => all.delivery.counts().delivered > 2000);
      await cluster.kill();
      await until(() => all.delivery.counts().failing);
      const then = next;
      await until(() => next > then + 10_000);
      await cluster.run();
      await until(() => !all.delivery.counts().failing);
    } finally {
      clearInterval(load);
    }
    await drained(all);
    const messages = await cluster.messages('killed');
    expect(firsts(messages)).toEqual(ids(0, next));
    const told = all.said.filter(({ msg }) => msg.startsWith('an output'));
    expect(told.filter(({ level }) => level === 'info')).toHaveLength(1);
    expect(told.length).toBeLessThan(10);
    expect(all.delivery.counts().retried).toBeGreaterThan(0);
    expect(messages.length - next).toBeLessThanOrEqual(all.delivery.counts().retried);
  });

  test('restarted in order in the middle of a batch', async () => {
    await cluster.createTopic('restarted');
    const all = await stage(cluster.addresses(), { topic: 'restarted' });
    await all.append(0, 40_000);
    await until(() => all.delivery.counts().delivered > 0);
    await cluster.shutDown();
    await all.append(40_000, 41_000);
    await cluster.run();
    await drained(all);
    expect(firsts(await cluster.messages('restarted'))).toEqual(ids(0, 41_000));
  });

  test('a missing topic is told once with what to do, and served as soon as it is there', async () => {
    const all = await stage(cluster.addresses(), { topic: 'late' });
    await all.append(0, 10);
    await until(() => all.delivery.counts().retried > 20);
    expect(errors(all)).toHaveLength(1);
    expect(errors(all)[0]).toMatchObject({ output: 'kafka', retryable: false });
    expect(String(errors(all)[0]?.hint)).toContain('create the topic');
    await cluster.createTopic('late');
    await drained(all);
    expect(idsOf(await cluster.messages('late'))).toEqual(ids(0, 10));
  });

  test('a message that is too large is put aside, and only that one', async () => {
    await cluster.createTopic('small', { config: { 'max.message.bytes': '2000' } });
    const all = await stage(cluster.addresses(), { topic: 'small', compression: 'none' });
    await all.append(0, 6);
    await all.append(6, 7, 5000);
    await all.append(7, 40);
    await drained(all);
    const expected = ids(0, 40).filter((id) => id !== '6');
    expect(firsts(await cluster.messages('small'))).toEqual(expected);
    expect(all.delivery.counts()).toMatchObject({ delivered: 39, refused: 1, dropped: 1 });
    const lines = readFileSync(all.refusedFile, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      output: 'kafka',
      event_id: '6',
      reason: expect.stringContaining('MESSAGE_TOO_LARGE'),
      alert: { rule: 'Some rule' },
    });
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'a user by %s; with a wrong password nothing is lost',
    async (mechanism) => {
      const topic = `user-${mechanism}`;
      await cluster.createTopic(topic);
      const brokers = cluster.addresses('sasl');
      const wrong = await stage(brokers, {
        topic,
        sasl: { mechanism, username: KAFKA_USER.username, password: 'wrong' },
      });
      await wrong.append(0, 10);
      await until(() => wrong.delivery.counts().retried > 10);
      expect(errors(wrong)).toHaveLength(1);
      expect(String(errors(wrong)[0]?.hint)).toContain('kafka_output.sasl');
      expect(JSON.stringify(wrong.said)).not.toContain('wrong');
      await wrong.delivery.close(100);
      await wrong.spool.close();
      const right = await stage(brokers, { topic, sasl: { mechanism, ...KAFKA_USER } });
      await drained(right);
      expect(idsOf(await cluster.messages(topic))).toEqual(ids(0, 10));
    },
  );

  test('TLS with a certificate of ours; an authority that is not known is told once', async () => {
    await cluster.createTopic('tls');
    const { ca, otherCa, clientCert, clientKey } = cluster.certificates;
    const brokers = cluster.addresses('tls');
    const tls = { enabled: true, cert: clientCert, key: clientKey, passphrase: '' };
    const wrong = await stage(brokers, { topic: 'tls', tls: { ...tls, ca: otherCa } });
    await wrong.append(0, 10);
    await until(() => wrong.delivery.counts().retried > 10);
    expect(errors(wrong)).toHaveLength(1);
    expect(String(errors(wrong)[0]?.hint)).toContain('kafka_output.tls');
    await wrong.delivery.close(100);
    await wrong.spool.close();
    const right = await stage(brokers, { topic: 'tls', tls: { ...tls, ca } });
    await drained(right);
    expect(idsOf(await cluster.messages('tls'))).toEqual(ids(0, 10));
  });
});

describe('three brokers of which two have to have it', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await KafkaCluster.start('4.1.1', 3);
  });
  afterAll(() => cluster?.stop());

  test('the leader is killed, then a second one: in order, nothing lost', async () => {
    const config = { 'min.insync.replicas': '2' };
    await cluster.createTopic('replicated', { replicas: 3, config });
    const all = await stage(cluster.addresses(), { topic: 'replicated' });
    await all.append(0, 2000);
    await drained(all);
    const first = await cluster.leader('replicated');
    await cluster.kill(first);
    await all.append(2000, 4000);
    await drained(all);
    const second = await cluster.leader('replicated');
    expect(second).not.toBe(first);
    // One of three alone may not take it, and does not.
    await cluster.kill(second);
    await all.append(4000, 5000);
    await until(() => all.delivery.counts().failing);
    expect(all.delivery.counts().delivered).toBe(4000);
    await cluster.run(first);
    await drained(all);
    expect(firsts(await cluster.messages('replicated'))).toEqual(ids(0, 5000));
  });
});
