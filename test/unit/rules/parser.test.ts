// Conditions to trees: precedence, the odd corners of the grammar, errors and their places.

import { describe, expect, test } from 'vitest';
import { type Expression, eachCheck } from '../../../src/rules/ast.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { ConditionError } from '../../../src/rules/lexer.js';
import { parseCondition, parseOperand } from '../../../src/rules/parser.js';

function canonical(condition: string): string {
  return canonicalText(parseCondition(condition));
}

function failure(condition: string): ConditionError {
  try {
    parseCondition(condition);
  } catch (error) {
    if (error instanceof ConditionError) return error;
    throw error;
  }
  throw new Error(`accepted: ${condition}`);
}

describe('grouping', () => {
  test('and binds closer than or', () => {
    expect(canonical('p or q and r or s')).toBe('(p or (q and r) or s)');
  });

  test('parentheses stay where they change nothing', () => {
    expect(canonical('p and (q and r)')).toBe('(p and (q and r))');
  });

  test('pairs of not cancel in a row, not across parentheses', () => {
    expect(canonical('not not not proc.pid = 1')).toBe('not proc.pid = 1');
    expect(canonical('not (not p)')).toBe('not not p');
  });

  test('an operator before a parenthesis needs no blank, and the chain goes on behind it', () => {
    expect(canonical('p or(q) and r')).toBe('(p or (q and r))');
    expect(canonical('not(p) and(q)or(r)')).toBe('((not p and q) or r)');
  });

  test('keywords are macro names where a macro is expected', () => {
    expect(canonical('and and or')).toBe('(and and or)');
  });
});

describe('checks', () => {
  test('a list operator and exists need no blank behind them', () => {
    expect(canonical('proc.name in(a,b)and proc.env exists')).toBe(
      '(proc.name in (a, b) and proc.env exists)',
    );
    expect(canonical('proc.name inlist')).toBe('proc.name in list');
  });

  test('a word operator of the text group does', () => {
    expect(failure("proc.name contains'x'").at.offset).toBe(10);
    expect(canonical("proc.name contains\n'x'")).toBe('proc.name contains x');
  });

  test('a modifier without a list is a plain value', () => {
    expect(canonical('proc.name = anyof and p')).toBe('(proc.name = anyof and p)');
    expect(canonical('proc.name = anyof\t(a)')).toBe('proc.name = anyof (a)');
  });

  test('bare values take what is no delimiter', () => {
    expect(canonical('fd.name = /a*[b]{c}<d>%')).toBe('fd.name = /a*[b]{c}<d>%');
  });

  test('arguments may be quoted or bare and follow without a blank', () => {
    expect(canonical('proc.aname[ 2] = x'.replace(' 2', '2'))).toBe('proc.aname[2] = x');
    expect(canonical('proc.env["a b"] = x')).toBe('proc.env["a b"] = x');
    expect(failure('proc.env [x] = y').at.offset).toBe(9);
  });

  test('calls nest, on the right val() takes a field only', () => {
    expect(canonical('len( concat(proc.name , "a b", 1.5) ) > len(fd.name)')).toBe(
      'len(concat(proc.name,"a b",1.5)) > len(fd.name)',
    );
    expect(canonical('proc.name = val( proc.env[A] )')).toBe('proc.name = val(proc.env[A])');
    expect(failure('proc.name = val(len(fd.name))').at.offset).toBe(16);
  });

  test('numbers are kept as they are written', () => {
    expect(canonical('proc.pid >= +010')).toBe('proc.pid >= +010');
    expect(failure('proc.pid > "1"').message).toContain('number');
  });
});

describe('quoted texts', () => {
  test('escapes become characters, and canonical text escapes again', () => {
    const tree = parseCondition(String.raw`fd.name = "a\tb\\c\"d\x41"`);
    expect(tree).toMatchObject({ right: { value: 'a\tb\\c"dA', quoted: true } });
    expect(canonicalText(tree)).toBe(String.raw`fd.name = "a\tb\\c\"dA"`);
  });

  test('a delimiter behind any backslash does not end the text', () => {
    expect(failure(String.raw`fd.name = 'x\\'`).message).toContain('does not end');
  });

  test('an unknown escape is named at its place', () => {
    const error = failure(String.raw`fd.name regex "\d+"`);
    expect(error.at.offset).toBe(15);
    expect(error.message).toContain(String.raw`\\d`);
  });

  test('bytes written one by one form UTF-8 where they can', () => {
    const tree = parseCondition(String.raw`fd.name = "\xc3\xa9 \xff"`);
    expect(tree).toMatchObject({ right: { value: 'é \udcff' } });
  });
});

describe('places', () => {
  test('nodes know where they begin, line and column from 0', () => {
    const tree = parseCondition('p and\n  not proc.name = x');
    expect(tree.kind === 'and' && tree.parts[1]).toMatchObject({
      kind: 'not',
      at: { line: 1, column: 2, offset: 8 },
      part: { at: { line: 1, column: 6 }, operatorAt: { line: 1, column: 16 } },
    });
  });

  test('places in a macro carry its name', () => {
    expect(parseCondition('p', { macro: 'm' }).at).toMatchObject({ offset: 0, macro: 'm' });
  });

  test('errors point at what is wrong and say what was expected', () => {
    expect(failure('(p and q').at.offset).toBe(0);
    expect(failure('proc.name is x')).toMatchObject({ at: { offset: 10 } });
    expect(failure('proc.name = a b').message).toContain('quotes');
    expect(failure('name = x').message).toContain("'name' is read as a macro");
    expect(failure('').message).toContain('empty');
  });
});

