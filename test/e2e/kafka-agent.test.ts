// The built agent and a real Kafka: from an act on this host to a message in a topic.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { perform } from '../acts/perform.js';
import { RunningAgent, SHIPPED_RULES } from './agent.js';
import { KafkaCluster } from './kafka.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const readShadow = { program: 'open-file.py', args: ['/etc/shadow', 'rdonly'] };

let cluster: KafkaCluster;
let folder: string;
const agents: RunningAgent[] = [];
beforeAll(async () => {
  cluster = await KafkaCluster.start('4.1.1');
});
afterAll(() => cluster?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-kafka-agent-'));
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(topic: string): Promise<RunningAgent> {
  const [broker] = cluster.addresses();
  const agent = await RunningAgent.start(
    [SHIPPED_RULES],
    ...['-o', `spool.path=${folder}`, '-o', 'kafka_output.enabled=true'],
    ...['-o', `kafka_output.brokers[]=${broker}`, '-o', `kafka_output.topic=${topic}`],
  );
  agents.push(agent);
  return agent;
}

async function kafkaCounts(agent: RunningAgent) {
  const { outputs } = await askStats(agent.socket);
  if (outputs.kafka === undefined) throw new Error('no output kafka');
  return outputs.kafka;
}

async function drained(agent: RunningAgent): Promise<void> {
  while ((await kafkaCounts(agent)).queued > 0) await sleep(50);
}

function eventIds(agent: RunningAgent): unknown[] {
  return agent.alerts.map(({ saker }) => saker?.event_id);
}

test('what standard output says is in the topic, byte for byte, once', async () => {
  await cluster.createTopic('agent');
  const agent = await start('agent');
  for (let round = 0; round < 3; round++) await perform(readShadow);
  await agent.settle();
  await drained(agent);
  const counts = await kafkaCounts(agent);
  await agent.stop();
  const messages = await cluster.messages('agent');
  expect(messages.map(({ headers }) => headers.event_id)).toEqual(eventIds(agent));
  expect(messages.map(({ value }) => JSON.parse(value))).toEqual(agent.alerts);
  expect(eventIds(agent).length).toBeGreaterThan(3);
  expect(counts).toMatchObject({ queued: 0, retried: 0, dropped: 0 });
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'without a broker, and ended by %s: the next agent delivers what is left',
  async (signal) => {
    const topic = `ended-by-${signal.toLowerCase()}`;
    await cluster.createTopic(topic);
    await cluster.kill();
    const first = await start(topic);
    await perform(readShadow);
    await first.settle();
    const told = eventIds(first);
    expect(told.length).toBeGreaterThan(1);
    while ((await kafkaCounts(first)).queued < told.length) await sleep(50);
    await first.hear('an output does not take alerts');
    await sleep(500); // on its way to the disk
    const ending = await first.stop(signal);
    if (signal === 'SIGTERM') expect(ending.status).toBe(0);
    await cluster.run();
    const second = await start(topic);
    await drained(second);
    const found = (await cluster.messages(topic)).map(({ headers }) => headers.event_id);
    expect(found.slice(0, told.length)).toEqual(told);
  },
);

test('two agents do not share a spool: the second says so and ends', async () => {
  await cluster.createTopic('shared');
  await start('shared');
  const second = await start('shared').catch((error: unknown) => error);
  expect(String(second)).toContain('another agent uses the spool');
});
