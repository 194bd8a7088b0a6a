// The main thread of the agent: starts the sensor, hands its alerts to the outputs, answers on the
// control socket, obeys signals. Read this and sensor.ts first.
import { ContainerAnswers } from './agent/containers.js';
import { type AgentStats, ControlServer } from './agent/control.js';
import type { AgentFacts } from './agent/facts.js';
import { LossReport } from './agent/loss.js';
import type { Mute } from './agent/mute.js';
import { AgentNames } from './agent/names.js';
import { Outputs } from './agent/outputs.js';
import { OwnState } from './agent/own-state.js';
import { loadCondition, loadInThread, type RuleLoader } from './agent/rule-loader-thread.js';
import { AgentRules, type RuleOrigin } from './agent/rules.js';
import { type Summary, summarise, summaryLines } from './agent/summary.js';
import { failureOf } from './cli/failure.js';
import type { Config } from './config.js';
import { SakerError } from './errors.js';
import { type Logger, makeLog } from './log.js';
import type { Alert } from './output/alert.js';
import type { AlertBatch } from './output/batch.js';
import { Masker } from './output/mask.js';
import {
  type Failure,
  type FromSensor,
  GAUGE_ALERT_BYTES,
  GAUGE_OPEN_EVENTS,
  type PreparedRules,
  type RuleOptions,
  type SensorStats,
} from './sensor/protocol.js';
import { SensorThread } from './sensor/thread.js';

/** What an agent is started with. */
export interface AgentOptions {
  config: Config;
  rules: RuleOptions;
  hostname: string;
  /** Standard output is a person's terminal: colours, unless JSON is wanted. */
  terminal: boolean;
  /** A person reads stderr: the summary is sentences. */
  person: boolean;
  /** What must be said of the configuration. */
  notices?: readonly string[];
  /** Where changed rules come from; without it the rules never change. */
  origin?: RuleOrigin;
  /** Takes the place of a thread that reads the rules. */
  loadRules?: RuleLoader;
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

/** One agent, from `start` to `finished`. */
export class Agent {
  /** Resolves with the exit status. */
  readonly finished: Promise<number>;
  /** The sensor did not stop: its thread cannot be ended, only the whole process. */
  stuck = false;
  readonly #log: Logger;
  readonly #startedMs = Date.now();
  readonly #loss: LossReport;
  readonly #containers: ContainerAnswers;
  #outputs: Outputs | undefined;
  #sensor: SensorThread | undefined;
  #rules: AgentRules | undefined;
  readonly #loadRules: RuleLoader;
  readonly #names: AgentNames;
  readonly #own: OwnState;
  /** Loaded when a rule asks: it brings most of the rule language with it, 9 MB. */
  #facts: AgentFacts | undefined;
  #lastLoad = 0;
  #control: ControlServer | undefined;
  #finish: (status: number) => void = () => {};
  #stopping = false;
  #watched = false;
  #failure: Failure | undefined;

