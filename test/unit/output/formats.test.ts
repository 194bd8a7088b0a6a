// Golden lines of each format, and text that an attacker wrote.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Alert,
  type AlertOptions,
  jsonText,
  terminalText,
} from '../../../src/output/alert.js';
import { lossAlert } from '../../../src/output/internal.js';
import { toBytes } from '../../../src/rules/bytes.js';
import { asFalco, asTerminal, asText } from './printers.js';

const options: AlertOptions = {
  hostname: 'tower',
  iso8601: false,
  includeOutput: true,
  includeMessage: false,
  includeTags: true,
  includeOutputFields: true,
};

const alert: Alert = {
  rule: {
    name: 'Key read',
    priority: 4,
    source: 'syscall',
    tags: ['host', 'T1552'],
    fieldNames: ['proc.name', 'fd.name', 'user.uid', 'container.id', 'evt.failed', 'proc.args'],
  },
  time_ns: 1_700_000_000_012_345_678n,
  message: 'key=/root/.ssh/id by "cat"',
  values: ['cat', '/root/.ssh/id', 0, undefined, false, ['-n', toBytes('ä')]],
};

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'UTC';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe('the JSON object', () => {
  test('has its keys in alphabetical order and typed output fields', () => {
    expect(asFalco(options)(alert)).toBe(
      '{"hostname":"tower",' +
        '"output":"22:13:20.012345678: Warning key=/root/.ssh/id by \\"cat\\"",' +
        '"output_fields":{"container.id":null,"evt.failed":false,"evt.time":1700000000012345678,' +
        '"fd.name":"/root/.ssh/id","proc.args":["-n","ä"],"proc.name":"cat","user.uid":0},' +
        '"priority":"Warning","rule":"Key read","source":"syscall","tags":["host","T1552"],' +
        '"time":"2023-11-14T22:13:20.012345678Z"}',
    );
  });

  test('is the same after another alert of the rule as it would be alone', () => {
    const saker = { event_id: 'a-1', pid: 3, start_ns: 5n, lineage: ['/bin/sh'] };
    const others: Alert[] = [
      alert,
      { ...alert, time_ns: alert.time_ns + 1n },
      { ...alert, time_ns: 5n, saker },
      { ...alert, message: 'other' },
      { ...alert, values: ['dog', '/x', 1, undefined, true, []] },
      { ...alert, time_ns: alert.time_ns - 1n, saker: { ...saker, lineage: [] } },
      { ...alert, saker: { ...saker, lineage: ['/bin/"sh', '/init'] } },
      alert,
    ];
    for (const each of [options, { ...options, includeMessage: true, iso8601: true }]) {
      const print = asFalco(each);
      const lines = others.map((one) => print(one));
      expect(lines).toEqual(others.map((one) => asFalco(each)(one)));
      for (const line of lines) JSON.parse(line);
    }
  });

  test('leaves out what the configuration does not want', () => {
    const bare = asFalco({
      ...options,
      includeOutput: false,
      includeTags: false,
      includeOutputFields: false,
    });
    expect(bare(alert)).toBe(
      '{"hostname":"tower","priority":"Warning","rule":"Key read","source":"syscall",' +
        '"time":"2023-11-14T22:13:20.012345678Z"}',
    );
  });

  test('has the message without time and priority when asked', () => {
    const line = asFalco({ ...options, includeMessage: true })(alert);
    expect(JSON.parse(line)).toMatchObject({ message: alert.message });
  });

  test('names the process and its ancestors', () => {
    const saker = {
      event_id: 'b-7',
      pid: 42,
      start_ns: 9_007_199_254_740_993n,
      lineage: ['/usr/bin/bash'],
    };
    expect(asFalco(options)({ ...alert, saker })).toContain(
      '"saker":{"event_id":"b-7","lineage":["/usr/bin/bash"],"pid":42,"start_ns":9007199254740993},"source"',
    );
  });

  test('has the time as nanoseconds even when the rule prints it as text', () => {
    const rule = { ...alert.rule, fieldNames: ['evt.time'] };
    const line = asFalco({ ...options, iso8601: true })({ ...alert, rule, values: ['22:13:20'] });
    expect(line).toContain('"evt.time":1700000000012345678');
    expect(line).toContain('"evt.time.iso8601":1700000000012345678');
    expect(line).toContain('"output":"2023-11-14T22:13:20.012345678+0000: Warning');
  });

  test('keeps a 64-bit number exact and turns what JSON has no number for into null', () => {
    const rule = { ...alert.rule, fieldNames: ['a', 'b'] };
    const line = asFalco(options)({ ...alert, rule, values: [2n ** 64n - 1n, Number.NaN] });
    expect(line).toContain('"output_fields":{"a":18446744073709551615,"b":null,');
  });
});

describe('the text line', () => {
  test('is time, priority and message, escaped like a JSON string', () => {
    expect(asText(options)(alert)).toBe(
      '22:13:20.012345678: Warning key=/root/.ssh/id by \\"cat\\"',
    );
  });

  test('keeps quotes and gets colours on a terminal', () => {
    expect(asTerminal(options)(alert)).toBe(
      '\u001b[2m22:13:20.012345678:\u001b[0m \u001b[33mWarning\u001b[0m key=/root/.ssh/id by "cat"',
    );
  });

  test('of lost events names types, counts and the interval', () => {
    const lost = lossAlert({ openat: 5, connect: 7 }, 1_000_000_000n, 3_000_000_000n);
    expect(asText(options)(lost)).toBe(
      '00:00:03.000000000: Critical Events were lost, attacks may have gone unseen | ' +
        'lost=12 types=connect=7,openat=5 interval_ms=2000',
    );
    expect(JSON.parse(asFalco(options)(lost))).toMatchObject({
      source: 'internal',
      tags: [],
      output_fields: { lost: 12, types: ['connect=7', 'openat=5'] },
    });
  });
});

describe('text that a watched process wrote', () => {
  test('cannot begin a line of its own or move the cursor', () => {
    expect(jsonText('a\nb\r\u001b[2Jc\u0000')).toBe('a\\nb\\r\\u001b[2Jc\\u0000');
  });

  test('cannot hide behind DEL, C1 controls or marks that reverse the text', () => {
    expect(jsonText(toBytes('\u007f\u009b2J\u202egnp.exe\u2028'))).toBe(
      '\\u007f\\u009b2J\\u202egnp.exe\\u2028',
    );
  });

  test('that is not UTF-8 becomes the replacement character', () => {
    expect(jsonText('/tmp/\u00ff\u00fe')).toBe('/tmp/\ufffd\ufffd');
    expect(jsonText('\u00a0')).toBe('\ufffd');
  });

  test('stays readable when it is UTF-8', () => {
    expect(jsonText(toBytes('/tmp/Größe 東京'))).toBe('/tmp/Größe 東京');
  });

  test('that is any bytes at all gives one valid JSON string without controls', () => {
    let seed = 7;
    for (let round = 0; round < 2000; round++) {
      let bytes = '';
      for (let length = round % 24; length > 0; length--) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        bytes += String.fromCharCode((seed >>> 16) & 0xff);
      }
      const text = jsonText(bytes);
      expect(JSON.parse(`"${text}"`)).toBe(Buffer.from(bytes, 'latin1').toString('utf8'));
      expect(`${text}${terminalText(bytes)}`).not.toMatch(/\p{Cc}/u);
    }
  });
});
