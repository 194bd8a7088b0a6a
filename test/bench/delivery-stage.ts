// The thread that alerts come from in the benchmark of delivery: made, formatted and handed over as the
// sensor does it, at a rate, or as fast as they are taken.
import { parentPort, workerData } from 'node:worker_threads';
import type { Alert, AlertRule } from '../../src/output/alert.js';
import { AlertBatcher, memoryOf } from '../../src/output/batch.js';
import { GAUGE_BYTES, GAUGE_QUEUED, type StageOptions } from './delivery-gauges.js';

/** As in the sensor. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Without a rate: enough that the outputs never wait for alerts. */
const ENOUGH_BYTES = 4 * 1024 * 1024;
const ENOUGH_QUEUED = 12_000;
const AT_ONCE = 500;

const { gauges, rate, prefix }: StageOptions = workerData;
const gauge = new Int32Array(gauges);
const rules: AlertRule[] = Array.from({ length: 50 }, (_, number) => ({
  name: `A rule of the benchmark, number ${number}`,
  priority: number % 8,
  source: 'syscall',
  tags: ['container', 'filesystem', 'mitre_credential_access', 'T1555'],
  fieldNames: FIELDS(),
}));
const batcher = new AlertBatcher(
  [{ key: 'falco', format: 'falco' }],
  {
    hostname: 'benchmark-host',
    iso8601: false,
    includeOutput: true,
    includeMessage: false,
    includeTags: true,
    includeOutputFields: true,
  },
  gauge,
  GAUGE_BYTES,
  MAX_BYTES,
  (batch) => parentPort?.postMessage(batch, memoryOf(batch)),
);
let made = 0;
const began_ms = performance.now();
setImmediate(step);

function step(): void {
  const due =
    rate > 0
      ? Math.min(AT_ONCE, Math.floor(((performance.now() - began_ms) / 1000) * rate) - made)
      : enough()
        ? 0
        : AT_ONCE;
  for (let at = 0; at < due; at++) batcher.add(alert(made++));
  batcher.flush();
  if (due === AT_ONCE) setImmediate(step);
  else setTimeout(step, 2);
}

function enough(): boolean {
  return (
    Atomics.load(gauge, GAUGE_BYTES) > ENOUGH_BYTES ||
    Atomics.load(gauge, GAUGE_QUEUED) > ENOUGH_QUEUED
  );
}

function FIELDS(): string[] {
  return [
    'container.id',
    'container.image.repository',
    'container.name',
    'evt.type',
    'fd.name',
    'proc.cmdline',
    'proc.exepath',
    'proc.name',
    'proc.pname',
    'proc.tty',
    'user.loginuid',
    'user.name',
    'user.uid',
  ];
}

function alert(number: number): Alert {
  const pid = 1000 + (number % 30_000);
  const file = `/etc/service-${number % 977}/secrets/key.pem`;
  return {
    rule: rules[number % rules.length] ?? {
      name: '',
      priority: 7,
      source: '',
      tags: [],
      fieldNames: [],
    },
    time_ns: BigInt(Date.now()) * 1_000_000n + BigInt(number % 1_000_000),
    message:
      `Sensitive file opened for reading by non-trusted program | file=${file} gparent=systemd ` +
      `ggparent=<NA> evt_type=openat user=root user_uid=0 user_loginuid=-1 process=cat ` +
      `command=cat ${file} terminal=34816 container_id=3ad7b26ded6d container_name=web-${number % 40}`,
    values: [
      '3ad7b26ded6d',
      'registry.example/team/web',
      `web-${number % 40}`,
      'openat',
      file,
      `cat ${file}`,
      '/usr/bin/cat',
      'cat',
      'bash',
      34816,
      -1,
      'root',
      0,
    ],
    saker: {
      event_id: `${prefix}${number}`,
      pid,
      start_ns: 123_456_789_000n + BigInt(pid),
      lineage: ['/usr/bin/bash', '/usr/sbin/sshd', '/usr/lib/systemd/systemd'],
    },
  };
}
