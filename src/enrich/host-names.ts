// Names of addresses, for fd.sip.name and its kin: those that rules name, resolved elsewhere.

import { addressBytes } from '../decode/address.js';

/** Names, and addresses of one name, that are kept; the resolver has limits of its own. */
const MAX_NAMES = 8192;
const MAX_ADDRESSES = 64;

/**
 * The names that rules compare with, and the addresses they resolved to.
 *
 * Asking a resolver takes time, which the sensor thread does not have: another thread resolves the
 * names that rules contain, again and again, and hands the answers in by `learn`. An address that
 * no such name resolved to has no name; one that several resolved to has them all.
 */
export class HostNames {
  private readonly byAddress = new Map<string, readonly string[]>();
  private readonly byName = new Map<string, readonly string[]>();

  /**
   * Takes what a name resolves to now, in the place of what it did before.
   *
   * @param name a byte string
   * @param addresses as text; none: the name is gone
   */
  learn(name: string, addresses: readonly string[]): void {
    for (const address of this.byName.get(name) ?? []) {
      const left = (this.byAddress.get(address) ?? []).filter((other) => other !== name);
      if (left.length === 0) this.byAddress.delete(address);
      else this.byAddress.set(address, left);
    }
    this.byName.delete(name);
    const bytes = addresses.map(addressBytes).filter((address) => address !== undefined);
    const known = [...new Set(bytes)].slice(0, MAX_ADDRESSES);
    if (known.length === 0 || this.byName.size >= MAX_NAMES) return;
    this.byName.set(name, known);
    for (const address of known) {
      this.byAddress.set(address, [...(this.byAddress.get(address) ?? []), name].sort());
    }
  }

  /** The names that resolved to the address (4 or 16 bytes), sorted; none when no name did. */
  of(address: string): readonly string[] {
    return this.byAddress.get(address) ?? NONE;
  }
}

const NONE: readonly string[] = [];
