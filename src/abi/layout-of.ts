// From BTF to the list of what both sides share: structs with their members, and enums.
// generate.ts writes it as layout.ts; check.ts compares it with layout.ts when an object is loaded.

import { AbiError } from '../errors.js';
import type { Btf, BtfType } from './btf.js';

/**
 * One member: name, offset in its struct, and kind. Kind is `u8`…`s64`, the name of a struct, or one
 * of these with a count: `u8[16]`, `char[16]`.
 */
export type MemberLayout = readonly [name: string, offset: number, kind: string];

/** One shared struct. */
export interface StructLayout {
  readonly name: string;
  readonly size: number;
  readonly members: readonly MemberLayout[];
}

/** One shared enum. */
export interface EnumLayout {
  readonly name: string;
  readonly values: readonly (readonly [name: string, value: number])[];
}

/** Everything that both sides share, sorted by name. */
export interface AbiLayout {
  readonly structs: readonly StructLayout[];
  readonly enums: readonly EnumLayout[];
}

/** What ABI_TYPE and ABI_ENUM put before a type's name: other globals are nobody's business. */
const PREFIX = 'abi_';

/** How deep structs may lie in structs. */
const MAX_DEPTH = 8;

/**
 * Collects every struct and enum that a global pointer of the object names (`ABI_TYPE`,
 * `ABI_ENUM` in bpf/abi.bpf.c), with the structs inside them.
 *
 * @throws AbiError on a member that has no place in a record: pointers, unions, bit fields.
 */
export function layoutOf(btf: Btf): AbiLayout {
  const structs = new Map<string, StructLayout>();
  const enums = new Map<string, EnumLayout>();
  for (const variable of btf.variables()) {
    if (!variable.name.startsWith(PREFIX)) continue;
    const pointer = btf.resolve(variable.type);
    if (pointer.kind !== 'pointer' || pointer.target === 0) continue;
    const type = btf.resolve(pointer.target);
    if (type.kind === 'struct' && type.name !== '') addStruct(btf, type, structs, 0);
    if (type.kind === 'enum' && type.name !== '') {
      enums.set(type.name, { name: type.name, values: [...type.values] });
    }
  }
  return { structs: sorted(structs), enums: sorted(enums) };
}

function addStruct(
  btf: Btf,
  type: Extract<BtfType, { kind: 'struct' | 'union' }>,
  structs: Map<string, StructLayout>,
  depth: number,
): void {
  if (structs.has(type.name)) return;
  if (depth > MAX_DEPTH) fail(type.name, 'is nested too deeply');
  const members: MemberLayout[] = [];
  for (const member of type.members) {
    const kind = kindOf(btf, member.type, `${type.name}.${member.name}`, structs, depth);
    members.push([member.name, member.offset, kind]);
  }
  structs.set(type.name, { name: type.name, size: type.size, members });
}

function kindOf(
  btf: Btf,
  id: number,
  where: string,
  structs: Map<string, StructLayout>,
  depth: number,
): string {
  const type = btf.resolve(id);
  switch (type.kind) {
    case 'int':
      if (type.name === 'char') return 'char';
      return `${type.signed ? 's' : 'u'}${type.size * 8}`;
    case 'enum':
      return `u${type.size * 8}`;
    case 'struct':
      if (type.name === '') fail(where, 'is a struct without a name');
      addStruct(btf, type, structs, depth + 1);
      return type.name;
    case 'array': {
      const element = btf.resolve(type.element);
      if (element.kind === 'array') fail(where, 'is an array of arrays');
      return `${kindOf(btf, type.element, where, structs, depth)}[${type.count}]`;
    }
    case 'union':
    case 'pointer':
    case 'other':
      return fail(
        where,
        `is a ${type.kind === 'other' ? 'type' : type.kind} that records cannot hold`,
      );
  }
}

function sorted<T extends { name: string }>(byName: Map<string, T>): T[] {
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fail(where: string, what: string): never {
  throw new AbiError('ABI_MISMATCH', `${where} ${what}`, { hint: 'see bpf/abi.h' });
}
