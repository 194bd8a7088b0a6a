// What is wrong in a rule file is told with its place, whatever the file is.
import { describe, expect, test } from 'vitest';
import { diagnosticText } from '../../../src/rules/diagnostics.js';
import { conditionOf, load, pointed, rule } from './loaded.js';

describe('errors point at the text', () => {
  test('in a folded condition', () => {
    const text =
      '- rule: r\n  desc: d\n  condition: >\n    evt.type = open\n    and proc.nmae = x\n' +
      '  output: o\n  priority: notice\n';
    const { errors } = load(text);
    expect(errors[0]).toMatchObject({
      code: 'LOAD_ERR_COMPILE_CONDITION',
      line: 4,
      column: 8,
      suggestion: 'proc.name',
      item: { kind: 'rule', name: 'r' },
    });
    expect(pointed(text, errors[0])).toBe('proc.nmae');
  });

  test('behind an expanded list', () => {
    const text = `- {list: many, items: [a, b, c]}\n${rule('r', 'proc.name in (many) and fd.nam = x')}`;
    expect(pointed(text, load(text).errors[0])).toBe('fd.nam');
  });

  test('in the appended part of a condition', () => {
    const change = '- {rule: r, condition: and fd.nam = x, override: {condition: append}}\n';
    const texts = [rule('r', 'evt.type = open'), change];
    const [error] = load(texts).errors;
    expect(error?.file).toBe('file1.yaml');
    expect(pointed(change, error)).toBe('fd.nam');
  });

  test('in the macro that contains it', () => {
    const text = `- macro: m\n  condition: proc.nmae = x\n${rule('r', 'evt.type = open and m')}`;
    const [error] = load(text).errors;
    expect(error).toMatchObject({ line: 1, item: { name: 'r' } });
    expect(error?.context.map((step) => step.kind)).toEqual([
      'rule',
      'macro condition',
      'condition expression',
    ]);
    expect(error === undefined ? '' : diagnosticText(error)).toContain("in macro 'm'");
  });

  test('at a macro nobody defined, with the nearest name', () => {
    const text = `- {macro: spawned, condition: evt.type = execve}\n${rule('r', 'spawnd and proc.pid = 1')}`;
    const { errors } = load(text);
    expect(errors[0]).toMatchObject({ code: 'LOAD_ERR_VALIDATE', suggestion: 'spawned' });
    expect(pointed(text, errors[0])).toBe('spawnd');
  });

  test('in an output that was indented', () => {
    const text =
      '- rule: r\n  desc: d\n  condition: evt.type = open\n  output: "  a %proc.nme"\n  priority: info\n';
    const { errors } = load(text);
    expect(errors[0]?.code).toBe('LOAD_ERR_COMPILE_OUTPUT');
    expect(pointed(text, errors[0])).toBe('%proc.nme');
  });

  test('at an unknown key', () => {
    const text = rule('r', 'evt.type = open', '  priorty: x\n');
    const { ok, warnings } = load(text);
    expect(ok).toBe(true);
    expect(warnings[0]).toMatchObject({ code: 'LOAD_UNKNOWN_KEY', suggestion: 'priority' });
    expect(pointed(text, warnings[0])).toBe('priorty');
  });

  test('and are printed without control characters', () => {
    const { errors } = load('- rule: "\\e[2J\\u202e"\n  desc: d\n');
    const text = errors.map(diagnosticText).join('\n');
    expect(text).toContain('\\x1b[2J\\u202e');
    const invisible = [...text].filter((char) => char !== '\n' && /[\p{Cc}\p{Cf}]/u.test(char));
    expect(invisible).toEqual([]);
  });
});

describe('hostile rule files', () => {
  test('a condition of a megabyte is loaded, or refused with one error', () => {
    const long = `evt.type = open and (${'proc.name = abc or '.repeat(55_000)}proc.name = z)`;
    const set = load(rule('r', long));
    expect(set.ok || set.errors.length === 1).toBe(true);
  });

  test('ten thousand nested parentheses are refused with the place', () => {
    const set = load(rule('r', `${'('.repeat(10_000)}evt.type = open${')'.repeat(10_000)}`));
    expect(set.errors[0]).toMatchObject({ code: 'LOAD_ERR_COMPILE_CONDITION', line: 2 });
    expect(set.errors[0]?.snippet.length).toBeLessThan(500);
  });

  test('lists that multiply are refused', () => {
    const names = Array.from({ length: 8 }, (_, i) => `l${i}`);
    const lists = names.map(
      (name, i) => `- {list: ${name}, items: [${`l${i + 1}, `.repeat(50)}]}\n`,
    );
    const set = load(lists.join('') + rule('r', 'evt.type = open and proc.name in (l0)'));
    expect(set.errors[0]?.code).toBe('LOAD_ERR_VALIDATE');
  });

  test('macros that multiply are refused', () => {
    let text = '- {macro: m0, condition: evt.type = open}\n';
    for (let i = 1; i < 40; i++) text += `- {macro: m${i}, condition: m${i - 1} and m${i - 1}}\n`;
    expect(load(text + rule('r', 'm39')).errors[0]?.code).toBe('LOAD_ERR_VALIDATE');
  });

  test('prototype names are names like others', () => {
    const set = load(
      `- {list: constructor, items: [a]}\n${rule('__proto__', 'evt.type = open and proc.name in (constructor)', '  toString: x\n')}`,
    );
    expect(conditionOf(set, '__proto__')).toBe('(evt.type = open and proc.name in (a))');
    expect(set.warnings.map((one) => one.code)).toEqual(['LOAD_UNKNOWN_KEY']);
  });

  test('random bytes give a rule set', () => {
    const seed = Date.now() & 0xffff;
    let state = seed;
    const next = () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    const pieces = [
      '- rule: r\n',
      '  desc: d\n',
      '  condition: ',
      'evt.type = open\n',
      '  output: "',
      '%proc.name"\n',
    ];
    pieces.push(
      '  priority: info\n',
      '- list: l\n  items: [',
      ']\n',
      ', ',
      ': ',
      '\t',
      '&a ',
      '*a',
      '---\n',
      '{',
      '}',
      '|\n',
      '"',
    );
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + next() * 12 }, () =>
        next() < 0.8
          ? pieces[Math.floor(next() * pieces.length)]
          : String.fromCharCode(next() * 300),
      ).join('');
      expect(
        () => load(text, { skipInvalid: next() < 0.5 }),
        `seed ${seed}: ${JSON.stringify(text)}`,
      ).not.toThrow();
    }
  });
});
