// The event table: numbers, names, parameters and flag texts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  EVENT_EXIT,
  EVENTS,
  eventName,
  eventNamed,
  IA32_CALLS,
  NATIVE_CALLS,
  nativeOfIa32,
  paramNamed,
  typeNumber,
} from '../../../src/rules/events.js';
import {
  cloneFlags,
  enumText,
  flagsText,
  flagTable,
  openFlags,
  ptraceRequest,
} from '../../../src/rules/flags.js';

test('every number of the kernel headers has the name they give it', () => {
  for (const [calls, bits] of [
    [NATIVE_CALLS, 64],
    [IA32_CALLS, 32],
  ] as const) {
    const header = readFileSync(`/usr/include/x86_64-linux-gnu/asm/unistd_${bits}.h`, 'utf8');
    const lines = [...header.matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
    expect(lines.length).toBeGreaterThan(300);
    for (const [, name, number] of lines) expect(calls.get(Number(number))).toBe(name);
  }
});

test('numbers lead to names and back', () => {
  for (const [number, kernelName] of NATIVE_CALLS) {
    expect(typeNumber(eventName(number))).toBe(number);
    expect(typeNumber(kernelName)).toBe(number);
  }
  expect(typeNumber('procexit')).toBe(EVENT_EXIT);
  expect(eventName(EVENT_EXIT)).toBe('procexit');
  expect(eventName(59)).toBe('execve');
  expect(eventName(17)).toBe('pread');
  expect(eventName(511)).toBe('syscall');
  expect(typeNumber('nonsense')).toBeUndefined();
  expect(typeNumber('asyncevent')).toBeUndefined();
});

test('a call of a 32-bit program finds its native number', () => {
  expect(nativeOfIa32(11)).toBe(59);
  expect(nativeOfIa32(5)).toBe(2);
  expect(nativeOfIa32(213)).toBe(105);
  expect(nativeOfIa32(22)).toBe(166);
  expect(nativeOfIa32(102)).toBeUndefined();
  expect(nativeOfIa32(9999)).toBeUndefined();
});

test('every call that the running kernel knows is an event', () => {
  const symbols = readFileSync('/proc/kallsyms', 'utf8');
  const known = [...symbols.matchAll(/ __x64_sys_(\w+)$/gm)].map((match) => match[1] ?? '');
  const native = new Set(NATIVE_CALLS.values());
  for (const name of known.filter((call) => native.has(call)))
    expect(eventNamed(name)?.name).toBe(name);
});

test('events have the names that rule files use, meta events included', () => {
  for (const name of ['open', 'execve', 'procexit', 'switch', 'container', 'asyncevent', 'pread'])
    expect(eventNamed(name)?.name).toBe(name);
  for (const name of ['pread64', 'prlimit64', 'setuid32', 'socketcall', 'madvise', 'mseal'])
    expect(eventNamed(name)?.name).toBe(name);
  expect(new Set(EVENTS.map((event) => event.name)).size).toBe(EVENTS.length);
  expect(eventNamed('constructor')).toBeUndefined();
});

test('the first event with a parameter of a name gives it its type', () => {
  expect(paramNamed('addr')?.type).toBe('SOCKADDR');
  expect(paramNamed('res')?.type).toBe('ERRNO');
  expect(paramNamed('size')?.type).toBe('UINT32');
  expect(paramNamed('mode')?.type).toBe('UINT32');
  expect(paramNamed('tuple')?.type).toBe('SOCKTUPLE');
  expect(paramNamed('nothing')).toBeUndefined();
});

test('flags print in the order of their table, each bit once', () => {
  const table = flagTable('file_flags') ?? [];
  expect(flagsText(table, openFlags(0o102))).toBe('O_CREAT|O_RDWR');
  expect(flagsText(table, openFlags(0o2000000))).toBe('O_RDONLY|O_CLOEXEC');
  expect(flagsText(table, openFlags(0o4010001))).toBe('O_SYNC|O_DSYNC|O_WRONLY');
  expect(flagsText(table, openFlags(0o20200002))).toBe('O_DIRECTORY|O_RDWR|O_TMPFILE');
  expect(flagsText(table, 0)).toBe('O_NONE');
  expect(flagsText(flagTable('unlinkat_flags') ?? [], 0)).toBe('0');
  expect(flagsText(flagTable('mount_flags') ?? [], 0x80000001)).toBe('RDONLY|NOUSER');
  expect(flagsText(flagTable('clone_flags') ?? [], cloneFlags(0x20000n))).toBe('CLONE_NEWNS');
});

test('an enumeration prints the first name of its value', () => {
  expect(enumText(flagTable('socket_families') ?? [], 1)).toBe('AF_LOCAL');
  expect(enumText(flagTable('bpf_commands') ?? [], 10)).toBe('BPF_PROG_TEST_RUN');
  expect(enumText(flagTable('ptrace_requests') ?? [], ptraceRequest(16))).toBe('PTRACE_ATTACH');
  expect(enumText(flagTable('ptrace_requests') ?? [], ptraceRequest(0x4206))).toBe('PTRACE_SEIZE');
  expect(enumText(flagTable('ptrace_requests') ?? [], ptraceRequest(999))).toBe('PTRACE_UNKNOWN');
  expect(enumText(flagTable('bpf_commands') ?? [], 999)).toBeUndefined();
});
