// The BTF reader on the real object, on the running kernel's types, and on garbage.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBtf, readObjectBtf } from '../../../src/abi/btf.js';
import { btf_kind } from '../../../src/abi/btf-kind.js';
import { elfSection } from '../../../src/abi/elf.js';
import { layoutOf } from '../../../src/abi/layout-of.js';
import { AbiError } from '../../../src/errors.js';
import { random } from '../../seeded.js';

const OBJECT = 'build/bpf/saker.bpf.o';

test('every struct of the object has the size and member offsets that bpftool prints', () => {
  const dump = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', OBJECT]).toString();
  const types: {
    kind: string;
    name: string;
    size: number;
    members: { name: string; bits_offset: number }[];
  }[] = JSON.parse(dump).types;
  const layout = layoutOf(readObjectBtf(readFileSync(OBJECT)));
  expect(layout.structs.length).toBeGreaterThan(5);
  for (const struct of layout.structs) {
    const other = types.find((one) => one.kind === 'STRUCT' && one.name === struct.name);
    expect(other?.size).toBe(struct.size);
    expect(struct.members.map(([name, offset]) => [name, offset])).toEqual(
      other?.members.map((one) => [one.name, one.bits_offset / 8]),
    );
  }
});

test('a global variable is found in its data section with its size and type', () => {
  const btf = readObjectBtf(readFileSync(OBJECT));
  const place = btf.sectionVariable('license', 'LICENSE');
  const text = elfSection(readFileSync(OBJECT), 'license');
  expect(place).toMatchObject({ offset: 0, size: text.length });
  expect(btf.resolve(place?.type ?? 0)).toMatchObject({ kind: 'array', count: text.length });
});

test('a type that is not there is not found', () => {
  const btf = readObjectBtf(readFileSync(OBJECT));
  expect(btf.find(btf_kind.STRUCT, 'exec_recor')).toBeUndefined();
  expect(btf.find(btf_kind.STRUCT, 'exec_record_')).toBeUndefined();
  expect(btf.find(btf_kind.FUNC, 'exec_record')).toBeUndefined();
  expect(btf.find(btf_kind.STRUCT, 'exec_record')).toBeGreaterThan(0);
});

test('random bytes, and the object with random bytes changed, give an answer or an AbiError', () => {
  const { seed, below, bytes } = random();
  const object = readFileSync(OBJECT);
  for (let round = 0; round < 400; round++) {
    const garbage = round % 4 === 0 ? bytes(below(300)) : Buffer.from(object);
    const section = round % 4 === 0 ? garbage : Buffer.from(elfSection(garbage, '.BTF'));
    for (let i = 0; i < 1 + below(8) && section.length > 0; i++) {
      section[below(section.length)] = below(256);
    }
    const input = round % 4 === 3 ? garbage.subarray(0, below(garbage.length)) : section;
    try {
      layoutOf(round % 4 === 3 ? readObjectBtf(input) : readBtf(input));
    } catch (error) {
      expect(error, `seed ${seed} round ${round}`).toBeInstanceOf(AbiError);
    }
  }
});

test('a chain of typedefs that leads to itself is an AbiError', () => {
  const blob = Buffer.alloc(24 + 12 + 1);
  blob.writeUInt16LE(0xeb9f, 0);
  blob.writeUInt8(1, 2);
  blob.writeUInt32LE(24, 4);
  blob.writeUInt32LE(12, 12);
  blob.writeUInt32LE(12, 16);
  blob.writeUInt32LE(1, 20);
  blob.writeUInt32LE(btf_kind.TYPEDEF << 24, 24 + 4);
  blob.writeUInt32LE(1, 24 + 8);
  expect(() => readBtf(blob).resolve(1)).toThrow(AbiError);
});