  constructor(private readonly options: AgentOptions) {
    const { config } = options;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#loadRules = options.loadRules ?? loadInThread;
    this.#log = makeLog({
      level: config.log_level,
      enabled: config.log_stderr,
      write: options.writeLog,
    });
    this.#containers = new ContainerAnswers({
      engines: config.container_engines,
      labelBytes: config.label_max_len,
      log: this.#log,
      tell: (full_id, metadata) => this.#sensor?.post({ kind: 'container', full_id, metadata }),
    });
    this.#names = new AgentNames({
      tell: (name, addresses) => this.#sensor?.post({ kind: 'host_name', name, addresses }),
      log: this.#log,
    });
    this.#own = new OwnState({
      config,
      log: this.#log,
      tell: (alert) => this.#outputs?.tell(alert),
      askSensor: async () => this.#sensor?.stats(),
      stats: (stats) => this.#agentStats(stats),
      mute: (rule, until_ms) => this.#sensor?.post({ kind: 'mute', rule, until_ms }),
    });
    this.#loss = new LossReport((alert, types) => {
      this.#outputs?.tell(alert);
      this.#log.error({ types }, 'the kernel had no room for events');
    });
  }

  /**
   * Opens the outputs and the control socket, then starts the sensor.
   *
   * @throws SakerError when an output or the socket cannot be had.
   */
  async start(): Promise<void> {
    const { config, rules, hostname, terminal, stdoutFd, notices = [] } = this.options;
    for (const notice of notices) this.#log.warn(notice);
    const outputs = new Outputs(config, {
      hostname,
      terminal,
      stdoutFd,
      log: this.#log,
      unheard: () => void this.stop(),
    });
    this.#outputs = outputs;
    await outputs.openRemotes();
    this.#control = await ControlServer.listen(config.control_socket, {
      stats: () => this.#stats(),
      mute: (rule, for_ms) => this.#mute(rule, for_ms),
      events: (filter, json, send) => this.#events(filter, json, send),
    });
    await this.#own.serve();
    if (this.#stopping) {
      this.#control.close();
      await outputs.close(0);
      return;
    }
    this.#sensor = new SensorThread(
      this.options.sensorFile ?? new URL('./sensor.js', import.meta.url),
      {
        awaitRules: true,
        ringBytes: config.ring_bytes,
        alerts: outputs.alerts,
        lanes: outputs.lanes,
        containerWaitMs: config.container_wait_ms,
      },
      {
        message: (message) => this.#receive(message),
        crashed: (error) => this.#fail(crash(error)),
      },
    );
    this.#rules = new AgentRules({
      first: rules,
      origin: this.options.origin,
      watch: config.watch_config_files,
      load: this.#loadRules,
      take: (checked) => this.#take(checked),
      failed: (failure) => this.#fail(failure),
      refused: (failure) => this.#own.refused(failure.message),
      log: this.#log,
    });
  }

  /** The system has calls of ours that it does not answer, and would have the process wait. */
  get held(): boolean {
    return this.#names.asked > 0 || (this.#facts?.hung ?? 0) > 0;
  }

  /** Detaches, writes what is left, says what was seen. Later calls do nothing. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#own.stopping();
    this.#rules?.close();
    this.#names.close();
    const stats = await this.#sensor?.stop(STOP_LIMIT_MS);
    this.stuck = stats === undefined && this.#failure === undefined && this.#sensor !== undefined;
    if (this.stuck) this.#log.error('the sensor did not stop in time; the process ends without it');
    this.#containers.close();
    this.#loss.flush();
    await this.#facts?.close(FLUSH_LIMIT_MS);
    const summary = stats === undefined ? undefined : this.#summary(stats);
    if (this.#watched) this.#own.alerts.stopped(summary, this.#failure?.message);
    await this.#outputs?.close(FLUSH_LIMIT_MS);
    this.#control?.close();
    this.#own.close();
    if (stats !== undefined && this.#watched) this.#saySummary(stats);
    this.#finish(this.#failure?.exitStatus ?? 0);
  }

  /** SIGHUP: the rules are read again, and logrotate may have moved files away. */
  reload(): void {
    this.#outputs?.reopen();
    this.#log.info('output files are opened anew');
    this.#rules?.reload('asked');
  }

  #receive(message: FromSensor): void {
    switch (message.kind) {
      case 'alerts':
        this.#write(message.batch);
        break;
      case 'open':
        void this.#facts?.take(message.open, message.load).then(() => {
          this.#sensor?.taken(GAUGE_OPEN_EVENTS, 1);
        });
        break;
      case 'watching':
        this.#watching(message);
        break;
      case 'loss':
        this.#loss.add(message.types, message.from_ns, message.to_ns);
        break;
      case 'containers':
        this.#containers.follow(message.wanted);
        break;
      case 'container_wanted':
        void this.#containers.answer(message.full_id, message.type);
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
        this.#own.reloaded(message.rules, message.hooks);
        break;
      case 'replan':
        this.#log.info(`${message.reason}: the rules are loaded anew`);
        this.#rules?.reload('asked');
        break;
      case 'refused':
        this.#rules?.refused(message.failure);
        this.#facts?.refused(message.load);
        break;
      case 'stats':
      case 'tapped':
      case 'events':
      case 'stopped':
        break; // SensorThread hands these to whoever asked
    }
  }

  async #take(rules: PreparedRules): Promise<void> {
    const load = ++this.#lastLoad;
    if (rules.asksFacts) this.#facts ??= await this.#makeFacts();
    this.#facts?.use(rules, load);
    this.#sensor?.post({ kind: 'rules', rules, load });
    this.#names.want('rules', rules.hostNames);
    this.#own.mutes.know(rules.rules.map(({ name }) => name));
  }

  async #makeFacts(): Promise<AgentFacts> {
    const { AgentFacts } = await import('./agent/facts.js');
    const { mask_secrets, mask_patterns } = this.options.config;
    const masker = new Masker({ enabled: mask_secrets, patterns: mask_patterns });
    const tell = (alert: Alert) => {
      if (this.#own.mutes.here.takes(alert.rule.name)) return;
      this.#outputs?.tell(masker.alert(alert));
    };
    return new AgentFacts({ tell, log: this.#log });
  }

  #write(batch: AlertBatch): void {
    this.#sensor?.taken(GAUGE_ALERT_BYTES, batch.gaugeBytes);
    this.#outputs?.write(batch);
  }

  #watching(message: Extract<FromSensor, { kind: 'watching' }>): void {
    if (this.#stopping) return;
    this.#watched = true;
    for (const warning of message.warnings) this.#log.warn(warning);
    const { rules, hooks, processes } = message;
    // Said whatever the level: scripts and people wait for this line.
    const always = makeLog({
      level: 'info',
      enabled: this.options.config.log_stderr,
      write: this.options.writeLog,
    });
    always.info({ rules, hooks, processes }, 'watching');
    this.#own.watching({ rules, hooks, processes });
  }

  #fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    for (const diagnostic of failure.diagnostics ?? []) this.#say(diagnostic);
    this.#say(`saker: ${failure.message}`);
    if (failure.hint !== undefined) this.#say(`saker: ${failure.hint}`);
    void this.stop();
  }

  async #stats(): Promise<AgentStats> {
    const stats = await this.#sensor?.stats();
    if (stats === undefined) throw new SakerError('INTERNAL', 'the sensor does not answer');
    return this.#agentStats(stats);
  }

  async #mute(rule: string | undefined, for_ms: number): Promise<readonly Mute[]> {
    if (rule !== undefined) await this.#own.mutes.set(rule, for_ms);
    return this.#own.mutes.list();
  }

  #agentStats(stats: SensorStats): AgentStats {
    const { user, system } = process.cpuUsage();
    return {
      types: stats.types,
      received: stats.received,
      alerts: this.#alertCounts(stats),
      outputs: this.#outputs?.counts() ?? {},
      alerts_muted: summed(stats.alertsMuted, this.#own.mutes.here.counts()),
      alerts_suppressed: summed(stats.alertsSuppressed, this.#facts?.suppressed() ?? {}),
      alerts_dropped: stats.alertsDropped,
      faults: { ...stats.faults, ...this.#facts?.faults() },
      containers: stats.containers,
      filter: stats.filter,
      enforcement: stats.enforcement,
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
    const { rule, hostNames } = await loadCondition(filter, this.#loadRules);
    const id = await sensor.tap(rule, json, send);
    this.#names.want(`tap ${id}`, hostNames);
    return () => {
      sensor.untap(id);
      this.#names.want(`tap ${id}`, []);
    };
  }

  // A rule may have been told by both: whether it asks changes with the rules.
  #alertCounts(stats: SensorStats): Record<string, number> {
    return summed(stats.alerts, this.#facts?.counts() ?? {});
  }

  #summary(stats: SensorStats): Summary {
    const alerts = this.#alertCounts(stats);
    return summarise({ ...stats, alerts }, this.#outputs?.counts() ?? {});
  }

  #saySummary(stats: SensorStats): void {
    const summary = this.#summary(stats);
    if (!this.options.person) this.#log.info(summary, 'stopped');
    else for (const line of summaryLines(summary)) this.#say(line);
  }

  // To whoever started the agent, whatever the log's level and form.
  #say(line: string): void {
    if (this.options.writeLog !== undefined) this.options.writeLog(`${line}\n`);
    else process.stderr.write(`${line}\n`);
  }
}

function summed(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...one };
  for (const [key, count] of Object.entries(other)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

function crash(error: Error): Failure {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { code: 'INTERNAL', message: 'the sensor ran out of memory', exitStatus: 70 };
  const failure = failureOf(error);
  if (failure.code !== 'INTERNAL') return failure;
  return { ...failure, message: `the sensor failed: ${failure.message}` };
}
