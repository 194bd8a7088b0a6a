// The main thread of the agent: starts the sensor, hands its alerts to the outputs, answers on the
// control socket, obeys signals. Read this and sensor.ts first.
import type { Config } from './config.js';
import { type AgentStats, ControlServer } from './control.js';
import { SakerError } from './errors.js';
import { type Logger, makeLog } from './log.js';
import type { AlertFormat, AlertFormatter, AlertOptions } from './output/alert.js';
import { alertFormatter } from './output/batch.js';
import { lossAlert } from './output/internal.js';
import type { Sink } from './output/line-queue.js';
import { FileSink } from './output/to-file.js';
import { StdoutSink } from './output/to-stdout.js';
import {
  type AlertBatch,
  type Failure,
  type FromSensor,
  GAUGE_ALERT_BYTES,
  type RuleOptions,
  type SensorStats,
  type TypeCounts,
} from './sensor-protocol.js';
import { SensorThread } from './sensor-thread.js';
import { notifySystemd, watchdogIntervalMs } from './systemd.js';

/** What an agent is started with. */
export interface AgentOptions {
  config: Config;
  rules: RuleOptions;
  hostname: string;
  /** Standard output is a person's terminal: colours, unless JSON is wanted. */
  terminal: boolean;
  /** A person reads stderr: the summary is sentences. */
  person: boolean;
  /** The sensor's compiled file. */
  sensorFile?: URL;
  /** Where alerts go instead of descriptor 1. */
  stdoutFd?: number;
  /** Takes the place of stderr. */
  writeLog?: (line: string) => void;
}

/** How long the sensor has to detach, and then the outputs to write what they have. */
const STOP_LIMIT_MS = 10_000;
const FLUSH_LIMIT_MS = 5_000;
/** At most one alert about lost events in this time; the losses in between are summed up. */
const LOSS_INTERVAL_MS = 10_000;

/** One agent, from `start` to `finished`. */
export class Agent {
  /** Resolves with the exit status. */
  readonly finished: Promise<number>;
  /** The sensor did not stop: its thread cannot be ended, only the whole process. */
  stuck = false;
  readonly #sinks: { sink: Sink; format: AlertFormat }[] = [];
  readonly #alerts: AlertOptions;
  readonly #log: Logger;
  readonly #formatters = new Map<AlertFormat, AlertFormatter>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #startedMs = Date.now();
  #sensor: SensorThread | undefined;
  #control: ControlServer | undefined;
  #finish: (status: number) => void = () => {};
  #stopping = false;
  #watched = false;
  #failure: Failure | undefined;
  #loss: { types: Record<string, number>; from: bigint; to: bigint } | undefined;
  #lossToldMs = 0;

