// Rule files to rule sets: items, changes to earlier items, outputs, exceptions.
import { describe, expect, test } from 'vitest';
import { conditionOf, load, pointed, rule } from './loaded.js';

describe('a rule', () => {
  test('has defaults for what it leaves out', () => {
    const [one] = load(rule('r', 'evt.type = open')).rules;
    expect(one).toMatchObject({
      name: 'r',
      priority: 5,
      source: 'syscall',
      enabled: true,
      tags: [],
      action: 'notify',
      onError: undefined,
      capture: false,
      place: { file: 'file0.yaml', line: 0, column: 2 },
    });
  });

  test('may say what to do besides telling', () => {
    const set = load(rule('r', 'evt.type = open', '  action: kill\n'));
    expect(set.warnings).toEqual([]);
    expect(set.rules[0]).toMatchObject({ action: 'kill' });
    const wrong = load(rule('r', 'evt.type = open', '  action: kil\n'));
    expect(wrong.errors[0]).toMatchObject({
      code: 'LOAD_ERR_YAML_VALIDATE',
      line: 5,
      column: 10,
      suggestion: 'kill',
    });
  });

  test('may deny, and say what counts when that cannot be decided', () => {
    const { rules, errors } = load(
      rule('r', 'evt.type = open', '  action: deny\n  on_error: deny\n'),
    );
    expect(errors).toEqual([]);
    expect(rules[0]).toMatchObject({ action: 'deny', onError: 'deny' });
    const wrong = load(rule('r', 'evt.type = open', '  action: deny\n  on_error: refuse\n'));
    expect(wrong.errors[0]).toMatchObject({ code: 'LOAD_ERR_YAML_VALIDATE', line: 6 });
  });

  test.each([
    ['evt.type = procexit', /has ended/],
    ['evt.type in (open, procexit)', /has ended/],
    ['evt.type = execve and file.sha256[exepath] = abc', /looked up first/],
  ])('is refused when it would kill too late: %s', (condition, message) => {
    const { errors } = load(rule('r', condition, '  action: kill\n'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'LOAD_ERR_VALIDATE', line: 5, column: 10 });
    expect(errors[0]?.message).toMatch(message);
  });

  test('has its tags sorted and each once', () => {
    expect(load(rule('r', 'evt.type = open', '  tags: [b, a, b]\n')).rules[0]?.tags).toEqual([
      'a',
      'b',
    ]);
  });

  test('of another source is kept but not compiled', () => {
    const set = load(rule('r', 'ct.name = x', '  source: other\n'));
    expect(set.ok).toBe(true);
    expect(set.rules).toEqual([]);
    expect(set.warnings.map((one) => one.code)).toEqual(['LOAD_UNKNOWN_SOURCE']);
  });
});

describe('changes to earlier items', () => {
  test('an appended condition is parsed with the earlier one as a whole', () => {
    const change = '- {rule: r, condition: and proc.pid = 1, override: {condition: append}}\n';
    const set = load(rule('r', 'evt.type = open or evt.type = close') + change);
    expect(conditionOf(set, 'r')).toBe('(evt.type = open or (evt.type = close and proc.pid = 1))');
  });

  test('a later file changes what earlier files mean', () => {
    const first = `- {list: l, items: [a]}\n${rule('r', 'evt.type = open and proc.name in (l)')}`;
    const set = load([first, '- {list: l, items: [b], override: {items: append}}\n']);
    expect(conditionOf(set, 'r')).toBe('(evt.type = open and proc.name in (a, b))');
    expect(set.lists.get('l')).toEqual(['a', 'b']);
  });

  test('a redefined rule keeps its place', () => {
    const text = rule('a', 'evt.type = open') + rule('b', 'evt.type = open');
    const set = load(text + rule('a', 'evt.type = close'));
    expect(set.rules.map((one) => [one.name, one.conditionText])).toEqual([
      ['a', 'evt.type = close'],
      ['b', 'evt.type = open'],
    ]);
  });

  test('a key that override does not mention is an error at that key', () => {
    const change =
      '- rule: r\n  condition: and proc.pid = 1\n  priority: debug\n  override: {condition: append}\n';
    const text = rule('r', 'evt.type = open') + change;
    const set = load(text);
    expect(set.errors[0]?.code).toBe('LOAD_ERR_YAML_VALIDATE');
    expect(pointed(text, set.errors[0])).toBe('priority');
  });

  test.each([
    ['[]', undefined],
    ['replace', undefined],
    ['[condition]', 'LOAD_ERR_VALIDATE'],
    ['{condition: [replace]}', 'LOAD_ERR_VALIDATE'],
    ['{condition: ~}', 'LOAD_ERR_YAML_VALIDATE'],
    ['{condition: merge}', 'LOAD_ERR_YAML_VALIDATE'],
  ])('an override that is %s', (override, code) => {
    const macro = `- macro: m\n  condition: proc.pid = 1\n  override: ${override}\n`;
    const set = load(macro + rule('r', 'evt.type = open and m'));
    expect(set.errors[0]?.code).toBe(code);
  });

  test('what is changed must exist; the nearest name is suggested', () => {
    const change = '- {rule: ruels, enabled: false}\n';
    const set = load(rule('rules', 'evt.type = open') + change);
    expect(set.errors[0]).toMatchObject({ code: 'LOAD_ERR_VALIDATE', suggestion: 'rules' });
  });
});

