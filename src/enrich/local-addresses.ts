// The addresses of this host's interfaces: they tell the local side of a connection.

import { networkInterfaces } from 'node:os';
import { addressBytes } from '../decode/address.js';

/** How old the list may be. */
const REFRESH_MS = 10_000;

/** Addresses of the interfaces of the sensor's network namespace, refreshed now and then. */
export class LocalAddresses {
  private readonly list: () => Iterable<string>;
  private readonly now_ms: () => number;
  private known = new Set<string>();
  private refreshed_ms = Number.NEGATIVE_INFINITY;

  /** @param list gives the addresses as text */
  constructor(list: () => Iterable<string> = interfaceAddresses, now_ms = Date.now) {
    this.list = list;
    this.now_ms = now_ms;
  }

  /** Whether an interface has the address; loopback addresses are always local. */
  has(address: string): boolean {
    if (isLoopback(address)) return true;
    const now_ms = this.now_ms();
    if (now_ms - this.refreshed_ms >= REFRESH_MS) this.refresh(now_ms);
    return this.known.has(address);
  }

  private refresh(now_ms: number): void {
    this.refreshed_ms = now_ms;
    const found = new Set<string>();
    for (const text of this.list()) {
      const bytes = addressBytes(text);
      if (bytes !== undefined) found.add(bytes);
    }
    this.known = found;
  }
}

function* interfaceAddresses(): Generator<string> {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) yield address;
  }
}

const LOOPBACK_6 = `${'\0'.repeat(15)}\x01`;

function isLoopback(address: string): boolean {
  return address.length === 4 ? address.charCodeAt(0) === 127 : address === LOOPBACK_6;
}
