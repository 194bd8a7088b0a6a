// What conditions on the ends of connections mean: several values of one test.

import { test } from 'vitest';
import { parseAddress } from '../../../src/rules/values.js';
import { expectAll } from './conditions.js';

function addresses(...texts: string[]): string[] {
  return texts.map((text) => parseAddress(text) ?? '');
}

test('both sides of a connection: one must match, for != neither may', () => {
  const values = {
    'fd.ip': addresses('10.0.0.1', '8.8.8.8'),
    'fd.net': addresses('10.0.0.1', '8.8.8.8'),
    'fd.port': [40000, 443],
  };
  expectAll(values, {
    'fd.ip = 8.8.8.8': true,
    'fd.ip != 8.8.8.8': false,
    'fd.ip != 1.1.1.1': true,
    'fd.ip in (1.1.1.1, 10.0.0.1)': true,
    'fd.ip in (1.1.1.1)': false,
    'fd.ip = anyof (1.1.1.1, 10.0.0.1)': true,
    'fd.ip != allof (1.1.1.1, 10.0.0.1)': false,
    'fd.net = 10.0.0.0/8': true,
    'fd.net != 10.0.0.0/8': false,
    'fd.net in (192.168.0.0/16, 8.0.0.0/8)': true,
    'fd.net = 2001::/16': false,
    'fd.net != 2001::/16': true,
    'fd.port = https': true,
    'fd.port != 443': false,
    'fd.port > 1024': true,
    'fd.port < 443': false,
    'fd.port in (22, 443)': true,
  });
});

test('an address is compared by all of its names, and differs from each when it has none', () => {
  expectAll(
    { 'fd.sip.name': ['a.example', 'b.example'] },
    {
      'fd.sip.name = a.example': true,
      'fd.sip.name = b.example': true,
      'fd.sip.name in (x, b.example)': true,
      'fd.sip.name contains b.ex': true,
      'fd.sip.name != b.example': false,
      'fd.sip.name != c.example': true,
      'fd.sip.name exists': true,
    },
  );
  expectAll(
    { 'fd.sip.name': [] },
    {
      'fd.sip.name = a.example': false,
      'fd.sip.name != a.example': true,
      'fd.sip.name exists': false,
    },
  );
  expectAll({}, { 'fd.sip.name != a.example': false });
});
