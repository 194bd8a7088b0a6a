// Rule files to rule sets: items, changes to earlier items, several files, what is left out.
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

describe('several files', () => {
  const good = rule('good', 'evt.type = open');
  const bad = rule('bad', 'evt.type = ');

  test('reading stops at a file that fails', () => {
    const set = load([bad, good]);
    expect(set.ok).toBe(false);
    expect(set.files.map((file) => file.ok)).toEqual([false]);
  });

  test('unless told to go on', () => {
    const set = load([bad, good], { keepGoing: true });
    expect(set.files.map((file) => [file.name, file.ok])).toEqual([
      ['file0.yaml', false],
      ['file1.yaml', false],
    ]);
  });

  test('a macro of a later file is not known in an earlier one', () => {
    const set = load([rule('r', 'm'), '- {macro: m, condition: evt.type = open}\n']);
    expect(set.errors[0]).toMatchObject({ file: 'file0.yaml', code: 'LOAD_ERR_VALIDATE' });
  });

  test('what a later file uses is not called unused', () => {
    const lists = '- {list: l, items: [open]}\n- {list: other, items: [x]}\n';
    const set = load([lists, rule('r', 'evt.type in (l)')]);
    expect(set.warnings.map((one) => [one.code, one.item?.name])).toEqual([
      ['LOAD_UNUSED_LIST', 'other'],
    ]);
  });

  test('a warning is given once, although all is compiled after each file', () => {
    const set = load([rule('r', 'proc.pid = 1'), good]);
    expect(set.warnings.map((one) => one.code)).toEqual(['LOAD_NO_EVTTYPE']);
    expect(set.files.map((file) => file.warnings.length)).toEqual([1, 1]);
  });
});

describe('skipping what is invalid', () => {
  test('loads the rest and says what was left out', () => {
    const text =
      rule('a', 'evt.type = open') +
      rule('b', 'proc.nmae = x') +
      '- {macro: m, condition: "proc.name ="}\n' +
      rule('c', 'm') +
      '- rule: d\n  desc: no condition\n' +
      '- just text\n' +
      rule('e', 'evt.type = close');
    const set = load(text, { skipInvalid: true });
    expect(set.ok).toBe(true);
    expect(set.errors).toEqual([]);
    expect(set.rules.map((one) => one.name)).toEqual(['a', 'e']);
    expect(set.leftOut.map((one) => [one.code, one.item?.name])).toEqual([
      ['LOAD_ERR_YAML_VALIDATE', 'd'],
      ['LOAD_ERR_YAML_VALIDATE', undefined],
      ['LOAD_ERR_COMPILE_CONDITION', 'm'],
      ['LOAD_ERR_COMPILE_CONDITION', 'b'],
      ['LOAD_ERR_VALIDATE', 'c'],
    ]);
  });

  test('what a later file makes good is told apart: without skipping it ends the load', () => {
    const later = [
      rule('changed', 'evt.type = close'),
      '- {macro: m, condition: evt.type = open}\n',
    ];
    const files = [rule('changed', 'no.field = 1') + rule('r', 'm'), ...later];
    const set = load(files, { skipInvalid: true });
    expect(set.leftOut).toEqual([]);
    expect(set.outgrown.map((one) => [one.item?.name, one.code])).toEqual([
      ['changed', 'LOAD_ERR_COMPILE_CONDITION'],
      ['r', 'LOAD_ERR_VALIDATE'],
    ]);
    expect(set.rules).toHaveLength(2);
    expect(load(files).ok).toBe(false);
  });

  test('a file that is no YAML fails, the others are read', () => {
    const set = load(['a: b: c', rule('r', 'evt.type = open')], { skipInvalid: true });
    expect(set.ok).toBe(false);
    expect(set.rules.map((one) => one.name)).toEqual(['r']);
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
