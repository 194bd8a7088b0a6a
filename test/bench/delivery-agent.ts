// The main thread of an agent, as far as alerts go: takes them from a thread, puts them into the spool,
// delivers them to Kafka. Says each second how it stands; is killed by whoever started it.
import { openSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { SpoolDeliveries } from '../../src/agent/spool-deliveries.js';
import { parseConfig } from '../../src/config.js';
import { makeLog } from '../../src/log.js';
import type { AlertBatch } from '../../src/output/batch.js';
import { release } from '../../src/output/line-pool.js';
import { GAUGE_BYTES, GAUGE_QUEUED, type StageOptions } from './delivery-gauges.js';

/** Its only argument, as JSON. */
export interface DeliveryAgentOptions {
  /** Lines of YAML. */
  config: string;
  rate: number;
  prefix: string;
  /** Ids whose append has returned are written here, as ranges. */
  appended_file?: string;
  /** Stop making alerts. */
  quiet?: boolean;
}

/** What it prints each second, one JSON object a line. */
export interface DeliveryState {
  time_ms: number;
  queued: number;
  delivered: number;
  retried: number;
  dropped: number;
  failing: boolean;
  cpu_s: number;
  rss_bytes: number;
}

const options: DeliveryAgentOptions = JSON.parse(process.argv[2] ?? '{}');
const log = makeLog({ level: 'info', enabled: true, readable: false });
const config = parseConfig(options.config, 'benchmark');
const deliveries = await SpoolDeliveries.open(config, { hostname: 'benchmark-host', log });
if (deliveries === undefined) throw new Error('no output');
const gauges = new SharedArrayBuffer(8);
const gauge = new Int32Array(gauges);
const appended =
  options.appended_file === undefined ? undefined : openSync(options.appended_file, 'a');
let taken = 0;

if (options.quiet !== true) {
  const workerData: StageOptions = { gauges, rate: options.rate, prefix: options.prefix };
  const stage = new Worker(new URL('./delivery-stage.js', import.meta.url), { workerData });
  stage.on('message', ({ lines, count, gaugeBytes }: AlertBatch) => {
    Atomics.sub(gauge, GAUGE_BYTES, gaugeBytes);
    const from = taken;
    taken += count;
    if (lines.falco === undefined) return;
    const stored = deliveries.append(new Uint8Array(lines.falco), count);
    release(lines.falco);
    if (appended === undefined) return;
    void stored.then((on_disk) => {
      if (on_disk) writeSync(appended, `${options.prefix} ${from} ${from + count}\n`);
    });
  });
}
setInterval(() => {
  Atomics.store(gauge, GAUGE_QUEUED, deliveries.deliveryCounts().kafka?.queued ?? 0);
}, 20);
setInterval(say, 1000);

function say(): void {
  const counts = deliveries?.deliveryCounts().kafka;
  if (counts === undefined) return;
  const { user, system } = process.cpuUsage();
  const { queued, delivered, retried, dropped, failing } = counts;
  const state: DeliveryState = {
    time_ms: Date.now(),
    ...{ queued, delivered, retried, dropped, failing },
    cpu_s: (user + system) / 1e6,
    rss_bytes: process.memoryUsage.rss(),
  };
  writeSync(1, `${JSON.stringify(state)}\n`);
}
