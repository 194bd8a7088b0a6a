// YAML to a tree with positions.

import { describe, expect, test } from 'vitest';
import { SourceText } from '../../../src/rules/source.js';
import { parseYaml, YamlError, type YamlNode } from '../../../src/rules/yaml-tree.js';

function parse(text: string): YamlNode[] {
  return parseYaml(new SourceText({ name: 'f', text }));
}

// The tree as plain values; null and text are all the scalars there are.
function plain(node: YamlNode | undefined): unknown {
  if (node?.kind === 'scalar') return node.text;
  if (node?.kind === 'sequence') return node.items.map(plain);
  if (node?.kind !== 'mapping') return null;
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}

function failure(text: string): YamlError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof YamlError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('values', () => {
  test('every scalar is text, whatever it looks like', () => {
    expect(plain(parse('[1, true, 0x1, 2020-01-01, "null"]')[0])).toEqual([
      '1',
      'true',
      '0x1',
      '2020-01-01',
      'null',
    ]);
  });

  test('nothing, a tilde and null are null when they are bare', () => {
    expect(plain(parse('{a: , b: ~, c: null, d: "~"}')[0])).toEqual({
      a: null,
      b: null,
      c: null,
      d: '~',
    });
  });

  test('a tag changes no text, and what has one is a text', () => {
    expect(plain(parse('{a: !!int 0x10, b: !!float 1.0, c: !!str ~, d: !own null}')[0])).toEqual({
      a: '0x10',
      b: '1.0',
      c: '~',
      d: 'null',
    });
  });

  test('the first of repeated keys counts', () => {
    expect(plain(parse('a: 1\na: 2')[0])).toEqual({ a: '1' });
  });

  test('documents are separate, an empty stream has none', () => {
    expect(parse('---\n- a\n---\n---\n- b').map(plain)).toEqual([['a'], null, ['b']]);
    expect(parse('# nothing\n')).toHaveLength(0);
  });

  test('a byte order mark, CRLF and an open quote at the end are accepted', () => {
    expect(plain(parse('\ufeffa: b\r\nc: d\r\n')[0])).toEqual({ a: 'b', c: 'd' });
    expect(plain(parse('a: "bcd')[0])).toEqual({ a: 'bcd' });
    expect(plain(parse("a: 'bcd")[0])).toEqual({ a: 'bcd' });
  });

  test.each([
    [
      'a list of lines',
      '- l: [\n  a, # [\n  "b]",\n    c\n]\n- m: x\n',
      [{ l: ['a', 'b]', 'c'] }, { m: 'x' }],
    ],
    [
      'a list in a list',
      '- l: [{a: [b,\nc]},\n"it\'s\nd"]\n',
      [{ l: [{ a: ['b', 'c'] }, "it's d"] }],
    ],
    ['double quotes', '- o: "a \\"\nb\n\n  c"\n  d: e\n', [{ o: 'a " b\nc', d: 'e' }]],
    ['single quotes', "- o: 'a''\n  b'\n  d: e\n", [{ o: "a' b", d: 'e' }]],
    ['two of them', "- o: 'a\n  b'\n  d: [e,\n  f]\n", [{ o: 'a b', d: ['e', 'f'] }]],
  ])('the indentation inside of %s does not count', (_, text, wanted) => {
    expect(plain(parse(text)[0])).toEqual(wanted);
  });

  test('what stands behind lines that were too far out has its place', () => {
    const text = "\ufeff- o: 'a\n  bc'\n  d: [e,\n  f]\n  g: h\n";
    const [root] = parse(text);
    const item = root?.kind === 'sequence' ? root.items[0] : undefined;
    for (const [key, word] of [
      ['o', "'a\n  bc'"],
      ['d', '[e,\n  f]'],
      ['g', 'h'],
    ] as const) {
      const value = item?.kind === 'mapping' ? item.get(key)?.value : undefined;
      expect(value && text.slice(value.start, value.end)).toBe(word);
    }
  });

  test.each([
    '- a: "b\n  c: d\n- e: f\n',
    '- a: "b\n  c: d\n  e: "f"\n',
    '- a: [b,\nc\n- d: e\n',
    "- a: 'b\n---\nc'\n",
  ])('a quote or bracket that nobody closes is refused where it is open: %j', (text) => {
    expect(() => parse(text)).toThrow(YamlError);
  });

  test('what is no YAML is refused at its place', () => {
    expect(failure('a: b: c')).toMatchObject({ kind: 'syntax' });
    expect(failure('- a\n- *nothing')).toMatchObject({ kind: 'syntax', offset: 6 });
  });
});

describe('places inside scalars', () => {
  const cases: [string, string][] = [
    ['plain', 'k: one two three'],
    ['plain over lines', 'k: one\n  two\n  three'],
    ['folded', 'k: >\n  one\n  two\n  three\n'],
    ['literal', 'k: |-\n    one\n    two\n    three\n'],
    ['double quoted', 'k: "one \\ttwo\\n \\\\ three"'],
    ['single quoted', "k: 'one '' two three'"],
    ['double quoted over lines', 'k: "one\n   two\n   three"'],
    ['double quoted over lines that are too far out', '- x: y\n  k: "one\n  two\nthree"'],
  ];
  for (const [name, text] of cases) {
    test(name, () => {
      const [root] = parse(text);
      const item = root?.kind === 'sequence' ? root.items[0] : root;
      const value = item?.kind === 'mapping' ? item.get('k')?.value : undefined;
      if (value?.kind !== 'scalar') throw new Error('no scalar');
      for (const word of ['one', 'two', 'three']) {
        const at = value.offsetOf(value.text.indexOf(word));
        expect(text.slice(at, at + word.length)).toBe(word);
      }
    });
  }
});

describe('hostile YAML', () => {
  test('aliases that multiply are refused', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 12; i++) text += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]\n`;
    expect(failure(text)).toMatchObject({ kind: 'limit' });
  });

  test('an alias of a long text cannot be used without end', () => {
    const text = `- &t ${'x'.repeat(100_000)}\n${'- *t\n'.repeat(100)}`;
    expect(failure(text)).toMatchObject({ kind: 'limit' });
  });

  test('aliases in reason share what they stand for', () => {
    expect(plain(parse('- &l [a, b]\n- *l\n- {k: *l}')[0])).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      { k: ['a', 'b'] },
    ]);
  });

  test('an anchor inside itself is refused', () => {
    expect(failure('&a [*a]')).toMatchObject({ kind: 'syntax' });
  });

  test('deep nesting is refused', () => {
    expect(failure(`${'['.repeat(500)}${']'.repeat(500)}`)).toMatchObject({ kind: 'limit' });
    expect(() => parse('['.repeat(20_000))).toThrow(YamlError);
  });
});
