// What stands in the place of this host's names, interfaces and runtimes for records of another.

import type { Account, ContainerMetadata, ContainerView, ProcessView } from '../decode/event.js';
import { Container, type MetadataSource } from './container.js';
import { LocalAddresses } from './local-addresses.js';
import { UserNames } from './user.js';

/** Names by number; byte strings. */
export interface GivenTables {
  users?: ReadonlyMap<number, Account> | undefined;
  groups?: ReadonlyMap<number, string> | undefined;
}

/** The same names for everybody. */
export class GivenNames extends UserNames {
  constructor(private readonly tables: GivenTables) {
    super();
  }

  override user(uid: number, _process: ProcessView): Account | undefined {
    return this.tables.users?.get(uid);
  }

  override group(gid: number, _process: ProcessView): string | undefined {
    return this.tables.groups?.get(gid);
  }
}

/** No address is local, not even loopback. */
export class NoAddresses extends LocalAddresses {
  override has(): boolean {
    return false;
  }
}

/** A runtime that answers at once. */
export class GivenMetadata implements MetadataSource {
  constructor(private readonly known: ReadonlyMap<string, ContainerMetadata>) {}

  want(container: ContainerView): void {
    if (container instanceof Container) container.metadata = this.known.get(container.full_id);
  }
}
