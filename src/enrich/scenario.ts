// A scenario on its way through decode and enrich: no kernel, no /proc, no runtime, no interfaces.

import { record_header } from '../abi/layout.js';
import type { Account, ContainerMetadata, Event } from '../decode/event.js';
import { type ScenarioEvent, ScenarioPlayer } from '../decode/scenario.js';
import type { ScenarioThread } from '../decode/scenario-thread.js';
import { Enricher } from './enricher.js';
import { GivenMetadata, GivenNames, NoAddresses } from './given.js';
import { LocalAddresses } from './local-addresses.js';

/** What the host of a scenario is and knows. */
export interface ScenarioHostOptions {
  threads: readonly ScenarioThread[];
  /** Byte strings, as `groups`. */
  users?: ReadonlyMap<number, Account>;
  groups?: ReadonlyMap<number, string>;
  /** What a container runtime would say, by full id; byte strings. */
  containers?: ReadonlyMap<string, ContainerMetadata>;
  /** Of the host's interfaces, as text; `undefined`: nothing is local, not even loopback. */
  local_addresses?: readonly string[];
  host_name?: string;
}

/** Plays events and gives what rules would see. */
export class ScenarioHost {
  readonly enricher: Enricher;
  private readonly player: ScenarioPlayer;

  /** @throws ScenarioError when the threads make no sense */
  constructor(options: ScenarioHostOptions) {
    const { local_addresses } = options;
    this.enricher = new Enricher({
      boot_epoch_ns: 0n,
      host_name: options.host_name ?? 'scenario',
      is_live: false,
      users: new GivenNames(options),
      addresses:
        local_addresses === undefined
          ? new NoAddresses()
          : new LocalAddresses(() => local_addresses),
      metadata: new GivenMetadata(options.containers ?? new Map()),
    });
    this.player = new ScenarioPlayer(options.threads);
    for (const record of this.player.startRecords()) this.take(record);
  }

  /**
   * Plays one event.
   *
   * @returns valid until the next one is played
   * @throws ScenarioError when it makes no sense
   */
  play(event: ScenarioEvent): Event {
    let taken: Event | undefined;
    for (const record of this.player.play(event)) taken = this.take(record);
    if (taken === undefined) throw new TypeError(`the record of ${event.type} is refused`);
    return taken;
  }

  private take(record: Buffer): Event | undefined {
    const kind = record.readUInt16LE(record_header.kind);
    return this.enricher.take(kind, record, 0, record.length);
  }
}
