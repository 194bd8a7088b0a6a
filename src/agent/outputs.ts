// The agent's outputs: opened as the configuration says, fed with batches and with our own alerts.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { OutputLimits } from '../config/shaping.js';
import type { Config } from '../config.js';
import { SakerError } from '../errors.js';
import type { Logger } from '../log.js';
import type {
  Alert,
  AlertFormat,
  AlertFormatter,
  AlertOptions,
  AlertOrigin,
} from '../output/alert.js';
import { alertOptions } from '../output/alert-options.js';
import { type AlertBatch, alertShapes, type Lane, wants } from '../output/batch.js';
import type { DeliveryCounts } from '../output/delivery.js';
import { release } from '../output/line-pool.js';
import type { Sink, SinkCounts } from '../output/line-queue.js';
import { formatterOf } from '../output/line-shape.js';
import type { SpoolCounts } from '../output/spool-options.js';
import { FileSink } from '../output/to-file.js';
import { ProgramSink } from '../output/to-program.js';
import { StdoutSink } from '../output/to-stdout.js';
import { parsePriority } from '../rules/rule.js';
import { SpoolDeliveries } from './spool-deliveries.js';

/** What `Outputs.open` needs besides the configuration. */
export interface OutputOptions {
  hostname: string;
  /** Standard output is a person's terminal: colours, unless JSON is wanted. */
  terminal: boolean;
  /** Where alerts go instead of descriptor 1. */
  stdoutFd?: number;
  log: Logger;
  /** The only output has lost its reader: nothing that follows would reach anybody. */
  unheard(): void;
}

/** All outputs of one agent. */
export class Outputs {
  /** What the configuration says about the form of alerts. */
  readonly alerts: AlertOptions;
  readonly #sinks: { sink: Sink; lane: Lane }[] = [];
  readonly #formatters = new Map<AlertFormat, AlertFormatter>();
  #deliveries: SpoolDeliveries | undefined;
  #told = 0;

  /** @throws SakerError SINK_WRITE when a file cannot be appended to. */
  constructor(
    private readonly config: Config,
    private readonly options: OutputOptions,
  ) {
    this.alerts = alertOptions(config, options.hostname);
    const plain: AlertFormat = config.json_output ? 'falco' : 'text';
    if (config.file_output.enabled) {
      const lane = laneOf('file_output', plain, config.file_output);
      this.#sinks.push({ sink: openFile(config.file_output, options.log), lane });
    }
    if (config.program_output.enabled) {
      const lane = laneOf('program_output', plain, config.program_output);
      this.#sinks.push({ sink: openProgram(config.program_output, options.log), lane });
    }
    if (config.stdout_output.enabled) {
      const format = options.terminal && !config.json_output ? 'terminal' : plain;
      const lane = laneOf('stdout_output', format, config.stdout_output);
      this.#sinks.push({ sink: this.#openStdout(), lane });
    }
  }

