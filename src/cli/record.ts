// `saker record`: what happens on this host into a file, for `saker replay` anywhere.
import { resolve } from 'node:path';
import { loadCondition } from '../agent/condition.js';
import { ContainerAnswers } from '../agent/containers.js';
import { loadInThread } from '../agent/rule-loader-thread.js';
import { parseConfig } from '../config.js';
import { type SakerError, UsageError } from '../errors.js';
import { makeLog } from '../log.js';
import { DURATION_FORM, durationMs } from '../rules/duration.js';
import { printable } from '../rules/source.js';
import { asWritten, type FromSensor, type RecordingCounts } from '../sensor/protocol.js';
import type { SensorThread } from '../sensor/thread.js';
import { errorOfFailure } from './failure.js';
import type { Console, RecordFlags } from './flags.js';
import { loadForRun } from './load.js';
import { runOwnSensor } from './own-sensor.js';
import { readRuleFiles } from './rule-files.js';
import { requireRoot } from './run.js';

const MIB = 1 << 20;

/** Records until a signal, `--for` or the file's limit ends it. */
export async function record(file: string, flags: RecordFlags, console: Console): Promise<number> {
  const limit_bytes = limitOf(flags.maxSize);
  const for_ms = flags.for === undefined ? undefined : durationMs(flags.for);
  if (flags.for !== undefined && (for_ms === undefined || for_ms === 0))
    throw new UsageError('USAGE', `--for ${flags.for} is no length of time`, {
      hint: `expected ${DURATION_FORM}`,
    });
  requireRoot('saker record');
  const { rule } = await loadCondition(wantedEvents(flags), loadInThread);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  const run = new RecorderRun(file, console, end);
  await runOwnSensor({
    signal: end.signal,
    lost: (count) => run.lost(count),
    begin: async (sensor) => {
      await run.begin(sensor, () => sensor.record(rule, resolve(file), limit_bytes));
      if (for_ms !== undefined) setTimeout(() => end.abort(), for_ms).unref();
    },
    message: (message) => run.take(message),
  });
  return run.finish();
}

/** One recording, as it is told of. */
class RecorderRun {
  readonly #containers: ContainerAnswers;
  #sensor: SensorThread | undefined;
  #counts: RecordingCounts | undefined;
  #failure: SakerError | undefined;
  #lost = 0;

  constructor(
    private readonly file: string,
    private readonly console: Console,
    private readonly end: AbortController,
  ) {
    const config = parseConfig('', 'defaults');
    this.#containers = new ContainerAnswers({
      engines: config.container_engines,
      labelBytes: config.label_max_len,
      log: makeLog({ level: 'warning', enabled: true }),
      tell: (full_id, metadata) => this.#sensor?.post({ kind: 'container', full_id, metadata }),
    });
  }

  async begin(sensor: SensorThread, start: () => Promise<void>): Promise<void> {
    this.#sensor = sensor;
    await start();
    this.console.err(`saker: recording to ${printable(this.file)}; Ctrl-C ends it\n`);
  }

  lost(count: number): void {
    this.#lost += count;
  }

  take(message: FromSensor): void {
    switch (message.kind) {
      case 'recorded':
        this.#counts = message.counts;
        if (message.failure !== undefined) this.#failure = errorOfFailure(message.failure);
        this.end.abort();
        break;
      case 'containers':
      case 'container_wanted':
        this.#containers.take(message);
        break;
      case 'log':
        if (message.level === 'warn' || message.level === 'error')
          this.console.err(`saker: ${printable(message.message)}\n`);
    }
  }

  /** Says what came of it. */
  finish(): number {
    this.#containers.close();
    if (this.#counts !== undefined) {
      const { records, refused, bytes } = this.#counts;
      const size = (bytes / MIB).toFixed(1);
      this.console.err(`saker: ${records} records, ${size} MiB, ${this.#lost} events lost\n`);
      if (refused > 0) this.console.err('saker: the file is full; --max-size makes it larger\n');
    }
    if (this.#failure !== undefined) throw this.#failure;
    return 0;
  }
}

// Which calls are wanted, as a condition: what somebody wrote, and of the types that rules are about.
function wantedEvents({ filter = '', rules = [] }: RecordFlags): string {
  if (rules.length === 0) return filter;
  const { active, failure } = loadForRun(asWritten(readRuleFiles(rules)));
  if (failure !== undefined) throw errorOfFailure(failure);
  if (active.some(({ events }) => events.complement)) return filter;
  const names = [...new Set(active.flatMap(({ events }) => [...events.names]))].sort();
  const types = `evt.type in (${names.join(', ')})`;
  return filter.trim() === '' ? types : `${types} and (${filter})`;
}

function limitOf(text: string): number {
  const size = Number(text);
  if (!/^\d{1,7}$/.test(text) || size < 1)
    throw new UsageError('USAGE', `--max-size ${text} is no number of MiB`);
  return size * MIB;
}
