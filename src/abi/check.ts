// Compares an object's BTF with layout.ts before the object is loaded: an object of another build is an
// error that names the field, never a misread.

import { AbiError } from '../errors.js';
import { readObjectBtf } from './btf.js';
import { LAYOUT } from './layout.js';
import { type AbiLayout, layoutOf } from './layout-of.js';

/**
 * Holds an object against the layout that this program was compiled with.
 *
 * @throws AbiError naming the first struct and field, or enum and value, that differ.
 */
export function checkAbi(object: Uint8Array, expected: AbiLayout = LAYOUT): void {
  const found = layoutOf(readObjectBtf(object));
  for (const struct of expected.structs) {
    const other = found.structs.find((one) => one.name === struct.name);
    if (other === undefined) fail(`struct ${struct.name}`, 'is missing');
    for (const [name, offset, kind] of struct.members) {
      const where = `struct ${struct.name}.${name}`;
      const member = other.members.find((one) => one[0] === name);
      if (member === undefined) fail(where, 'is missing');
      if (member[1] !== offset) fail(where, `lies at ${member[1]}, not at ${offset}`);
      if (member[2] !== kind) fail(where, `is ${member[2]}, not ${kind}`);
    }
    if (other.members.length !== struct.members.length) {
      const known = new Set(struct.members.map((one) => one[0]));
      const extra = other.members.find((one) => !known.has(one[0]));
      fail(`struct ${struct.name}.${extra?.[0]}`, 'is not known');
    }
    if (other.size !== struct.size) {
      fail(`struct ${struct.name}`, `takes ${other.size} bytes, not ${struct.size}`);
    }
  }
  for (const one of expected.enums) {
    const other = found.enums.find((candidate) => candidate.name === one.name);
    if (other === undefined) fail(`enum ${one.name}`, 'is missing');
    const values = new Map(other.values);
    for (const [name, value] of one.values) {
      if (values.get(name) !== value) {
        fail(`enum ${one.name}.${name}`, `is ${values.get(name) ?? 'missing'}, not ${value}`);
      }
    }
    if (values.size !== one.values.length)
      fail(`enum ${one.name}`, 'has a value that is not known');
  }
}

function fail(where: string, what: string): never {
  throw new AbiError('ABI_MISMATCH', `the kernel side is of another build: ${where} ${what}`, {
    hint: 'build both sides together (npm run build)',
  });
}
