// Alerts as a remote output is given them.
import type { SpooledAlert } from '../../../src/output/remote.js';
import { alertLine } from './alert-lines.js';

/** An alert with a number in its text and its id. */
export function spooled(position: number, message = `alert ${position}`): SpooledAlert {
  return {
    position,
    event_id: `test-${position}`,
    rule: 'Read sensitive file',
    priority: 4,
    time_ns: 1_700_000_000_012_345_678n,
    json: alertLine({ 'proc.name': 'cat', 'proc.pid': 812 }, {}, message).replace(
      '"event_id":"b2c4-7"',
      `"event_id":"test-${position}"`,
    ),
  };
}

/** Several in a row, from number 1. */
export function several(count: number): SpooledAlert[] {
  return Array.from({ length: count }, (_, index) => spooled(index + 1));
}
