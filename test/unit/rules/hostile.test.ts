// Rule files made to break the loader: each ends in a rule set or in a clear error that can be
// printed, in bounded time (the timeout of the test) and memory. Nested, endless and random input of
// the parts is tested beside them; this is the door.

import { expect, test } from 'vitest';
import { type Diagnostic, diagnosticText } from '../../../src/rules/diagnostics.js';
import { type LoadOptions, loadRules, type RuleSet } from '../../../src/rules/file.js';

function load(text: string, options: LoadOptions = {}): RuleSet {
  return loadRules([{ name: 'hostile.yaml', text }], options);
}

function rule(name: string, condition: string, more: object = {}): string {
  const item = { rule: name, desc: 'd', condition, output: 'o', priority: 'INFO', ...more };
  return `- ${JSON.stringify(item)}\n`;
}

function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('');
}

function said(set: RuleSet): Diagnostic[] {
  return [...set.errors, ...set.leftOut, ...set.warnings];
}

/** Texts that become the first error, each with its code. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  [
    'a condition that opens and never closes',
    rule('r', '('.repeat(1_000_000)),
    'COMPILE_CONDITION',
  ],
  ['nots around nots', rule('r', `${'not ('.repeat(10_000)}evt.type=open`), 'COMPILE_CONDITION'],
  ['a field of a megabyte', rule('r', `proc.${'m'.repeat(1_000_000)} = x`), 'COMPILE_CONDITION'],
  ['a macro of a megabyte', rule('r', 'm'.repeat(1_000_000)), 'VALIDATE'],
  ['a rule name of a megabyte', rule('x'.repeat(1_000_000), 'proc.nam = x'), 'COMPILE_CONDITION'],
  ['a number of many digits', rule('r', `proc.pid > ${'9'.repeat(100_000)}`), 'COMPILE_CONDITION'],
  [
    'a regular expression that repeats repetitions',
    rule('r', 'proc.name regex "((((a{1,100}){1,100}){1,100}){1,100})"'),
    'COMPILE_CONDITION',
  ],
  [
    'a regular expression that is too long',
    rule('r', `proc.name regex "${'(a*)*'.repeat(200)}"`),
    'COMPILE_CONDITION',
  ],
  ['a NUL in a text', rule('r', 'evt.type=open and proc.name="a\0b"'), 'COMPILE_CONDITION'],
  ['a NUL behind a condition', rule('r', 'evt.type=open \0'), 'COMPILE_CONDITION'],
  ['deep sequences', '['.repeat(100_000), 'YAML_VALIDATE'],
  ['deep mappings', '{a: '.repeat(50_000), 'YAML_VALIDATE'],
  ['deep dashes', '- '.repeat(50_000), 'YAML_VALIDATE'],
  ['keys of keys', '? '.repeat(50_000), 'YAML_VALIDATE'],
  ['deep JSON', `[${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}]`, 'YAML_VALIDATE'],
  [
    'aliases of aliases',
    `- &a0 [x]\n${times(12, (i) => `- &a${i + 1} [${Array(10).fill(`*a${i}`)}]\n`)}`,
    'YAML_VALIDATE',
  ],
  ['an alias of nothing', '- *nothing\n', 'YAML_'],
  [
    'one alias very often',
    `- &a {list: l, items: [x]}\n${'- *a\n'.repeat(60_000)}`,
    'YAML_VALIDATE',
  ],
  ['control characters', times(200_000, (i) => String.fromCharCode((i * i) % 32)), 'YAML_'],
  ['carriage returns', '\r'.repeat(1_000_000), 'YAML_VALIDATE'],
  ['byte order marks', '\ufeff'.repeat(1000), 'YAML_VALIDATE'],
  ['a tag that asks for code', '- !!js/function "x"\n', 'YAML_VALIDATE'],
  ['a version of many digits', `- required_engine_version: 0.${'9'.repeat(9999)}.0\n`, 'YAML_'],
  [
    'percent signs',
    rule('r', 'evt.type=open', { output: '%'.repeat(1_000_000) }),
    'COMPILE_OUTPUT',
  ],
  [
    'a condition as a tree that nests without end',
    `- {rule: r, desc: d, output: o, priority: INFO, condition: ${'{all: ['.repeat(20_000)}`,
    'YAML_',
  ],
  [
    'a condition as a tree with an operator of a megabyte',
    rule('r', '', {
      condition: { fact: 'proc.name', operator: 'o'.repeat(1_000_000), value: 'x' },
    }),
    'YAML_VALIDATE',
  ],
  [
    'calls in calls in an output',
    rule('r', 'evt.type=open', { output: '%tolower('.repeat(20_000) }),
    'COMPILE_OUTPUT',
  ],
];

test.each(REFUSED)('%s: refused with one error that fits a screen', (_, text, code) => {
  const set = load(text);
  expect(set.errors).toHaveLength(1);
  expect(set.errors[0]?.code).toContain(`LOAD_ERR_${code}`);
  for (const one of said(set)) expect(diagnosticText(one).length).toBeLessThan(2500);
});

/** Texts that are merely large or odd, and load. */
const ACCEPTED: readonly (readonly [string, string])[] = [
  ['a name of a megabyte', rule('x'.repeat(1_000_000), 'evt.type=open')],
  [
    'a regular expression that a backtracking engine never finishes',
    rule('r', `evt.type=open and proc.name regex "${'(a*)*'.repeat(40)}b"`),
  ],
  ['a glob of stars', rule('r', `evt.type=open and proc.name glob "${'*a'.repeat(120)}"`)],
  [
    'widths beyond all paper',
    rule('r', 'evt.type=open', { output: `%${'9'.repeat(400)}proc.name` }),
  ],
  [
    'ten thousand fields',
    rule('r', 'evt.type=open', { output: '%65536proc.name '.repeat(10_000) }),
  ],
  [
    'a list in one condition with a hundred thousand names',
    rule('r', `evt.type=open and proc.name in (${times(100_000, (i) => `p${i},`)}z)`),
  ],
  [
    'a thousand exceptions with values',
    rule('r', 'evt.type=open', {
      exceptions: Array.from({ length: 1000 }, (_, i) => ({
        name: `e${i}`,
        fields: ['proc.name', 'fd.name'],
        comps: ['in', 'startswith'],
        values: [[['a', `b${i}`], '/c']],
      })),
    }),
  ],
  [
    'a rule with many tags',
    rule('r', 'evt.type=open', { tags: Array.from({ length: 20_000 }, (_, i) => `t${i}`) }),
  ],
  [
    'lists in a circle',
    `- {list: a, items: [b]}\n- {list: b, items: [a]}\n${rule('r', 'evt.type=open and proc.name in (a)')}`,
  ],
  [
    'a rule that five thousand items append to',
    rule('r', 'evt.type=open') +
      '- {rule: r, condition: and proc.name!=a, override: {condition: append}}\n'.repeat(5000),
  ],
  [
    'a condition as a tree of ten thousand comparisons',
    rule('r', '', {
      condition: {
        any: Array.from({ length: 5000 }, (_, i) => ({
          all: [
            { fact: 'evt.type', operator: '=', value: 'open' },
            { fact: 'proc.name', operator: '=', value: `p${i}` },
          ],
        })),
      },
    }),
  ],
  ['very many documents', `${'---\n'.repeat(20_000)}${rule('r', 'evt.type=open')}`],
];