describe('an output', () => {
  const of = (output: string, more = '') =>
    rule('r', 'evt.type = open', more).replace('output: o', `output: "${output}"`);

  test('warns of each deprecated field whose name occurs in it', () => {
    const warned = (output: string) => load(of(output)).warnings.map(({ message }) => message);
    expect(warned('%evt.dir %evt.dir')).toEqual(["the field 'evt.dir' is deprecated"]);
    expect(warned('%evt.type of evt.dir')).toEqual(["the field 'evt.dir' is deprecated"]);
    expect(warned('%evt.latency.ns')).toEqual([
      "the field 'evt.latency' is deprecated",
      "the field 'evt.latency.ns' is deprecated",
    ]);
  });

  test('that is wrong in every version fails, although unknown fields are to be skipped', () => {
    const skip = '  skip-if-unknown-filter: true\n';
    const codes = (output: string) => {
      const { errors, warnings } = load(of(output, skip));
      return [...errors, ...warnings].map(({ code }) => code);
    };
    expect(codes('%no.field')).toEqual(['LOAD_UNKNOWN_FILTER']);
    expect(codes('100%')).toEqual(['LOAD_ERR_COMPILE_OUTPUT']);
    expect(codes(' ')).toEqual(['LOAD_ERR_COMPILE_OUTPUT']);
  });
});

describe('exceptions', () => {
  const base = (exceptions: string) =>
    rule('r', 'evt.type = open or evt.type = close', `  exceptions:\n${exceptions}`);

  test('of several fields compare tuples', () => {
    const set = load(
      base(`  - name: e
    fields: [proc.name, fd.name]
    comps: [=, startswith]
    values:
    - [a, /x]
    - [b c, /y]
`),
    );
    expect(conditionOf(set, 'r')).toBe(
      '((evt.type = open or evt.type = close) and not ((proc.name = a and fd.name startswith /x) ' +
        'or (proc.name = "b c" and fd.name startswith /y)))',
    );
    expect(set.rules[0]).toMatchObject({
      exceptionFields: ['fd.name', 'proc.name'],
      exceptionNames: ['e'],
    });
  });

  test('an error in a value points at the value', () => {
    const text = base(`  - name: e
    fields: proc.pid
    values: [1, x]
`);
    const set = load(text);
    expect(set.errors[0]?.code).toBe('LOAD_ERR_COMPILE_CONDITION');
    expect(set.errors[0]?.line).toBe(8);
  });

  test('replacing exceptions checks the new ones', () => {
    const text = base('  - {name: e, fields: proc.pid, values: [1]}\n');
    const replace = (exception: string) =>
      load(`${text}- rule: r\n  override: {exceptions: replace}\n  exceptions: [${exception}]\n`);
    expect(conditionOf(replace('{name: e, fields: proc.name, values: [x]}'), 'r')).toBe(
      '((evt.type = open or evt.type = close) and not proc.name in (x))',
    );
    expect(replace('{name: e, fields: proc.nothing, values: [x]}').errors[0]?.code).toBe(
      'LOAD_ERR_VALIDATE',
    );
  });
});

describe('append_output', () => {
  test('adds text, the suggested fields and extra fields to the rules it applies to', () => {
    const text = rule('a', 'evt.type = open', '  tags: [x]\n') + rule('b', 'evt.type = open');
    const extraFields = [{ key: 'pid', format: 'proc.pid', raw: true }];
    const set = load(text, {
      appendOutput: [
        { tags: ['x'], extraOutput: '%proc.name', extraFields },
        { rule: 'b', suggestedOutput: true },
      ],
    });
    expect(set.rules[0]).toMatchObject({ output: 'o %proc.name', extraFields });
    expect(set.rules[1]?.output).toMatch(
      /^o container_id=%container\.id .*k8s_ns_name=%k8s\.ns\.name$/,
    );
  });

  test('a wrong addition is an error', () => {
    const appendOutput = [{ extraOutput: '%nothing.here' }];
    expect(load(rule('a', 'evt.type = open'), { appendOutput }).errors[0]?.code).toBe(
      'LOAD_ERR_COMPILE_OUTPUT',
    );
  });
});
