// The first load of the sensor's object: the programs that every sensor needs, as far as this kernel takes them.

import { readFileSync } from 'node:fs';
import { abi_limit } from '../abi/layout.js';
import { AbiError, BpfError, HostError } from '../errors.js';
import type { Ia32Numbers } from './control.js';
import { u32Key } from './map.js';
import { BpfObject } from './object.js';
import { PROGRAMS, type ProgramSpec } from './programs.js';
import { hooksOf } from './trial.js';

/**
 * Reads an object file.
 *
 * @throws AbiError when it cannot be read
 */
export function readObjectFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AbiError('ABI_MISMATCH', `the BPF object ${path} cannot be read`, {
      hint: 'build it: npm run build',
      cause,
    });
  }
}

/**
 * Loads the lifecycle programs, those of `calls`, and what else this kernel takes. A program that
 * nothing depends on is left out when its hook is missing, or when the load fails with it and not
 * without it: what a verifier refuses cannot be told from outside. So are all of `calls`, when nothing loads with them.
 *
 * @param ring_bytes size of the ring
 * @returns the object, and the names of the programs that were left out
 * @throws HostError when this kernel lacks a hook that nothing replaces
 * @throws BpfError when the kernel refuses the object
 */
export function loadFirst(
  bytes: Buffer,
  ring_bytes: number,
  calls: readonly string[],
): { object: BpfObject; missing: string[] } {
  const own = PROGRAMS.filter(({ family }) => family === 'process' || family === 'tasks');
  let refusal: BpfError | undefined;
  // Most kernels take all. Which hooks there are is looked up where one does not: to read the kernel's
  // types takes longer than these programs do.
  for (const choose of [allOf, withHook, requiredOf]) {
    const object = BpfObject.open(bytes);
    try {
      const chosen = choose(own, object);
      object.choose([...chosen.map(({ name }) => name), ...calls]);
      object.setMaxEntries('ring', ring_bytes);
      object.load();
      const missing = own.filter((spec) => !chosen.includes(spec)).map(({ name }) => name);
      return { object, missing };
    } catch (error) {
      object.close();
      if (!(error instanceof BpfError)) throw error;
      refusal ??= error;
    }
  }
  // Those who are attached by name may be taken without the others.
  if (calls.length > 0) return loadFirst(bytes, ring_bytes, []);
  throw refusal;
}

/**
 * Tells the kernel side the native number of each i386 one.
 *
 * @throws BpfError when the kernel refuses
 */
export function fillIa32(object: BpfObject, ia32: Ia32Numbers): void {
  const map = object.map('ia32_native');
  const count = Math.min(map.max_entries, abi_limit.SYSCALL_COUNT);
  const bytesOf = (numbers: (number: number) => number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, number) => u32Key(numbers(number))));
  map.putAll(
    bytesOf((number) => number),
    bytesOf((number) => ia32[number] ?? NO_NATIVE),
  );
}

const NO_NATIVE = 0xffff_ffff;

type Choice = (own: readonly ProgramSpec[], object: BpfObject) => readonly ProgramSpec[];

const allOf: Choice = (own) => own;

const withHook: Choice = (own, object) => {
  const hooks = hooksOf(own.map(({ name }) => object.program(name).section));
  if (hooks === undefined) {
    throw new HostError('HOST_UNABLE', 'the kernel carries no types (BTF)', {
      hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
    });
  }
  return own.filter(({ name, required }) => {
    const { section } = object.program(name);
    const there = hooks.has(section);
    if (!there && required) throw noHook(name, section);
    return there;
  });
};

const requiredOf: Choice = (own) => own.filter(({ required }) => required);

function noHook(name: string, section: string): HostError {
  return new HostError('HOST_UNABLE', `this kernel has no ${section}, which ${name} needs`, {
    hint: 'see `saker probe`',
  });
}