test.each(ACCEPTED)('%s: loaded', (_, text) => {
  const set = load(text);
  expect(set.errors).toEqual([]);
  expect(set.rules).toHaveLength(1);
});

test('a file of ten thousand rules is loaded, wrong ones among them are told one by one', () => {
  const text = times(10_000, (i) =>
    rule(`r${i}`, i % 100 === 0 ? 'proc.nam = x' : `proc.pid=${i}`),
  );
  const set = load(text, { skipInvalid: true });
  expect(set.rules).toHaveLength(9900);
  expect(set.leftOut).toHaveLength(100);
});

test('a line of a megabyte has a short snippet for each of its thousand faults', () => {
  const items = Array.from({ length: 5000 }, (_, i) => `{macro: m${i}, kx: ${'y'.repeat(200)}}`);
  const set = load(`[${items.join(', ')}]`, { skipInvalid: true });
  expect(set.leftOut).toHaveLength(5000);
  for (const { snippet } of set.leftOut) expect(snippet.length).toBeLessThan(400);
});

test('escape sequences of a terminal are told in letters, wherever they stand', () => {
  const evil = '\u001b[31m\u001b]0;x\u0007\u202e\u0085\u009b2J';
  const text = [
    `- {macro: "${evil}", condition: evt.type=open}\n`,
    `- {list: "${evil} ", items: ["${evil}"]}\n`,
    `- {"${evil}": 1}\n`,
    rule(evil, `evt.type=open and proc.name = '${evil}' and ${evil}`, { [evil]: 1 }),
    rule('b', 'evt.type=open', { source: evil }),
    rule('c', 'evt.type=open', { output: `%${evil}`, priority: evil }),
    rule('d', 'evt.type=open', { output: `%${evil}` }),
    rule('e', 'evt.type=open', { exceptions: [{ name: evil, fields: evil, values: [evil] }] }),
    rule('f', `proc.${evil} = x`),
    rule('g', `evt.type = ${evil}`),
    rule('h', `evt.type = open and proc.name regex '\\\\d${evil}'`),
    `- required_plugin_versions: [{name: "${evil}", version: "${evil}"}]\n`,
    `- {rule: "${evil}", enabled: false}\n`,
    '"\u001b[2J',
  ].join('');
  for (const name of ['hostile.yaml', evil]) {
    const set = loadRules(
      [
        { name, text: text.slice(0, -5) },
        { name, text },
      ],
      {
        skipInvalid: true,
      },
    );
    expect(said(set).length).toBeGreaterThan(10);
    for (const one of said(set)) {
      const lines = diagnosticText(one).replaceAll('\n', '');
      expect(lines).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  }
});
