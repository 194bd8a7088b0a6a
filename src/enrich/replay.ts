// A recording on its way through decode and enrich: what it does not say is not looked up here.

import { record_header } from '../abi/layout.js';
import type { Account, ContainerMetadata, Event, ProcessView } from '../decode/event.js';
import type { CapturedHost, CapturedNote } from './captured-host.js';
import { Enricher } from './enricher.js';
import { GivenMetadata } from './given.js';
import { LocalAddresses } from './local-addresses.js';
import { livesOnHost, UserNames } from './user.js';

/** The host of a recording. */
export class ReplayHost {
  readonly enricher: Enricher;
  readonly #names: CapturedNames;
  readonly #metadata = new Map<string, ContainerMetadata>();

  constructor(host: CapturedHost) {
    this.#names = new CapturedNames(host);
    this.enricher = new Enricher({
      boot_epoch_ns: host.boot_epoch_ns,
      host_name: host.host_name,
      is_live: false,
      users: this.#names,
      addresses: new LocalAddresses(() => host.addresses),
      metadata: new GivenMetadata(this.#metadata),
    });
  }

  /** What became known of the host; all of it is to be told before the first record. */
  know(note: CapturedNote): void {
    if (note.kind === 'container') this.#metadata.set(note.full_id, note.metadata);
    else this.#names.know(note);
  }

  /** @returns the event to match, valid until the next call; `undefined` where the record is none */
  take(memory: Buffer, offset: number, length: number): Event | undefined {
    const kind = memory.readUInt16LE(offset + record_header.kind);
    return this.enricher.take(kind, memory, offset, length);
  }
}

/** Names as they were on the host and in its containers. */
class CapturedNames extends UserNames {
  readonly #host: CapturedHost;
  /** By mount namespace and number. */
  readonly #users = new Map<string, Account>();
  readonly #groups = new Map<string, string>();

  constructor(host: CapturedHost) {
    super();
    this.#host = host;
  }

  know(note: Exclude<CapturedNote, { kind: 'container' }>): void {
    if (note.kind === 'user') this.#users.set(`${note.mnt_ns} ${note.uid}`, note.account);
    else this.#groups.set(`${note.mnt_ns} ${note.gid}`, note.name);
  }

  override user(uid: number, process: ProcessView): Account | undefined {
    if (livesOnHost(process)) return this.#host.users.get(uid);
    return this.#users.get(`${process.mnt_ns} ${uid}`);
  }

  override group(gid: number, process: ProcessView): string | undefined {
    if (livesOnHost(process)) return this.#host.groups.get(gid);
    return this.#groups.get(`${process.mnt_ns} ${gid}`);
  }
}
