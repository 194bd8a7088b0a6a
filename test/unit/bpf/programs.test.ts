// The list of programs against the object: what it names is there, and every program is named.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elfSection } from '../../../src/abi/elf.js';
import { abi_limit, call_slot } from '../../../src/abi/layout.js';
import { PROGRAMS, readCallSlots } from '../../../src/bpf/programs.js';
import { AbiError } from '../../../src/errors.js';

const OBJECT = 'build/bpf/saker.bpf.o';

/** Function names by section, as bpftool reads the object's BTF. */
function functions(): string[] {
  const dump = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', OBJECT]).toString();
  const types: { kind: string; name: string; linkage?: string }[] = JSON.parse(dump).types;
  return types.filter(({ kind }) => kind === 'FUNC').map(({ name }) => name);
}

test('every listed program is in the object, and each call program serves a call', () => {
  const names = functions();
  for (const { name } of PROGRAMS) expect(names).toContain(name);
  const served = new Set(readCallSlots(readFileSync(OBJECT)).map(({ program }) => program));
  expect(served.size).toBeGreaterThan(0);
  for (const name of served) expect(names).toContain(name);
  // The kernel cuts longer names.
  for (const name of [...served, ...PROGRAMS.map((one) => one.name)]) {
    expect(name.length).toBeLessThanOrEqual(15);
  }
});

test('one program takes the calls that have none of their own', () => {
  const slots = readCallSlots(readFileSync(OBJECT));
  expect(slots.filter(({ number }) => number === abi_limit.SLOT_GENERIC)).toHaveLength(1);
});

test('a list that makes no sense is an AbiError', () => {
  const object = readFileSync(OBJECT);
  const changed = (place: number, byte: number): Buffer => {
    const copy = Buffer.from(object);
    elfSection(copy, '.rodata.calls')[place] = byte;
    return copy;
  };
  expect(() => readCallSlots(changed(3, 0x80))).toThrow(/names system call/);
  const first = readCallSlots(object)[0]?.number ?? 0;
  const twice = Buffer.from(object);
  elfSection(twice, '.rodata.calls').set(numberBytes(first), call_slot.size);
  expect(() => readCallSlots(twice)).toThrow(/twice/);
  expect(() => readCallSlots(object.subarray(0, 100))).toThrow(AbiError);
});

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}
