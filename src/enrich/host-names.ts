// Names of addresses, for fd.sip.name and its kin: those that rules name, resolved elsewhere.

import { addressBytes } from '../decode/address.js';

/** Names and addresses that are kept; rules name fewer. */
const LIMIT = 8192;

/**
 * The names that rules compare with, and the addresses they resolved to.
 *
 * Asking a resolver takes time, which the sensor thread does not have: another thread resolves the
 * names that rules contain, again and again, and hands the answers in by `learn`. An address that
 * no such name resolved to has no name.
 */
export class HostNames {
  private readonly byAddress = new Map<string, string>();
  private readonly byName = new Map<string, readonly string[]>();

  /**
   * Takes what a name resolves to now, in the place of what it did before.
   *
   * @param addresses as text; none: the name is gone
   */
  learn(name: string, addresses: readonly string[]): void {
    for (const address of this.byName.get(name) ?? []) {
      if (this.byAddress.get(address) === name) this.byAddress.delete(address);
    }
    const bytes = addresses.map(addressBytes).filter((address) => address !== undefined);
    this.byName.delete(name);
    if (bytes.length === 0 || this.byName.size >= LIMIT) return;
    this.byName.set(name, bytes);
    for (const address of bytes) if (this.byAddress.size < LIMIT) this.byAddress.set(address, name);
  }

  /** The name that resolved to the address last; `undefined` when none did. */
  of(address: string): string | undefined {
    return this.byAddress.get(address);
  }
}
