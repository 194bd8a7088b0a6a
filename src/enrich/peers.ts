// Whom a datagram socket talked to last: `fd.name_changed` is about a new peer only.

import type { CallCursor } from '../decode/call.js';
import { isInternet } from '../decode/network.js';

/** Sockets that are remembered; the one unused longest goes. */
const LIMIT = 4096;

/** The last peer of each datagram socket that is not connected, by its inode. */
export class Peers {
  private readonly last = new Map<number | bigint, string>();

  /**
   * Takes note of a transfer.
   *
   * @returns true when the socket's peer is another one than before
   */
  changed(call: CallCursor): boolean {
    if (!isInternet(call) || call.given_family === 0 || call.is_connected || call.ret < 0) {
      return false;
    }
    const inode = call.object_inode;
    const peer = `${call.given_address}:${call.given_port}`;
    const before = this.last.get(inode);
    this.last.delete(inode);
    this.last.set(inode, peer);
    if (this.last.size > LIMIT) {
      const [oldest] = this.last.keys();
      if (oldest !== undefined) this.last.delete(oldest);
    }
    return before !== peer;
  }
}
