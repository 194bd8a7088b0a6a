import { describe, expect, test } from 'vitest';
import { RULE, testFolder } from './folder.js';
import { saker } from './saker.js';

const folder = testFolder();

describe('validate', () => {
  test('accepts rules that are right', async () => {
    const good = folder.file('good.yaml', RULE);
    const { status, out } = await saker('validate', good);
    expect(out).toBe(`${good}: ok\nvalid: 1 rule, 0 errors, 0 warnings\n`);
    expect(status).toBe(0);
  });

  test('points at what is wrong with file, line, column, a caret and the likely name', async () => {
    const bad = folder.file('bad.yaml', RULE.replace('evt.res', 'evt.rse'));
    const { status, out } = await saker('validate', '-r', bad);
    expect(status).toBe(1);
    expect(out).toContain(`${bad}:4:36: error: rule 'Opened':`);
    expect(out).toMatch(/\n +\^+\n/);
    expect(out).toContain('did you mean evt.res?');
    expect(out).toContain(`${bad}: invalid`);
  });

  test('goes on behind a file that is wrong, and says it all as JSON', async () => {
    const bad = folder.file('a.yaml', RULE.replace('evt.res', 'evt.rse'));
    const good = folder.file('b.yaml', RULE.replace('Opened', 'Other'));
    const { status, out } = await saker('validate', '--json', '-r', bad, '-r', good);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      rules: 1,
      files: [
        { name: bad, ok: false },
        { name: good, ok: true },
      ],
      errors: [
        {
          severity: 'error',
          code: 'LOAD_ERR_COMPILE_CONDITION',
          file: bad,
          line: 4,
          column: 36,
          item: { kind: 'rule', name: 'Opened' },
          suggestion: 'evt.res',
        },
      ],
      warnings: [],
    });
  });

  test('says what is wrong in a file although a later one replaces it: an agent would stop there', async () => {
    const bad = folder.file('a.yaml', RULE.replace('evt.res', 'evt.rse'));
    const good = folder.file('b.yaml', RULE);
    const { status, out } = await saker('validate', '-r', bad, '-r', good);
    expect(status).toBe(1);
    expect(out).toContain(`${bad}:4:36: error: rule 'Opened':`);
    expect(out).toContain(`${bad}: invalid\n${good}: ok\ninvalid: 1 rule, 1 error, 0 warnings\n`);
  });

  test('prints the rules as json-rules-engine has them, and takes them back', async () => {
    const first = await saker(
      'validate',
      '--emit',
      'json-rules-engine',
      folder.file('a.yaml', RULE),
    );
    expect(first.status).toBe(0);
    expect(first.err).toContain('valid: 1 rule, 0 errors, 0 warnings');
    expect(JSON.parse(first.out)).toEqual([
      {
        name: 'Opened',
        conditions: {
          all: [
            { fact: 'evt.type', operator: '=', value: 'openat' },
            { fact: 'evt.res', operator: '=', value: 'SUCCESS' },
          ],
        },
        event: {
          type: 'alert',
          params: {
            desc: 'A file was opened.',
            output: 'opened %evt.type',
            priority: 'Notice',
            source: 'syscall',
            tags: [],
          },
        },
      },
    ]);
    const second = await saker(
      'validate',
      '--emit',
      'json-rules-engine',
      folder.file('b.json', first.out),
    );
    expect(second).toMatchObject({ status: 0, out: first.out });
  });

  test('knows one other form of rules', async () => {
    const { status, err } = await saker(
      'validate',
      '--emit',
      'drools',
      folder.file('a.yaml', RULE),
    );
    expect(status).toBe(2);
    expect(err).toContain('json-rules-engine');
  });

  test('refuses by name a rule whose condition asks for what nothing fills', async () => {
    const rule = RULE.replace('evt.res = SUCCESS', 'evt.asynctype = x');
    const { status, out } = await saker('validate', folder.file('a.yaml', rule));
    expect(status).toBe(1);
    expect(out).toContain("error: rule 'Opened': its condition needs evt.asynctype");
  });

  test('only warns of such a field in the output', async () => {
    const rule = RULE.replace('%evt.type', '%evt.type %evt.asynctype');
    const { status, out } = await saker('validate', '--json', folder.file('a.yaml', rule));
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      warnings: [{ code: 'FIELD_WITHOUT_SOURCE', fields: ['evt.asynctype'] }],
    });
  });
});
