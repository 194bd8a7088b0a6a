// Alerts for some minutes while broker and agent are killed at random: every id whose append to the spool
// returned must be in Kafka in the end.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { random } from '../seeded.js';
import { DeliveryAgent, deliveryConfig, withCluster } from './delivery.js';

/** What a soak gave. */
export interface Soak {
  seed: number;
  minutes: number;
  agent_kills: number;
  broker_kills: number;
  /** Ids whose append returned. */
  appended: number;
  /** Of those, not in Kafka. */
  missing: number;
  /** Messages in Kafka, and those that were there already. */
  messages: number;
  duplicates: number;
}

const RATE = 2000;
const TOPIC = 'soak';
const DRAIN_LIMIT_S = 300;

/** Runs for so long, and then until all is delivered. `SEED=n` repeats the times of a run. */
export async function measureSoak(minutes: number): Promise<Soak> {
  return await withCluster(async (cluster, folder) => {
    const { seed, below } = random();
    await cluster.createTopic(TOPIC);
    const appended_file = join(folder, 'appended');
    const config = deliveryConfig(cluster, folder, TOPIC);
    const soak = { seed, minutes, agent_kills: 0, broker_kills: 0 };
    const end_ms = Date.now() + minutes * 60_000;
    let agent = new DeliveryAgent({ config, rate: RATE, prefix: 'r0-', appended_file });
    let broker_back_ms: number | undefined;
    while (Date.now() < end_ms) {
      await sleep(500 + below(8000));
      if (broker_back_ms !== undefined && Date.now() >= broker_back_ms) {
        await cluster.run();
        broker_back_ms = undefined;
      }
      if (below(3) > 0) {
        await agent.kill();
        soak.agent_kills++;
        const prefix = `r${soak.agent_kills}-`;
        agent = new DeliveryAgent({ config, rate: RATE, prefix, appended_file });
      } else if (broker_back_ms === undefined) {
        if (below(4) === 0) await cluster.shutDown();
        else await cluster.kill();
        soak.broker_kills++;
        broker_back_ms = Date.now() + below(20_000);
      }
    }
    await agent.kill();
    if (broker_back_ms !== undefined) await cluster.run();
    const last = new DeliveryAgent({ config, rate: 0, prefix: 'end-', quiet: true });
    try {
      if (!(await last.until(({ queued }) => queued === 0, DRAIN_LIMIT_S)))
        throw new Error(`${last.last?.queued} alerts are still waiting`);
    } finally {
      await last.kill();
    }
    const messages = await cluster.messages(TOPIC);
    const found = new Set(messages.map(({ headers }) => headers.event_id));
    let appended = 0;
    let missing = 0;
    for (const id of appendedIds(appended_file)) {
      appended++;
      if (!found.has(id)) missing++;
    }
    const duplicates = messages.length - found.size;
    return { ...soak, appended, missing, messages: messages.length, duplicates };
  });
}

function* appendedIds(file: string): Generator<string> {
  if (!existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [prefix, from, to] = line.split(' ');
    // The last line of a killed agent may be cut short.
    if (prefix === undefined || from === undefined || to === undefined) continue;
    for (let id = Number(from); id < Number(to); id++) yield `${prefix}${id}`;
  }
}
