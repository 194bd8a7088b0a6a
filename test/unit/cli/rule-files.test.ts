// Which files a path stands for, and in which order.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../../src/cli/rule-files.js';
import { OWN_RULES } from '../../../src/files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('rule files', () => {
  test('of a folder come in the order of their bytes, without other files and folders', () => {
    for (const name of ['b.yaml', 'Z.yml', 'a.yaml', 'c.json', '.x.yaml', 'notes.txt'])
      file(name, name);
    mkdirSync(join(folder, 'c.yaml'));
    symlinkSync(join(folder, 'notes.txt'), join(folder, 'link.yaml'));
    expect(readRuleFiles([folder]).map(({ name }) => name.slice(folder.length + 1))).toEqual([
      'Z.yml',
      'a.yaml',
      'b.yaml',
      'c.json',
      'link.yaml',
    ]);
  });

  test('keep the order of the command line', () => {
    const [b, a] = [file('b.yaml', 'B'), file('a.yaml', 'A')];
    expect(readRuleFiles([b, a]).map(({ text }) => text)).toEqual(['B', 'A']);
  });

  test('are our own when none are named', () => {
    expect(existsSync(OWN_RULES)).toBe(true);
    expect(readRuleFiles([]).map(({ name }) => name)).toContain(join(OWN_RULES, 'process.yaml'));
  });

  test.each(['none.yaml', 'empty'])('that are not there are refused: %s', (name) => {
    mkdirSync(join(folder, 'empty'));
    expect(() => readRuleFiles([join(folder, name)])).toThrow(
      expect.objectContaining({ code: 'RULE_READ' }),
    );
  });
});
