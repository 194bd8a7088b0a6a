// The agent's view of itself: whether the sensor answers, who is told so (service manager, HTTP,
// alerts), and which rules are muted.
import { release } from 'node:os';
import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import { Histogram } from '../metrics.js';
import type { Alert } from '../output/alert.js';
import type { SensorStats } from '../sensor/protocol.js';
import type { StatusServer } from '../status.js';
import { ownVersion } from '../version.js';
import type { AgentStats } from './control.js';
import { metricsPage } from './metrics-page.js';
import { AgentMutes, LONGEST_MUTE_MS } from './mute.js';
import { MuteFile } from './mute-file.js';
import { OwnAlerts } from './own-alerts.js';
import { notifySystemd, watchdogIntervalMs } from './systemd.js';
import { Watchdog } from './watchdog.js';

/** What `OwnState` works with. */
export interface OwnStateOptions {
  config: Config;
  log: Logger;
  tell(alert: Alert): void;
  /** Asks the sensor; `undefined` when it has ended. */
  askSensor(): Promise<SensorStats | undefined>;
  /** What the agent counted, given what its sensor did. */
  stats(sensor: SensorStats): AgentStats;
  /** Hands a mute to the sensor. */
  mute(rule: string, until_ms: number): void;
}

/** From the start of the agent to its end. */
export class OwnState {
  readonly alerts: OwnAlerts;
  readonly mutes: AgentMutes;
  readonly #answers = new Histogram(
    'saker_sensor_answer_seconds',
    'How long the sensor took to answer.',
    [0.001, 0.01, 0.1, 1, 10],
  );
  readonly #reloads = { taken: 0, refused: 0 };
  #server: StatusServer | undefined;
  #watchdog: Watchdog | undefined;
  #watching: { rules: number; hooks: number } | undefined;
  #stopping = false;
  readonly #muteFile: MuteFile;
  #last: SensorStats | undefined;

  constructor(private readonly options: OwnStateOptions) {
    this.alerts = new OwnAlerts({
      config: options.config,
      version: ownVersion(),
      tell: options.tell,
      stats: () => this.#stats(),
    });
    const { spool, control_socket } = options.config;
    this.#muteFile = new MuteFile(spool.path, control_socket);
    this.mutes = new AgentMutes({
      post: options.mute,
      keep: (mutes) => {
        const { path } = this.#muteFile;
        this.#muteFile
          .write(mutes)
          .catch((err: unknown) =>
            options.log.warn({ path, err }, 'mutes cannot be kept: they end with the agent'),
          );
      },
      counts: async () => (await this.#stats()).alerts_muted,
      began: (rule, for_ms) => {
        options.log.warn({ rule, for_s: for_ms / 1000 }, 'a rule is muted');
        this.alerts.muted(rule, for_ms);
      },
      ended: (rule, kept_back) => {
        options.log.info({ rule, kept_back }, 'a rule is heard again');
        this.alerts.unmuted(rule, kept_back);
      },
    });
  }

  /** Goes on with the mutes of the run before; a file that makes no sense is told and left alone. */
  restoreMutes(): void {
    const { path } = this.#muteFile;
    try {
      this.mutes.restore(this.#muteFile.read(Date.now(), LONGEST_MUTE_MS));
    } catch (err) {
      this.options.log.warn({ path, err }, 'the mutes of the last run cannot be read: ignored');
    }
  }

  /** Serves health and metrics from now on. @throws SakerError STATUS_SERVER */
  async serve(): Promise<void> {
    const { config, log } = this.options;
    const { status } = config;
    if (!status.enabled) return;
    const { isLocal, StatusServer } = await import('../status.js'); // and with it HTTP
    if (!isLocal(status.listen))
      log.warn({ listen: status.listen }, 'health and metrics can be read from other hosts');
    this.#server = await StatusServer.listen(status, {
      health: () => {
        const ok = this.#watchdog?.isStill !== true;
        return { ok, status: ok ? 'ok' : 'the sensor does not answer' };
      },
      ready: () => this.#ready(),
      metrics: () => this.#page(),
    });
    if (this.#stopping) this.#server.close();
  }

  /** The sensor watches. */
  watching(message: { rules: number; hooks: number; processes: number }): void {
    const { config, log } = this.options;
    this.#watching = message;
    this.alerts.started(message);
    const error = notifySystemd('READY=1');
    if (error !== undefined) log.warn(`cannot reach the service manager: ${error}`);
    const limit_ms = config.agent_alerts.watchdog_s * 1000;
    const systemd_ms = watchdogIntervalMs();
    if (limit_ms === 0 && systemd_ms === undefined) return;
    this.#watchdog = new Watchdog({
      ask: () => this.options.askSensor(),
      interval_ms: Math.min(systemd_ms ?? LONGEST_MS, limit_ms > 0 ? limit_ms / 3 : LONGEST_MS),
      limit_ms: limit_ms > 0 ? limit_ms : Number.POSITIVE_INFINITY,
      answered: (stats, after_ms) => {
        this.#last = stats;
        this.#answers.observe(after_ms / 1000);
        if (systemd_ms !== undefined) notifySystemd('WATCHDOG=1');
      },
      still: (for_ms) => {
        log.error({ for_s: Math.round(for_ms / 1000) }, 'the sensor does not answer');
        this.alerts.still(for_ms);
      },
      recovered: (after_ms) => {
        log.warn({ after_s: Math.round(after_ms / 1000) }, 'the sensor answers again');
        this.alerts.recovered(after_ms);
      },
    });
  }

  /** Other rules are in force. */
  reloaded(rules: number, hooks: number): void {
    this.#watching = { rules, hooks };
    this.#reloads.taken += 1;
    this.alerts.reloaded(rules, hooks);
  }

  /** The old rules stay. */
  refused(reason: string): void {
    this.#reloads.refused += 1;
    this.alerts.refused(reason);
  }

  /** It is ready no more; nobody is asked or told any more, but for the last alert. */
  stopping(): void {
    this.#stopping = true;
    notifySystemd('STOPPING=1');
    this.#watchdog?.close();
    this.mutes.close();
    this.alerts.close();
  }

  /** May be called twice. */
  close(): void {
    this.#server?.close();
  }

  #ready(): { ok: boolean; status: string } {
    if (this.#stopping) return { ok: false, status: 'stopping' };
    if (this.#watching === undefined) return { ok: false, status: 'starting' };
    if (this.#watchdog?.isStill === true)
      return { ok: false, status: 'the sensor does not answer' };
    return { ok: true, status: 'ok' };
  }

  async #stats(): Promise<AgentStats> {
    const sensor = await this.options.askSensor();
    if (sensor === undefined) throw new Error('the sensor has ended');
    this.#last = sensor;
    return this.options.stats(sensor);
  }

  // Whoever scrapes must see a sensor that stands still, so it is not waited for: its last counters.
  async #page(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ANSWER_LIMIT_MS);
    });
    const sensor = await Promise.race([this.options.askSensor(), late]);
    clearTimeout(timer);
    if (sensor !== undefined) this.#last = sensor;
    const stats = this.#last === undefined ? undefined : this.options.stats(this.#last);
    return metricsPage(stats, {
      version: ownVersion(),
      kernel: release(),
      alive: sensor !== undefined,
      ready: this.#ready().ok,
      rules: this.#watching?.rules ?? 0,
      hooks: this.#watching?.hooks ?? 0,
      reloads: this.#reloads,
      answers: this.#answers.family(),
    });
  }
}

/** A scrape waits ten seconds by default. */
const ANSWER_LIMIT_MS = 2000;
const LONGEST_MS = 10_000;
