// The main thread of the agent: starts the sensor, hands its alerts to the outputs, answers on the
// control socket, obeys signals. Read this and sensor.ts first.
import { ContainerAnswers } from './agent/containers.js';
import { type AgentStats, ControlServer } from './agent/control.js';
import { agentStats, agentSummary, type CountedHere } from './agent/counts.js';
import type { AgentFacts } from './agent/facts.js';
import { tellInherited } from './agent/inherited.js';
import { loadFacts } from './agent/load-facts.js';
import { LossReport } from './agent/loss.js';
import { AgentNames } from './agent/names.js';
import type { AgentOptions } from './agent/options.js';
import { Outputs } from './agent/outputs.js';
import { OwnState } from './agent/own-state.js';
import { loadInThread, type RuleLoader } from './agent/rule-loader-thread.js';
import { AgentRules, expectedEvents } from './agent/rules.js';
import { crash, Voice } from './agent/voice.js';
import { ringBytes } from './config/ring.js';
import { SakerError } from './errors.js';
import { SENSOR_THREAD } from './files.js';
import type { Logger } from './log.js';
import { tamperAlert } from './output/internal.js';
import {
  type Failure,
  type FromSensor,
  GAUGE_ALERT_BYTES,
  GAUGE_OPEN_EVENTS,
  type PreparedRules,
} from './sensor/protocol.js';
import { SensorThread } from './sensor/thread.js';

/** How long the sensor has to detach, and then the outputs to write what they have. */
const STOP_LIMIT_MS = 10_000;
const FLUSH_LIMIT_MS = 5_000;

/** One agent, from `start` to `finished`. */
export class Agent {
  /** Resolves with the exit status. */
  readonly finished: Promise<number>;
  /** The sensor did not stop: its thread cannot be ended, only the whole process. */
  stuck = false;
  readonly #voice: Voice;
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
  /** Loaded when a rule asks. */
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
    this.#voice = new Voice(options);
    this.#log = this.#voice.log;
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
      stats: (stats) => agentStats(stats, this.#countedHere()),
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
      mute: (rule, for_ms) => this.#own.mutes.ask(rule, for_ms),
      events: (filter, json, send) => this.#events(filter, json, send),
    });
    await this.#own.serve();
    if (this.#stopping) {
      this.#control.close();
      await outputs.close(0);
      return;
    }
    this.#sensor = new SensorThread(
      this.options.early ?? this.options.sensorFile ?? SENSOR_THREAD,
      {
        awaitRules: true,
        expected: expectedEvents(rules),
        ringBytes: ringBytes(config.ring_bytes),
        alerts: outputs.alerts,
        lanes: outputs.lanes,
        containerWaitMs: config.container_wait_ms,
        protectAgent: config.enforcement.protect_agent,
        pinDir: config.enforcement.pin_dir,
        persist: config.enforcement.persist,
      },
      {
        message: (message) => this.#receive(message),
        crashed: (error) => this.#fail(crash(error)),
      },
    );
    this.#own.restoreMutes();
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
    const summary = stats === undefined ? undefined : agentSummary(stats, this.#countedHere());
    if (this.#watched) this.#own.alerts.stopped(summary, this.#failure?.message);
    await this.#outputs?.close(FLUSH_LIMIT_MS);
    this.#control?.close();
    this.#own.close();
    if (stats !== undefined && this.#watched)
      this.#voice.stopped(agentSummary(stats, this.#countedHere()));
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
        this.#sensor?.taken(GAUGE_ALERT_BYTES, message.batch.gaugeBytes);
        this.#outputs?.write(message.batch);
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
      case 'inherited':
        tellInherited(message.inherited, this.#log, (alert) => this.#outputs?.tell(alert));
        break;
      case 'tampered':
        this.#outputs?.tell(tamperAlert(message.attempt));
        this.#log.warn({ ...message.attempt }, 'somebody reached for the agent');
        break;
      case 'containers':
      case 'container_wanted':
        this.#containers.take(message);
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
    if (rules.asksFacts)
      this.#facts ??= await loadFacts(this.options.config, {
        mutes: this.#own.mutes.here,
        tell: (alert) => this.#outputs?.tell(alert),
        log: this.#log,
      });
    this.#facts?.use(rules, load);
    this.#sensor?.post({ kind: 'rules', rules, load });
    this.#names.want('rules', rules.hostNames);
    this.#own.mutes.know(rules.rules.map(({ name }) => name));
  }

  #watching(message: Extract<FromSensor, { kind: 'watching' }>): void {
    if (this.#stopping) return;
    this.#watched = true;
    this.#rules?.inForce();
    for (const warning of message.warnings) this.#log.warn(warning);
    const { rules, hooks, processes } = message;
    this.#voice.watching({ rules, hooks, processes });
    this.#own.watching({ rules, hooks, processes });
  }

  #fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#voice.failed(failure);
    void this.stop();
  }

  async #stats(): Promise<AgentStats> {
    const stats = await this.#sensor?.stats();
    if (stats === undefined) throw new SakerError('INTERNAL', 'the sensor does not answer');
    return agentStats(stats, this.#countedHere());
  }

  #countedHere(): CountedHere {
    return {
      startedMs: this.#startedMs,
      outputs: this.#outputs?.counts() ?? {},
      spool: this.#outputs?.spoolCounts(),
      muted: this.#own.mutes.here.counts(),
      facts: this.#facts,
    };
  }

  async #events(
    filter: string,
    json: boolean,
    send: (text: string, dropped: number) => void,
  ): Promise<() => void> {
    const sensor = this.#sensor;
    if (sensor === undefined) throw new SakerError('INTERNAL', 'the sensor has not started yet');
    const { tapEvents } = await import('./agent/condition.js');
    return tapEvents(filter, json, send, { sensor, names: this.#names, load: this.#loadRules });
  }
}
