// Several rule files, and what is left out of them.
import { describe, expect, test } from 'vitest';
import { load, rule } from './loaded.js';

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