  constructor(private readonly options: AgentOptions) {
    const { config } = options;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#log = makeLog({
      level: config.log_level,
      enabled: config.log_stderr,
      write: options.writeLog,
    });
    this.#alerts = {
      hostname: options.hostname,
      iso8601: config.time_format_iso_8601,
      includeOutput: config.json_include_output_property,
      includeMessage: config.json_include_message_property,
      includeTags: config.json_include_tags_property,
      includeOutputFields: config.json_include_output_fields_property,
    };
  }

  /**
   * Opens the outputs and the control socket, then starts the sensor.
   *
   * @throws SakerError when an output or the socket cannot be had.
   */
  async start(): Promise<void> {
    const { config, rules } = this.options;
    this.#openSinks();
    this.#control = await ControlServer.listen(config.control_socket, {
      stats: () => this.#stats(),
      events: (filter, json, send) => this.#events(filter, json, send),
    });
    this.#sensor = new SensorThread(
      this.options.sensorFile ?? new URL('./sensor.js', import.meta.url),
      {
        rules,
        ringBytes: config.ring_bytes,
        alerts: this.#alerts,
        formats: [...new Set(this.#sinks.map(({ format }) => format))],
      },
      {
        message: (message) => this.#receive(message),
        crashed: (error) => this.#fail(crash(error)),
      },
    );
  }

  /** Detaches, writes what is left, says what was seen. Later calls do nothing. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    notifySystemd('STOPPING=1');
    for (const timer of this.#timers) clearTimeout(timer);
    const stats = await this.#sensor?.stop(STOP_LIMIT_MS);
    this.stuck = stats === undefined && this.#failure === undefined && this.#sensor !== undefined;
    if (this.stuck) this.#log.error('the sensor did not stop in time; the process ends without it');
    this.#tellLoss();
    await Promise.all(this.#sinks.map(({ sink }) => sink.close(FLUSH_LIMIT_MS)));
    this.#control?.close();
    if (stats !== undefined && this.#watched) this.#summarise(stats);
    this.#finish(this.#failure?.exitStatus ?? 0);
  }

  /** SIGHUP: files may have been moved away by logrotate. */
  reopen(): void {
    for (const { sink } of this.#sinks) sink.reopen();
    this.#log.info('output files are opened anew');
  }

  #openSinks(): void {
    const { config, terminal } = this.options;
    const plain: AlertFormat = config.json_output ? 'falco' : 'text';
    if (config.file_output.enabled) {
      const { filename, keep_alive } = config.file_output;
      const sink = openFile(filename, keep_alive, this.#log);
      this.#sinks.push({ sink, format: plain });
    }
    if (config.stdout_output.enabled) {
      const events = {
        gone: (error: unknown) => this.#stdoutGone(error),
        failed: (error: unknown) =>
          this.#log.error({ err: error }, 'alerts cannot be written to standard output'),
      };
      const sink = new StdoutSink(events, this.options.stdoutFd);
      const format = terminal && !config.json_output ? 'terminal' : plain;
      this.#sinks.push({ sink, format });
    }
    if (this.#sinks.length === 0)
      this.#log.warn('no output is enabled: alerts are counted and go nowhere');
  }

  #receive(message: FromSensor): void {
    switch (message.kind) {
      case 'alerts':
        this.#write(message.batch);
        break;
      case 'watching':
        this.#watching(message);
        break;
      case 'loss':
        this.#addLoss(message.types, message.from_ns, message.to_ns);
        break;
      case 'log':
        this.#log[message.level](message.fields, message.message);
        break;
      case 'failed':
        this.#fail(message.failure);
        break;
      case 'reloaded':
        for (const warning of message.warnings) this.#log.warn(warning);
        this.#log.info({ rules: message.rules, hooks: message.hooks }, 'watching with new rules');
        break;
      case 'refused':
        for (const line of message.failure.diagnostics ?? []) this.#log.error(line);
        this.#log.error(`the old rules stay in force: ${message.failure.message}`);
        break;
      case 'stats':
      case 'tapped':
      case 'events':
      case 'stopped':
        break; // SensorThread hands these to whoever asked
    }
  }

  #write(batch: AlertBatch): void {
    this.#sensor?.taken(GAUGE_ALERT_BYTES, batch.gaugeBytes);
    for (const { sink, format } of this.#sinks) {
      const text = batch.text[format];
      if (text !== undefined) sink.write(text, batch.count);
    }
  }

  #watching(message: Extract<FromSensor, { kind: 'watching' }>): void {
    for (const warning of message.warnings) this.#log.warn(warning);
    this.#watched = true;
    const { rules, hooks, processes } = message;
    // Said whatever the level: scripts and people wait for this line.
    const always = makeLog({
      level: 'info',
      enabled: this.options.config.log_stderr,
      write: this.options.writeLog,
    });
    always.info({ rules, hooks, processes }, 'watching');
    const error = notifySystemd('READY=1');
    if (error !== undefined) this.#log.warn(`cannot reach the service manager: ${error}`);
    const interval = watchdogIntervalMs();
    if (interval !== undefined) this.#every(interval, () => void this.#ping());
  }

  // The sensor itself must answer: a live main thread alone would see nothing.
  async #ping(): Promise<void> {
    if ((await this.#sensor?.stats()) !== undefined) notifySystemd('WATCHDOG=1');
  }

  #fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    for (const diagnostic of failure.diagnostics ?? []) this.#say(diagnostic);
    this.#say(`saker: ${failure.message}`);
    if (failure.hint !== undefined) this.#say(`saker: ${failure.hint}`);
    void this.stop();
  }

  #stdoutGone(error: unknown): void {
    const only = this.#sinks.length === 1;
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.warn(`standard output is gone (${reason})${only ? ': stopping' : ''}`);
    if (only) void this.stop();
  }

  #addLoss(types: Readonly<Record<string, number>>, from: bigint, to: bigint): void {
    this.#loss ??= { types: {}, from, to };
    this.#loss.to = to;
    for (const [name, count] of Object.entries(types))
      this.#loss.types[name] = (this.#loss.types[name] ?? 0) + count;
    const waitMs = this.#lossToldMs + LOSS_INTERVAL_MS - Date.now();
    if (waitMs <= 0) this.#tellLoss();
    else if (!this.#stopping) this.#after(waitMs, () => this.#tellLoss());
  }

  #tellLoss(): void {
    const loss = this.#loss;
    if (loss === undefined) return;
    this.#loss = undefined;
    this.#lossToldMs = Date.now();
    const alert = lossAlert(loss.types, loss.from, loss.to);
    for (const { sink, format } of this.#sinks) {
      const print = this.#formatters.get(format) ?? alertFormatter(format, this.#alerts);
      this.#formatters.set(format, print);
      sink.write(`${print(alert)}\n`, 1);
    }
    this.#log.error({ types: loss.types }, 'the kernel had no room for events');
  }

  async #stats(): Promise<AgentStats> {
    const stats = await this.#sensor?.stats();
    if (stats === undefined) throw new SakerError('INTERNAL', 'the sensor does not answer');
    const { user, system } = process.cpuUsage();
    return {
      types: stats.types,
      received: stats.received,
      alerts: stats.alerts,
      outputs: Object.fromEntries(this.#sinks.map(({ sink }) => [sink.name, sink.counts()])),
      alerts_dropped: stats.alertsDropped,
      faults: stats.faults,
      cpu_s: (user + system) / 1e6,
      rss_bytes: process.memoryUsage.rss(),
      uptime_s: (Date.now() - this.#startedMs) / 1000,
    };
  }

  async #events(
    filter: string,
    json: boolean,
    send: (text: string, dropped: number) => void,
  ): Promise<() => void> {
    const sensor = this.#sensor;
    if (sensor === undefined) throw new SakerError('INTERNAL', 'the sensor has not started yet');
    const id = await sensor.tap(filter, json, send);
    return () => sensor.untap(id);
  }

  #summarise(stats: SensorStats): void {
    const sum = { seen: 0, filtered: 0, suppressed: 0, sent: 0, lost: 0 };
    for (const counts of Object.values(stats.types)) {
      sum.seen += counts.seen;
      sum.filtered += counts.filtered;
      sum.suppressed += counts.suppressed;
      sum.sent += counts.sent;
      sum.lost += counts.lost;
    }
    const dropped: Record<string, number> = {};
    if (stats.alertsDropped > 0) dropped.sensor = stats.alertsDropped;
    for (const { sink } of this.#sinks)
      if (sink.counts().dropped > 0) dropped[sink.name] = sink.counts().dropped;
    if (this.options.person) {
      for (const line of summaryLines(sum, stats.alerts, dropped)) this.#say(line);
      return;
    }
    this.#log.info(
      { events: sum, received: stats.received, alerts: stats.alerts, dropped_alerts: dropped },
      'stopped',
    );
  }

  // To whoever started the agent, whatever the log's level and form.
  #say(line: string): void {
    if (this.options.writeLog !== undefined) this.options.writeLog(`${line}\n`);
    else process.stderr.write(`${line}\n`);
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #every(ms: number, act: () => void): void {
    this.#timers.add(setInterval(act, ms));
  }
}

