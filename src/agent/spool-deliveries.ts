// Alerts on their way to other systems: into the spool, and from there to each output.
import { join } from 'node:path';
import type { OutputLimits } from '../config/shaping.js';
import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import type { Delivery, DeliveryCounts } from '../output/delivery.js';
import { RefusedFile } from '../output/delivery-refused.js';
import type { Sink, SinkCounts } from '../output/line-queue.js';
import type { SpooledAlert } from '../output/remote.js';
import type { Spool } from '../output/spool.js';
import type { SpoolCounts } from '../output/spool-options.js';
import { parsePriority } from '../rules/rule.js';
import { type OpenRemote, openRemotes } from './remotes.js';

/** What is needed besides the configuration. */
export interface SpoolDeliveryOptions {
  hostname: string;
  log: Logger;
}

/** The spool and the deliveries of one agent; takes lines in Falco's form, of all alerts. */
export class SpoolDeliveries implements Sink {
  readonly name = 'spool';

  private constructor(
    private readonly spool: Spool,
    private readonly deliveries: readonly Delivery[],
  ) {}

  /**
   * Opens the spool and starts to deliver what lies in it; `undefined` when no output to another
   * system is enabled.
   *
   * @throws SpoolError SPOOL_BUSY when another agent uses the spool; ConfigError when an output cannot
   *   be made as the configuration says.
   */
  static async open(
    config: Config,
    { hostname, log }: SpoolDeliveryOptions,
  ): Promise<SpoolDeliveries | undefined> {
    const remotes = await openRemotes(config, { hostname, log });
    if (remotes.length === 0) return undefined;
    // The store is a package with a library of its own.
    const { Spool } = await import('../output/spool.js');
    const { Delivery } = await import('../output/delivery.js');
    const spool = await Spool.open({
      ...config.spool,
      outputs: remotes.map((remote) => ({
        name: remote.output.name,
        wants: wantsOf(remote, config),
      })),
      log,
    });
    const refused = new RefusedFile(join(config.spool.path, REFUSED_FILE), REFUSED_BYTES, log);
    const deliveries = remotes.flatMap(({ output }) => {
      const reader = spool.readers.get(output.name);
      const queued = () => spool.queued(output.name);
      return reader === undefined ? [] : new Delivery(output, { reader, queued, refused, log });
    });
    for (const delivery of deliveries) delivery.start();
    return new SpoolDeliveries(spool, deliveries);
  }

  write(lines: Uint8Array, count: number): void {
    void this.append(new Uint8Array(lines), count);
  }

  /** @returns whether the alerts are on disk, once that is known. */
  append(lines: Uint8Array, count: number): Promise<boolean> {
    return this.spool.append(lines, count);
  }

  /** Of the spool; outputs have their own. */
  counts(): SinkCounts {
    const { alerts, dropped } = this.spool.counts();
    return { queued: alerts, delivered: 0, retried: 0, dropped };
  }

  /** The same, with what the disk has to do with it. */
  spoolCounts(): SpoolCounts {
    return this.spool.counts();
  }

  /** By the name of the output. */
  deliveryCounts(): Record<string, DeliveryCounts> {
    return Object.fromEntries(this.deliveries.map((each) => [each.name, each.counts()]));
  }

  reopen(): void {
    // Files of keys and certificates are read with every new connection.
  }

  /** What the outputs do not take in time stays in the spool. */
  async close(limitMs: number): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.close(limitMs)));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.spool.close(), limit]);
    clearTimeout(timer);
  }
}

const REFUSED_FILE = 'refused.jsonl';
const REFUSED_BYTES = 64 * 1024 * 1024;
/** A disk that does not answer must not hold up the end. */
const CLOSE_MS = 2000;

function wantsOf(
  { key, output }: OpenRemote,
  config: Config,
): ((alert: SpooledAlert) => boolean) | undefined {
  const limits = new Map<string, unknown>(Object.entries(config)).get(key);
  if (!hasLimits(limits)) return undefined;
  const least = parsePriority(limits.minimum_priority) ?? 7;
  if (limits.filter === '') return least === 7 ? undefined : ({ priority }) => priority <= least;
  return ({ priority, json }) => priority <= least && !isNotFor(json, [key, output.name]);
}

function hasLimits(value: unknown): value is OutputLimits {
  return (
    value !== null && typeof value === 'object' && 'minimum_priority' in value && 'filter' in value
  );
}

// The filter was asked where the event was; its answer stands among our own keys, which come last.
function isNotFor(json: string, names: readonly string[]): boolean {
  const at = json.lastIndexOf(NOT_FOR);
  if (at < 0) return false;
  const list = json.slice(at + NOT_FOR.length, json.indexOf(']', at)).split(',');
  return names.some((name) => list.includes(`"${name}"`));
}

const NOT_FOR = ',"not_for":[';
