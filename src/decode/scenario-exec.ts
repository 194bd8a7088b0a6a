// What an exec of a scenario makes of its thread.

import { exe_flag } from '../abi/layout.js';
import { eventNamed } from '../rules/events.js';
import type { Params } from './scenario-call.js';
import type { Process, Thread } from './scenario-thread.js';
import { bytesOf, numberOf, type Plain } from './scenario-values.js';

/** What both a successful and a failed exec say. */
export function execFacts(params: Params): { filename: string | undefined } {
  const given = params.filename ?? params.trusted_exepath;
  return { filename: given === undefined || given === null ? undefined : bytesOf(given) };
}

/** The thread runs another program; what the parameters leave out stays as it was. */
export function applyExec(thread: Thread, params: Params): void {
  const { process } = thread;
  const text = (name: string) => given(params[name], bytesOf);
  const number = (name: string) => given(params[name], (value) => ofExec(name, value));
  const exe = text('exe') ?? text('filename') ?? process.argv[0] ?? '';
  const path = text('trusted_exepath') ?? text('filename') ?? exe;
  process.argv = [exe, ...(given(params.args, list) ?? [])];
  process.exepath = path;
  process.env = given(params.env, list) ?? process.env;
  process.cwd = text('cwd') || process.cwd;
  process.exe_flags = exeFlags(Number(number('flags') ?? 0));
  process.tty = Number(number('tty') ?? process.tty);
  process.pgid = Number(number('pgid') ?? process.pgid);
  process.vpgid = Number(number('vpgid') ?? process.vpgid);
  process.exe_inode = number('exe_ino') ?? 0;
  process.exe_ctime_ns = BigInt(number('exe_ino_ctime') ?? 0);
  process.exe_mtime_ns = BigInt(number('exe_ino_mtime') ?? 0);
  thread.comm = text('comm') ?? path.slice(path.lastIndexOf('/') + 1).slice(0, COMM_LENGTH);
  thread.uid = Number(number('uid') ?? thread.uid);
  thread.gid = Number(number('gid') ?? thread.gid);
  thread.loginuid = Number(number('loginuid') ?? thread.loginuid);
  thread.cap_effective = BigInt(number('cap_effective') ?? thread.cap_effective);
  thread.cap_permitted = BigInt(number('cap_permitted') ?? thread.cap_permitted);
  thread.cap_inheritable = BigInt(number('cap_inheritable') ?? thread.cap_inheritable);
  closeOnExec(process);
}

const COMM_LENGTH = 15;
const O_CLOEXEC = 0o2000000;

function closeOnExec(process: Process): void {
  for (const [fd, descriptor] of process.descriptors) {
    if ((descriptor.open_flags & O_CLOEXEC) !== 0) process.descriptors.delete(fd);
  }
}

function given<T>(value: Plain, read: (value: Plain) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function ofExec(name: string, value: Plain): number | bigint {
  const param = eventNamed('execve')?.params.find((one) => one.name === name);
  return param === undefined ? 0 : numberOf(param, value);
}

function list(value: Plain): string[] {
  return Array.isArray(value) ? value.map(bytesOf) : [bytesOf(value)];
}

// The inverse of execFlags in process-params.ts.
function exeFlags(value: number): number {
  return (
    ((value & 1) === 0 ? 0 : exe_flag.EXE_WRITABLE) |
    ((value & 2) === 0 ? 0 : exe_flag.EXE_UPPER_LAYER) |
    ((value & 4) === 0 ? 0 : exe_flag.EXE_MEMFD) |
    ((value & 8) === 0 ? 0 : exe_flag.EXE_LOWER_LAYER)
  );
}