/** Runs an agent until a signal ends it; resolves with the exit status. */
export async function runAgent(options: AgentOptions): Promise<number> {
  const agent = new Agent(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // The second one ends the process by the signal itself, whatever the threads are doing.
      process.removeAllListeners(signal);
      void agent.stop();
    });
  process.on('SIGHUP', () => agent.reopen());
  // Node would open its debugger on this signal, inside of a process that may do everything.
  process.on('SIGUSR1', () => {});
  await agent.start();
  const status = await agent.finished;
  // process.exit would wait for the thread; the kernel detaches all programs with the process.
  if (agent.stuck) process.kill(process.pid, 'SIGKILL');
  return status;
}

/** What was seen, for people. */
export function summaryLines(
  events: TypeCounts,
  alerts: Readonly<Record<string, number>>,
  dropped: Readonly<Record<string, number>>,
): string[] {
  const byCount = Object.entries(alerts).sort(([, a], [, b]) => b - a);
  const total = byCount.reduce((sum, [, count]) => sum + count, 0);
  const width = String(byCount[0]?.[1] ?? 0).length;
  return [
    `saker: ${events.seen} events seen: ${events.filtered} filtered and ${events.suppressed} ` +
      `suppressed in the kernel, ${events.sent} sent, ${events.lost} lost`,
    `saker: ${total} alerts`,
    ...byCount.map(([rule, count]) => `  ${String(count).padStart(width)}  ${rule}`),
    ...Object.entries(dropped).map(([where, count]) => `saker: ${count} alerts lost at ${where}`),
  ];
}

function openFile(filename: string, keepAlive: boolean, log: Logger): FileSink {
  try {
    return new FileSink(filename, keepAlive, {
      failed: (error) =>
        log.error({ err: error, filename }, 'alerts cannot be written to the file'),
      recovered: (lost) => log.warn({ filename, lost }, 'the file can be written again'),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SakerError('SINK_WRITE', `cannot append alerts to ${filename}: ${reason}`, {
      hint: 'correct file_output.filename',
      cause,
    });
  }
}

function crash(error: Error): Failure {
  const code = 'code' in error ? String(error.code) : '';
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? { code: 'INTERNAL', message: 'the sensor ran out of memory', exitStatus: 70 }
    : {
        code: 'INTERNAL',
        message: `the sensor failed: ${error.stack ?? error.message}`,
        hint: 'this is a defect of Saker, please report it',
        exitStatus: 70,
      };
}
