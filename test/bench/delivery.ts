// From the alert stage into a real Kafka on the same machine: alerts a second, and memory while the
// broker is away.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaCluster } from '../e2e/kafka.js';
import type { DeliveryAgentOptions, DeliveryState } from './delivery-agent.js';

const VERSION = '4.1.1';
const WARM_UP_S = 10;
const MEASURED_S = 30;
/** Alerts a second while the broker is away. */
const OUTAGE_RATE = 1000;
const RECOVERY_S = 120;

/** The sending half of an agent, as a process. */
export class DeliveryAgent {
  readonly states: DeliveryState[] = [];
  readonly #child: ChildProcess;
  /** The end of its log. */
  #log = '';

  constructor(options: DeliveryAgentOptions) {
    const script = new URL('./delivery-agent.js', import.meta.url).pathname;
    this.#child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    stderr?.on('data', (text: Buffer) => {
      this.#log = `${this.#log}${text}`.slice(-4000);
    });
    if (stdout !== null)
      createInterface(stdout).on('line', (line) => this.states.push(JSON.parse(line)));
  }

  get last(): DeliveryState | undefined {
    return this.states.at(-1);
  }

  /** Waits for a state of which something holds. */
  async until(holds: (state: DeliveryState) => boolean, limit_s: number): Promise<boolean> {
    for (let left = limit_s * 10; left > 0; left--) {
      const { last } = this;
      if (last !== undefined && holds(last)) return true;
      if (this.#child.exitCode !== null) throw new Error(`the agent ended: ${this.#log}`);
      await sleep(100);
    }
    return false;
  }

  /** As `kill -9`. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** What one run of full speed gave. */
export interface DeliveryRate {
  alerts_per_s: number;
  /** Processor time of both threads for one alert. */
  cpu_us: number;
  rss_bytes: number;
}

/** The configuration of a run; the spool is below `folder`. */
export function deliveryConfig(
  cluster: KafkaCluster,
  folder: string,
  topic: string,
  more = '',
): string {
  const brokers = JSON.stringify(cluster.addresses());
  return (
    `spool: {path: ${join(folder, 'spool')}}\n` +
    `kafka_output: {enabled: true, brokers: ${brokers}, topic: ${topic}${more}}\n`
  );
}

/** Delivers as fast as it goes, after a while for the compilers to finish. */
export async function measureDeliveryRate(more = ''): Promise<DeliveryRate> {
  return await withCluster(async (cluster, folder) => {
    await cluster.createTopic('rate');
    const config = deliveryConfig(cluster, folder, 'rate', more);
    const agent = new DeliveryAgent({ config, rate: 0, prefix: 'a' });
    try {
      if (!(await agent.until(({ delivered }) => delivered > 0, 30)))
        throw new Error('nothing is delivered');
      await sleep(WARM_UP_S * 1000);
      const first = agent.last;
      await sleep(MEASURED_S * 1000);
      const last = agent.last;
      if (first === undefined || last === undefined) throw new Error('no state');
      const alerts = last.delivered - first.delivered;
      return {
        alerts_per_s: (alerts / (last.time_ms - first.time_ms)) * 1000,
        cpu_us: ((last.cpu_s - first.cpu_s) / alerts) * 1e6,
        rss_bytes: last.rss_bytes,
      };
    } finally {
      await agent.kill();
    }
  });
}

/** What an outage did to the agent. */
export interface Outage {
  minutes: number;
  rss_before_bytes: number;
  rss_most_bytes: number;
  queued: number;
  /** From the broker's answer until nothing older than a second waits; `undefined`: not in time. */
  recovery_s: number | undefined;
  dropped: number;
}

/** Takes the broker away for so long, while alerts go on. */
export async function measureOutage(minutes: number): Promise<Outage> {
  return await withCluster(async (cluster, folder) => {
    await cluster.createTopic('outage');
    const config = deliveryConfig(cluster, folder, 'outage');
    const agent = new DeliveryAgent({ config, rate: OUTAGE_RATE, prefix: 'a' });
    try {
      await agent.until(({ delivered }) => delivered > OUTAGE_RATE * 10, 60);
      const before = agent.last?.rss_bytes ?? 0;
      await cluster.kill();
      await sleep(minutes * 60_000);
      const queued = agent.last?.queued ?? 0;
      await cluster.run();
      const began_ms = Date.now();
      const live = await agent.until((state) => state.queued < OUTAGE_RATE, RECOVERY_S);
      return {
        minutes,
        rss_before_bytes: before,
        rss_most_bytes: Math.max(...agent.states.map(({ rss_bytes }) => rss_bytes)),
        queued,
        recovery_s: live ? (Date.now() - began_ms) / 1000 : undefined,
        dropped: agent.last?.dropped ?? 0,
      };
    } finally {
      await agent.kill();
    }
  });
}

/** A cluster and a folder that are gone afterwards. */
export async function withCluster<T>(
  measure: (cluster: KafkaCluster, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'saker-bench-'));
  const cluster = await KafkaCluster.start(VERSION);
  try {
    return await measure(cluster, folder);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
