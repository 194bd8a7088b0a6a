// saker fields, and which fields of a rule nothing fills.
import { describe, expect, test } from 'vitest';
import { fieldsWithoutSource } from '../../../src/cli/field-source.js';
import { saker } from './saker.js';

describe('fields', () => {
  test('lists those that begin with a prefix, with type and meaning', async () => {
    const { status, out } = await saker('fields', 'evt.ty');
    expect(status).toBe(0);
    expect(out).toMatch(/^field +type +available +meaning\n/);
    expect(out).toMatch(/^evt\.type +CHARBUF +yes +\S/m);
    expect(out).not.toContain('proc.name');
  });

  test('as JSON says what can be used, and how', async () => {
    const { out } = await saker('fields', '--json');
    const found: unknown = JSON.parse(out);
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.type', type: 'CHARBUF', available: true }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.arg', argument: 'required', available: true }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.asynctype', available: false }),
    );
  });

  test('refuses a prefix that no field has, with the nearest', async () => {
    const { status, err } = await saker('fields', 'proc.nmae');
    expect(status).toBe(2);
    expect(err).toContain('did you mean proc.name?');
  });

  test('are looked for in conditions, right-hand sides, transformers and outputs', () => {
    const field = (name: string) => ({ kind: 'field' as const, name, at });
    const at = { line: 0, column: 0, offset: 0 };
    const transformer = {
      kind: 'transformer' as const,
      name: 'val' as const,
      args: [field('evt.asynctype')],
      at,
    };
    const found = fieldsWithoutSource({
      condition: {
        kind: 'not',
        at,
        part: {
          kind: 'check',
          left: field('evt.type'),
          operator: '=',
          operatorAt: at,
          right: transformer,
          at,
        },
      },
      output: '%toupper(evt.asynctype) %evt.type',
    });
    expect(found).toEqual({ condition: ['evt.asynctype'], output: ['evt.asynctype'] });
  });
});
