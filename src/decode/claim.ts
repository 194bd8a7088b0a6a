// The path that the caller wrote, where the descriptor may have changed hands.
//
// The kernel side looks at what lies behind a descriptor when the call ends. By then another thread may
// have put a decoy there (dup2, or close and open), and the object's path is the decoy's. What cannot be
// forged together with it is the path argument: so the event is read a second time, with that in the place
// of the object's, and a rule holds if it holds in either reading.

import { isOpenOrCreat } from './descriptors.js';
import type { Event } from './event.js';
import { claimedPath } from './fd-fields.js';

/**
 * Finds what the caller wrote, where that is another path than the object's and the object may be
 * another than what was opened; keeps it as the event's `claim`.
 *
 * Both are compared whole: an attacker gives the decoy the same last component.
 */
export function findClaim(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined || !call.is_shared) return undefined;
  if (!isOpenOrCreat(event.type) || call.ret < 0 || call.claims_path) return undefined;
  const claim = claimedPath(event);
  if (claim !== call.path) event.claim = claim;
  return event.claim;
}
