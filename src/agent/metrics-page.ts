// The page of metrics: what `saker stats` tells, in the names that Prometheus' users expect.
import { type Family, labelled, metricsText, single } from '../metrics.js';
import type { AgentStats } from './control.js';

/** What the page says besides the counters. */
export interface MetricsState {
  version: string;
  kernel: string;
  /** The sensor answers. */
  alive: boolean;
  ready: boolean;
  rules: number;
  hooks: number;
  /** Loads of rules after the first, by `taken` and `refused`. */
  reloads: Readonly<Record<string, number>>;
  /** How long the sensor took to answer. */
  answers: Family;
}

/** The page; without `stats`, the sensor has not answered yet, and its counters are left out. */
export function metricsPage(stats: AgentStats | undefined, state: MetricsState): string {
  const { version, kernel, alive, ready, rules, hooks, reloads } = state;
  const build = { version, node: process.versions.node, kernel };
  const { user, system } = process.cpuUsage();
  return metricsText([
    single('saker_build_info', 'gauge', 'What runs here.', 1, build),
    single('saker_ready', 'gauge', 'Whether it watches.', ready ? 1 : 0),
    single('saker_sensor_up', 'gauge', 'Whether the sensor answers.', alive ? 1 : 0),
    state.answers,
    single('saker_rules', 'gauge', 'Rules in force.', rules),
    single('saker_hooks', 'gauge', 'Programs attached to the kernel.', hooks),
    labelled('saker_reloads_total', 'counter', 'Later loads of rules.', 'result', entries(reloads)),
    single('saker_uptime_seconds', 'gauge', 'Since the agent started.', process.uptime()),
    single(
      'process_start_time_seconds',
      'gauge',
      'When the process started, since 1970.',
      Math.round(Date.now() / 1000 - process.uptime()),
    ),
    single(
      'process_resident_memory_bytes',
      'gauge',
      'Memory of the process.',
      process.memoryUsage.rss(),
    ),
    single(
      'process_cpu_seconds_total',
      'counter',
      'CPU that the process used.',
      (user + system) / 1e6,
    ),
    ...(stats === undefined ? [] : [...eventFamilies(stats), ...alertFamilies(stats)]),
    ...(stats === undefined ? [] : [...outputFamilies(stats), ...spoolFamilies(stats)]),
  ]);
}

const FATES = [
  ['seen', 'Events that hooks saw.'],
  ['filtered', 'Events that the kernel filter dropped: no rule could match them.'],
  ['suppressed', 'Events that were throttled in the kernel.'],
  ['sent', 'Events handed to the sensor.'],
  ['lost', 'Events for which the ring had no room.'],
] as const;

function eventFamilies({ types, received, faults, containers }: AgentStats): Family[] {
  const byType = FATES.map(([fate, help]) =>
    labelled(
      `saker_events_${fate}_total`,
      'counter',
      help,
      'type',
      entries(types).map(([type, counts]) => [type, counts[fate]] as const),
    ),
  );
  return [
    ...byType,
    single('saker_events_received_total', 'counter', 'Events taken from the ring.', received),
    labelled('saker_faults_total', 'counter', 'What went wrong.', 'fault', entries(faults)),
    single(
      'saker_events_waiting',
      'gauge',
      'Events that wait for the metadata of their container.',
      containers.waiting,
    ),
  ];
}

function alertFamilies(stats: AgentStats): Family[] {
  const { alerts, alerts_muted, alerts_suppressed, alerts_dropped } = stats;
  return [
    labelled('saker_alerts_total', 'counter', 'Alerts raised.', 'rule', entries(alerts)),
    labelled(
      'saker_alerts_muted_total',
      'counter',
      'Alerts kept back by saker mute.',
      'rule',
      entries(alerts_muted),
    ),
    labelled(
      'saker_alerts_suppressed_total',
      'counter',
      'Alerts kept back by a rate limit, or as repetitions.',
      'rule',
      entries(alerts_suppressed),
    ),
    single(
      'saker_alerts_dropped_total',
      'counter',
      'Alerts that did not reach the outputs: the main thread did not keep up.',
      alerts_dropped,
    ),
    labelled(
      'saker_enforcement_total',
      'counter',
      'What rules with an action came to.',
      'outcome',
      entries({ ...stats.enforcement }),
    ),
  ];
}

const OUTPUTS = [
  ['queued', 'saker_output_queued', 'gauge', 'Alerts that wait.'],
  ['delivered', 'saker_output_delivered_total', 'counter', 'Alerts that arrived.'],
  ['retried', 'saker_output_retried_total', 'counter', 'Alerts sent once more.'],
  ['dropped', 'saker_output_dropped_total', 'counter', 'Alerts that will not arrive.'],
  ['refused', 'saker_output_refused_total', 'counter', 'Alerts that were put aside for good.'],
  ['lag_s', 'saker_output_lag_seconds', 'gauge', 'Age of the oldest alert that waits.'],
  ['failing', 'saker_output_failing', 'gauge', 'Whether the last attempt failed.'],
  [
    'last_error_s',
    'saker_output_last_error_timestamp_seconds',
    'gauge',
    'When an attempt failed last, since 1970.',
  ],
] as const;

// What an output does not count is left out.
function outputFamilies({ outputs }: AgentStats): Family[] {
  return OUTPUTS.map(([key, name, type, help]) =>
    labelled(
      name,
      type,
      help,
      'output',
      entries(outputs).map(([output, counts]) => {
        const value = new Map<string, unknown>(Object.entries(counts)).get(key);
        if (typeof value === 'boolean') return [output, value ? 1 : 0] as const;
        return [output, typeof value === 'number' ? value : undefined] as const;
      }),
    ),
  );
}

function spoolFamilies({ spool }: AgentStats): Family[] {
  if (spool === undefined) return [];
  const { alerts, bytes, dropped, on_disk } = spool;
  return [
    single('saker_spool_alerts', 'gauge', 'Alerts that some output has yet to deliver.', alerts),
    single('saker_spool_bytes', 'gauge', 'What these take.', bytes),
    single(
      'saker_spool_dropped_total',
      'counter',
      'Alerts that were gone before every output had them.',
      dropped,
    ),
    single(
      'saker_spool_on_disk',
      'gauge',
      'Whether alerts are kept on disk; 0: in memory only, the disk refuses.',
      on_disk ? 1 : 0,
    ),
  ];
}

function entries<T>(of: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(of);
}
