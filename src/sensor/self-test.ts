// Each hook that denies is fired by the agent against itself: one that attaches may still never run, and a
// rule that rests on it would be worth nothing.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { self_test, type verdict_operation } from '../abi/layout.js';
import { addressOf, bpfCall, closeFd } from '../bpf/libc.js';
import { type BpfMap, u32Key } from '../bpf/map.js';
import { currentTid } from '../bpf/priority.js';
import { type RawArgument, rawCall } from '../bpf/raw-call.js';
import { HostError } from '../errors.js';
import { typeNumber } from '../rules/events.js';

type OperationName = keyof typeof verdict_operation;

/** An operation that can be tried. */
export interface Tried {
  readonly number: number;
  /** For people: `open`. */
  readonly name: string;
}

/**
 * Tries operations whose hooks are attached and in force.
 *
 * @param map self_tests of the object
 * @param acts for tests
 * @returns those that were not refused, or not by the hook
 */
export function silentOperations<Operation extends Tried>(
  map: BpfMap,
  operations: readonly Operation[],
  acts: Readonly<Partial<Record<OperationName, Act>>> = ACTS,
): Operation[] {
  let folder: string | undefined;
  const at = (name: string): string => {
    folder ??= prepareFolder();
    return join(folder, name);
  };
  try {
    return operations.filter(({ number, name }) => {
      const act = entryOf(acts, `VERDICT_${name.toUpperCase()}`);
      if (act === undefined) return true;
      if (USES_FOLDER.test(name)) at('');
      return !isRefused(map, number, () => act(at));
    });
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Made before the hook is told to refuse. */
const USES_FOLDER = /^(unlink|rmdir|rename|link|symlink|mkdir|mknod|chmod|chown|truncate)$/;

// The service may write to its own folders only, others to any.
function prepareFolder(): string {
  const { RUNTIME_DIRECTORY, STATE_DIRECTORY } = process.env;
  const places = [RUNTIME_DIRECTORY, STATE_DIRECTORY]
    .flatMap((place) => place?.split(':') ?? [])
    .concat(tmpdir(), '/dev/shm');
  for (const place of places) {
    try {
      const folder = mkdtempSync(join(place, 'saker-self-test-'));
      writeFileSync(join(folder, 'file'), '');
      mkdirSync(join(folder, 'folder'));
      return folder;
    } catch {
      // Not writable: the next one may be.
    }
  }
  throw new HostError('HOST_UNABLE', 'hooks that deny cannot be tried: no folder is writable', {
    hint: `one of these must be: ${places.join(', ')}`,
  });
}

/** Does something harmless, in a folder of its own; throws, or returns the result of a system call. */
export type Act = (at: (name: string) => string) => unknown;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const FIFO = 0o010600;
const SIGURG = 23; // ignored, unless somebody asked for it
const AT_FDCWD = -100;
const MNT_EXPIRE = 4;
const PROG_GET_NEXT_ID = 11;
/** 127.0.0.1, the port for what is thrown away. */
const DISCARD = Buffer.from([AF_INET, 0, 0, 9, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
const ANY_PORT = Buffer.from([AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);

/** By operation. Where the hook stays silent the act does no more than it says. */
export const ACTS: Readonly<Record<Exclude<OperationName, 'VERDICT_OPERATIONS'>, Act>> = {
  VERDICT_OPEN: () => closeSync(openSync('/proc/self/stat', 'r')),
  VERDICT_EXEC: () => {
    const { error } = spawnSync(process.execPath, ['--version'], { stdio: 'ignore' });
    if (error !== undefined) throw error;
  },
  VERDICT_UNLINK: (at) => unlinkSync(at('file')),
  VERDICT_RMDIR: (at) => rmdirSync(at('folder')),
  VERDICT_RENAME: (at) => renameSync(at('file'), at('renamed')),
  VERDICT_LINK: (at) => linkSync(at('file'), at('link')),
  VERDICT_SYMLINK: (at) => symlinkSync('file', at('symlink')),
  VERDICT_MKDIR: (at) => mkdirSync(at('made')),
  VERDICT_MKNOD: (at) => call('mknodat', AT_FDCWD, Buffer.from(`${at('fifo')}\0`), FIFO, 0),
  VERDICT_CHMOD: (at) => chmodSync(at('file'), 0o600),
  VERDICT_CHOWN: (at) => chownSync(at('file'), 0, 0),
  VERDICT_TRUNCATE: (at) => truncateSync(at('file'), 0),
  // No kernel has a file system of that name.
  VERDICT_MOUNT: () => call('mount', text('none'), text('/'), text('saker-none'), 0, 0),
  // The own root cannot expire.
  VERDICT_UMOUNT: () => call('umount2', text('/'), MNT_EXPIRE),
  // To read nothing of pid 1.
  VERDICT_PTRACE: () => {
    const byte = Buffer.alloc(8);
    return call('process_vm_readv', 1, vector(byte, 1), 1, vector(undefined, 1), 1, 0);
  },
  VERDICT_SIGNAL: () => call('tgkill', process.pid, currentTid(), SIGURG),
  // 64 zero bytes are no module.
  VERDICT_MODULE: () => call('init_module', Buffer.alloc(64), 64, text('')),
  VERDICT_BPF: () => bpfCall(PROG_GET_NEXT_ID, Buffer.alloc(16)),
  VERDICT_SOCKET: () => withSocket(SOCK_DGRAM, () => 0),
  VERDICT_CONNECT: () =>
    withSocket(SOCK_DGRAM, (fd) => call('connect', fd, DISCARD, DISCARD.length)),
  VERDICT_BIND: () => withSocket(SOCK_DGRAM, (fd) => call('bind', fd, ANY_PORT, ANY_PORT.length)),
  VERDICT_LISTEN: () => withSocket(SOCK_STREAM, (fd) => call('listen', fd, 1)),
  VERDICT_SEND: () =>
    withSocket(SOCK_DGRAM, (fd) => call('sendto', fd, text(''), 1, 0, DISCARD, DISCARD.length)),
};

const EPERM = 1;

function isRefused(map: BpfMap, operation: number, act: () => unknown): boolean {
  const value = Buffer.alloc(self_test.size);
  value.writeUInt32LE(operation, self_test.operation);
  value.writeUInt32LE(currentTid(), self_test.tid);
  value.writeUInt32LE(process.pid, self_test.pid);
  map.put(u32Key(0), value);
  let refused: boolean;
  try {
    refused = act() === -EPERM;
  } catch (error) {
    refused = error instanceof Error && 'code' in error && error.code === 'EPERM';
  } finally {
    map.get(u32Key(0), value);
    map.put(u32Key(0), Buffer.alloc(self_test.size));
  }
  return refused && value.readBigUInt64LE(self_test.fired) > 0n;
}

function entryOf(
  acts: Readonly<Partial<Record<OperationName, Act>>>,
  wanted: string,
): Act | undefined {
  return Object.entries(acts).find(([name]) => name === wanted)?.[1];
}

function call(name: string, ...given: readonly RawArgument[]): number {
  return rawCall(typeNumber(name) ?? -1, ...given);
}

function text(words: string): Buffer {
  return Buffer.from(`${words}\0`);
}

/** A struct iovec; the memory behind it is its caller's. */
function vector(memory: Buffer | undefined, length: number): Buffer {
  const bytes = Buffer.alloc(16);
  if (memory !== undefined) bytes.writeBigUInt64LE(addressOf(memory), 0);
  bytes.writeBigUInt64LE(BigInt(length), 8);
  return bytes;
}

function withSocket(type: number, then: (fd: number) => number): number {
  const fd = call('socket', AF_INET, type, 0);
  if (fd < 0) return fd;
  try {
    return then(fd);
  } finally {
    closeFd(fd);
  }
}