describe('limits', () => {
  test('18 nested parentheses are allowed by default, 19 around a check are not', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}proc.pid = 1${')'.repeat(depth)}`;
    expect(canonical(nested(18))).toBe('proc.pid = 1');
    expect(failure(nested(19)).message).toContain('deeply');
  });

  test('198 nested parentheses are allowed in rules, 199 are not', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}proc.pid = 1${')'.repeat(depth)}`;
    expect(() => parseCondition(nested(198), { maxDepth: 1000 })).not.toThrow();
    expect(() => parseCondition(nested(199), { maxDepth: 1000 })).toThrow(ConditionError);
  });

  test('ten thousand parentheses, calls or nots end in an answer', () => {
    const maxDepth = 1000;
    expect(() => parseCondition('('.repeat(10_000), { maxDepth })).toThrow(ConditionError);
    expect(() => parseCondition('not('.repeat(10_000), { maxDepth })).toThrow(ConditionError);
    expect(() => parseCondition('b64('.repeat(10_000), { maxDepth })).toThrow(ConditionError);
    expect(canonicalText(parseCondition(`${'not '.repeat(10_001)}p`))).toBe('not p');
  });

  test('a megabyte of one chain is parsed', () => {
    const tree = parseCondition(`${'proc.name = abc or '.repeat(55_000)}p`);
    expect(tree.kind === 'or' && tree.parts.length).toBe(55_001);
  });

  test('a megabyte of an open quote or of opened brackets is refused', () => {
    expect(failure(`proc.name = "${"'".repeat(1_000_000)}`).at.offset).toBe(12);
    expect(failure(`proc.name${'['.repeat(1_000_000)}`).at.offset).toBe(10);
  });
});

test('a field on its own is parsed with its argument', () => {
  expect(parseOperand(' toupper( proc.env[A] )')).toMatchObject({
    kind: 'transformer',
    args: [{ kind: 'field', name: 'proc.env', argument: 'A' }],
  });
  expect(() => parseOperand('proc.name = x')).toThrow(ConditionError);
});

describe('random text', () => {
  // Mulberry32, so that a failure can be repeated from its printed seed.
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  function answer(text: string): Expression | undefined {
    try {
      return parseCondition(text);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      expect(error.at.offset).toBeGreaterThanOrEqual(0);
      expect(error.at.offset).toBeLessThanOrEqual(text.length);
      return undefined;
    }
  }

  test('random bytes give a tree or our own error', () => {
    const seed = Number(process.env.SEED ?? Date.now() & 0xffff);
    const next = random(seed);
    for (let round = 0; round < 3000; round++) {
      const length = Math.floor(next() * 60);
      const text = Array.from({ length }, () => String.fromCharCode(next() * 256)).join('');
      expect(() => answer(text), `seed ${seed}, round ${round}`).not.toThrow();
    }
  });

  // Canonical text leaves some values bare that cannot be written so, as the reference does. And
  // `not (not x)` is written `not not x`, which is read as x: the same, in another tree.
  function parsesBack(tree: Expression): boolean {
    let fine = !/"kind":"not","part":\{"kind":"not"/.test(JSON.stringify(tree));
    eachCheck(tree, ({ left, right }) => {
      const values = right?.kind === 'list' ? right.values : [];
      if (right?.kind === 'value') values.push(right.value);
      if (values.some((value) => value === '' || /[(),\\]/.test(value))) fine = false;
      if (/"text"/.test(JSON.stringify([left, right]))) fine = false;
    });
    return fine;
  }

  test('two negations with a parenthesis between them mean what is written without it', () => {
    expect(canonical('not(not m)')).toBe('not not m');
    expect(canonical('not not m')).toBe('m');
  });

  test('random pieces of the grammar give a tree whose canonical text parses to the same', () => {
    const words = [
      '(',
      ')',
      'and ',
      'or ',
      'not ',
      'not(',
      'm',
      ' ',
      ', ',
      '"a b"',
      "'",
      '[x]',
      '1',
    ];
    words.push('proc.name', ' = ', ' in ', '(a, b)', ' oneof ', 'val(', 'b64(', ' exists', ' > ');
    const seed = Number(process.env.SEED ?? Date.now() & 0xffff);
    const next = random(seed);
    let compared = 0;
    for (let round = 0; round < 20_000; round++) {
      const length = 1 + Math.floor(next() * 9);
      const text = Array.from({ length }, () => words[Math.floor(next() * words.length)]).join('');
      const tree = answer(text);
      if (tree === undefined || !parsesBack(tree)) continue;
      compared++;
      const once = canonicalText(tree);
      expect(canonical(once), `seed ${seed}: ${text}`).toBe(once);
    }
    expect(compared).toBeGreaterThan(50);
  });
});