  /**
   * Opens the outputs to other systems, of which the alerts wait on disk; to be called once, before
   * `lanes` is asked for.
   *
   * @throws SpoolError SPOOL_BUSY, or ConfigError when an output cannot be made.
   */
  async openRemotes(): Promise<void> {
    const { hostname, log } = this.options;
    this.#deliveries = await SpoolDeliveries.open(this.config, { hostname, log });
    if (this.#deliveries !== undefined)
      this.#sinks.push({ sink: this.#deliveries, lane: { key: 'falco', format: 'falco' } });
    if (this.#sinks.length === 0)
      log.warn('no output is enabled: alerts are counted and go nowhere');
  }

  /** Which alerts are wanted in which form, each once. */
  get lanes(): Lane[] {
    return [...new Map(this.#sinks.map(({ lane }) => [lane.key, lane])).values()];
  }

  /** Hands alerts that are lines already to every output. */
  write({ lines, counts }: Pick<AlertBatch, 'lines' | 'counts'>): void {
    for (const { sink, lane } of this.#sinks) {
      const those = lines[lane.key];
      if (those !== undefined) sink.write(those, counts[lane.key] ?? 0);
    }
    for (const those of Object.values(lines)) if (those !== undefined) release(those);
  }

  /** Hands one alert to every output. */
  tell(found: Alert): void {
    const alert = found.saker === undefined ? { ...found, saker: this.#ownOrigin() } : found;
    for (const { sink, lane } of this.#sinks) {
      if (!wants(lane, alert)) continue;
      const { format } = lane;
      const print = this.#formatters.get(format) ?? formatterOf(alertShapes(format, this.alerts));
      this.#formatters.set(format, print);
      sink.write(Buffer.from(`${print(alert)}\n`), 1);
    }
  }

  /** By the name of the output. */
  counts(): Record<string, SinkCounts & Partial<DeliveryCounts>> {
    const sinks = this.#sinks.filter(({ sink }) => sink !== this.#deliveries);
    return {
      ...Object.fromEntries(sinks.map(({ sink }) => [sink.name, sink.counts()])),
      ...this.#deliveries?.deliveryCounts(),
    };
  }

  /** What waits for the outputs to other systems; `undefined` without such. */
  spoolCounts(): SpoolCounts | undefined {
    return this.#deliveries?.spoolCounts();
  }

  /** Files may have been moved away. */
  reopen(): void {
    for (const { sink } of this.#sinks) sink.reopen();
  }

  /** Writes what is left, for at most so long. */
  async close(limitMs: number): Promise<void> {
    await Promise.all(this.#sinks.map(({ sink }) => sink.close(limitMs)));
  }

  // What the agent itself has to tell comes from its own process.
  #ownOrigin(): AlertOrigin {
    const event_id = `${RUN}-own-${(this.#told++).toString(36)}`;
    return { event_id, pid: process.pid, start_ns: OWN_START_NS, lineage: [] };
  }

  #openStdout(): StdoutSink {
    const { log, stdoutFd, unheard } = this.options;
    return new StdoutSink(
      {
        gone: (error) => {
          const only = this.#sinks.length === 1;
          const reason = error instanceof Error ? error.message : String(error);
          log.warn(`standard output is gone (${reason})${only ? ': stopping' : ''}`);
          if (only) unheard();
        },
        failed: (error) => log.error({ err: error }, 'alerts cannot be written to standard output'),
      },
      stdoutFd,
    );
  }
}

// Distinguishes what this run tells from what others told.
const RUN = randomBytes(4).toString('hex');
// When this process started, to a hundredth of a second: field 22 of proc_pid_stat(5), in ticks of
// 10 ms on every architecture of Linux that we know.
const OWN_START_NS =
  BigInt(readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ')[19] ?? '0') *
  10_000_000n;

// An output that wants all alerts shares its lines with others of that form.
function laneOf(output: string, format: AlertFormat, limits: OutputLimits): Lane {
  const minimum_priority = parsePriority(limits.minimum_priority) ?? 7;
  if (limits.filter === '' && minimum_priority === 7) return { key: format, format };
  return { key: output, format, output, minimum_priority };
}

function openFile(config: Config['file_output'], log: Logger): FileSink {
  const { filename, keep_alive, rotation } = config;
  try {
    const events = {
      failed: (error: unknown) =>
        log.error({ err: error, filename }, 'alerts cannot be written to the file'),
      recovered: (lost: number) => log.warn({ filename, lost }, 'the file can be written again'),
      notRotated: (error: unknown) =>
        log.error({ err: error, filename }, 'the file of alerts cannot be put aside'),
    };
    return new FileSink(filename, keep_alive, events, rotation);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SakerError('SINK_WRITE', `cannot append alerts to ${filename}: ${reason}`, {
      hint: 'correct file_output.filename',
      cause,
    });
  }
}

function openProgram({ program, keep_alive }: Config['program_output'], log: Logger): ProgramSink {
  return new ProgramSink(program, keep_alive, {
    failed: (error) => log.error({ err: error, program }, 'the program does not take alerts'),
  });
}
