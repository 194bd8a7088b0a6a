// An object of another build is refused, and the error names what differs.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkAbi } from '../../../src/abi/check.js';
import { layoutSource } from '../../../src/abi/generate.js';
import { LAYOUT } from '../../../src/abi/layout.js';
import type { AbiLayout } from '../../../src/abi/layout-of.js';

const OBJECT = readFileSync('build/bpf/saker.bpf.o');

test('the committed layout is the one that the object says', () => {
  expect(layoutSource(OBJECT)).toBe(readFileSync('src/abi/layout.ts', 'utf8'));
  expect(() => checkAbi(OBJECT)).not.toThrow();
});

test.each([
  [
    'struct exit_record.exit_code',
    (text: string) => text.replace(/"exit_code",\d+/, '"exit_code",4'),
  ],
  ['struct exit_record.exit_kode', (text: string) => text.replace('"exit_code"', '"exit_kode"')],
  [
    'struct task_part.comm',
    (text: string) => text.replace(/("name":"task_part".*?"comm",\d+,")char\[16\]/, '$1char[15]'),
  ],
  ['struct counter', (text: string) => text.replace(/("name":"counter","size":)\d+/, '$148')],
  [
    'enum record_kind.RECORD_EXEC',
    (text: string) => text.replace('["RECORD_EXEC",2]', '["RECORD_EXEC",9]'),
  ],
  ['struct countr', (text: string) => text.replace('"name":"counter"', '"name":"countr"')],
])('a difference in %s stops the load and is named', (where, change) => {
  const before = JSON.stringify(LAYOUT);
  const after = change(before);
  expect(after).not.toBe(before);
  const layout: AbiLayout = JSON.parse(after);
  expect(() => checkAbi(OBJECT, layout)).toThrow(
    expect.objectContaining({
      code: 'ABI_MISMATCH',
      message: expect.stringContaining(`${where} `),
    }),
  );
});

test('a field that the layout does not know stops the load', () => {
  const structs = LAYOUT.structs.map((struct) =>
    struct.name === 'counter' ? { ...struct, members: struct.members.slice(0, -1) } : struct,
  );
  expect(() => checkAbi(OBJECT, { ...LAYOUT, structs })).toThrow(
    /struct counter\.filtered_at is not known/,
  );
});
