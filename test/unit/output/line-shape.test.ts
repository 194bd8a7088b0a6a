// Lines made of the bytes of the one before are those that are made anew.
import { expect, test } from 'vitest';
import type { Alert, AlertOptions, AlertOrigin } from '../../../src/output/alert.js';
import { falcoShapes } from '../../../src/output/as-falco.js';
import { terminalShapes, textShapes } from '../../../src/output/as-text.js';
import { type AlertBatch, AlertBatcher } from '../../../src/output/batch.js';
import { toBytes } from '../../../src/rules/bytes.js';
import { asFalco, asTerminal, asText } from './printers.js';

const OPTIONS: AlertOptions = {
  hostname: 'tower',
  iso8601: false,
  includeOutput: true,
  includeMessage: true,
  includeTags: true,
  includeOutputFields: true,
};
const NOON_NS = 1_700_000_000_000_000_000n;
const rule = {
  name: 'r',
  priority: 4,
  source: 'syscall',
  tags: ['a'],
  fieldNames: ['evt.time', 'evt.type', 'z'],
};
const values = [1n, 'open', toBytes('Ö "x"')];
const message = toBytes('opened by Ö');
const saker: AlertOrigin = {
  event_id: 'boot-00-a-0',
  pid: 7,
  start_ns: 9n,
  lineage: ['/bin/sh', '/sbin/init'],
  uncertain: false,
};
const alert: Alert = { rule, time_ns: NOON_NS, message, values, saker };

/** What may differ between two alerts of one rule. */
const CHANGES: readonly Partial<Alert>[] = [
  {},
  { time_ns: NOON_NS + 1n },
  { time_ns: NOON_NS + 999_999_999n },
  { time_ns: NOON_NS + 1_000_000_000n },
  { time_ns: NOON_NS - 1n },
  { time_ns: 5n },
  { time_ns: 3_600_000_000_005n },
  { message: 'another' },
  { values: [1n, 'openat', 'x'] },
  { rule: { ...rule, name: 's', priority: 1 } },
  { saker: { ...saker, event_id: 'boot-zz-b-0' } },
  { saker: { ...saker, event_id: 'boot-100-longer-0' } },
  { saker: { ...saker, pid: 8 } },
  { saker: { ...saker, start_ns: 10n } },
  { saker: { ...saker, lineage: ['/bin/sh'] } },
  { saker: { ...saker, lineage: ['/bin/sh', '/sbin/runit'] } },
  { saker: { ...saker, uncertain: true } },
  { saker: { ...saker, suppressed_since: 3 } },
  { saker: { ...saker, not_for: ['http'] } },
  { saker: { ...saker, path: 'claimed' } },
  {
    saker: {
      ...saker,
      action: { wanted: 'kill', done: true, by: 'user space', mode: 'on', after_us: 5 },
    },
  },
  { saker: undefined },
];

const FORMATS = [
  { shapes: falcoShapes, format: asFalco, name: 'falco' },
  { shapes: textShapes, format: asText, name: 'text' },
  { shapes: terminalShapes, format: asTerminal, name: 'terminal' },
] as const;

test.each(FORMATS)(
  '$name: whatever the alerts before were, a line is the same',
  ({ name, format }) => {
    for (const options of [OPTIONS, { ...OPTIONS, iso8601: true, includeMessage: false }]) {
      for (const first of CHANGES) {
        for (const second of CHANGES) {
          // Twice each: the second time, and the time after a change, are those that use bytes again.
          const alerts = [first, first, second, second, first].map((change, at) =>
            later({ ...alert, ...change }, at),
          );
          expect(printed(alerts, name, options)).toEqual(
            alerts.map((one) => `${format(options)(one)}\n`).join(''),
          );
        }
      }
    }
  },
);

test('a burst is of one shape, whose bytes are used again', () => {
  for (const { shapes } of FORMATS) {
    const shapeOf = shapes(OPTIONS);
    const first = shapeOf(alert);
    expect(shapeOf(later(alert, 1))).toBe(first);
    expect(shapeOf({ ...alert, message: 'another' })).not.toBe(first);
  }
});

test('an alert may be changed after its line was made', () => {
  const format = asFalco(OPTIONS);
  const own = { ...saker };
  const before = format({ ...alert, saker: own });
  own.pid = 99;
  expect(format({ ...alert, saker: own })).toBe(before.replace('"pid":7', '"pid":99'));
});

// The times and the id of an alert of the same burst; what it was told before stays.
function later(one: Alert, by: number): Alert {
  const time_ns = one.time_ns + BigInt(by) * 1_234_567n;
  if (one.saker === undefined) return { ...one, time_ns };
  const event_id = `${one.saker.event_id.slice(0, -1)}${by}`;
  return { ...one, time_ns, saker: { ...one.saker, event_id } };
}

function printed(
  alerts: readonly Alert[],
  format: (typeof FORMATS)[number]['name'],
  options: AlertOptions,
): string {
  const posted: AlertBatch[] = [];
  const gauge = new Int32Array(new SharedArrayBuffer(4));
  const lanes = [{ key: 'one', format }];
  const batcher = new AlertBatcher(lanes, options, gauge, 0, 1 << 20, (batch) =>
    posted.push(batch),
  );
  for (const one of alerts) batcher.add(one);
  batcher.flush();
  return posted.map(({ lines }) => Buffer.from(lines.one ?? []).toString()).join('');
}
