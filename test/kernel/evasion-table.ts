// docs/evasion.md as data: what each way round a rule comes to, by kernel. Its tables are written by
// test/vm/evasion.sh from what the tests see, and the tests hold what they see against them.

import { readFileSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { act } from './harness.js';

/** What came of one way. */
export type Outcome = 'denied' | 'detected' | 'not stopped' | 'not detected' | 'not possible';

/** Ways to reach what a rule names: those of an act, with what the document says of each. */
export interface Table {
  /** Over the table in the document. */
  readonly heading: string;
  /** By act and way, as in `name relative`: build/acts/kernel/evade-name relative. */
  readonly ways: ReadonlyMap<string, string>;
}

/** A column: of which kind of rule, on which kernel. */
export interface Column {
  readonly kind: 'deny' | 'detect';
  readonly kernel: string;
}

const DOCS = join(import.meta.dirname, '../../docs/evasion.md');

/** To read a file that a rule names by its path. */
export const FILES: Table = {
  heading: 'Files',
  ways: new Map([
    ['name path', 'by its path'],
    ['name relative', 'a path relative to its folder'],
    ['name openat', 'a descriptor of its folder'],
    ['name dots', '`.` and `..` in the path'],
    ['name symlink-last', 'a symbolic link to it'],
    ['name symlink-middle', 'a symbolic link to its folder'],
    ['name proc-self-root', '`/proc/self/root`'],
    ['name proc-pid-root', '`/proc/PID/root` of a process with mounts of its own'],
    ['name mount-namespace', 'a mount namespace'],
    ['name o-path', 'O_PATH, then `/proc/self/fd`'],
    ['name file-handle', '`open_by_handle_at`'],
    ['name chroot', 'chroot to its folder, by root of the host'],
    ['call io-uring', '`io_uring`'],
    ['call io-uring-worker', '`io_uring`, by a thread of the ring (IOSQE_ASYNC)'],
    ['call io-uring-poller', '`io_uring`, by a thread of the kernel (SQPOLL)'],
    ['call int80', 'a 32-bit call, `int 0x80`'],
    ['call rewritten-path', 'another thread rewrites the path, 10,000 tries'],
    ['call swapped-descriptor', 'another thread swaps the descriptor, 10,000 tries'],
    ['call flood', '10,000 tries and one more'],
    ['call first-call', 'the first call of a new process'],
    ['call memfd-program', 'a program from memory (`execveat` on a memfd)'],
    ['call loader', '`ld.so PROGRAM`'],
    ['name hard-link', 'a hard link to it'],
    ['name bind-file', 'a bind mount of the file'],
    ['name bind-folder', 'a bind mount of its folder'],
    ['name renamed-parent', 'its folder is renamed'],
  ]),
};

/** To reach an address that a rule names. */
export const ADDRESSES: Table = {
  heading: 'Addresses',
  ways: new Map([
    ['network connect', '`connect`'],
    ['network nonblocking', '`connect` that does not wait'],
    ['network mapped', 'IPv4 in IPv6'],
    ['network fast-open-sendto', '`sendto` with MSG_FASTOPEN'],
    ['network fast-open-sendmsg', '`sendmsg` with MSG_FASTOPEN'],
    ['network fast-open-connect', 'TCP_FASTOPEN_CONNECT, then `write`'],
    ['network io-uring', '`io_uring`'],
    ['network io-uring-worker', '`io_uring`, by a thread of the ring (IOSQE_ASYNC)'],
    ['network io-uring-poller', '`io_uring`, by a thread of the kernel (SQPOLL)'],
    ['network io-uring-fast-open', '`io_uring`, MSG_FASTOPEN'],
    ['network int80', 'a 32-bit call, `int 0x80`'],
    ['network rewritten-address', 'another thread rewrites the address, 10,000 tries'],
    ['network flood', '10,000 tries and one more'],
    ['network first-call', 'the first call of a new process'],
    ['network datagram', 'a datagram'],
    ['network mapped-datagram', 'a datagram, IPv4 in IPv6'],
    ['network second-datagram', 'the second of two datagrams by one `sendmmsg`'],
    ['network io-uring-datagram', 'a datagram by `io_uring`'],
    ['network by-hand', 'a raw socket, and a packet that names another address than the call'],
  ]),
};

/** Tries one way: does it lead there? `to` is what the act asks for besides. */
export async function reaches(way: string, to: readonly string[]): Promise<boolean> {
  const [name = '', how = ''] = way.split(' ');
  return (await act(`kernel/evade-${name}`, how, ...to)).reached === 1;
}

/** Of the kernel that runs: `6.12`. */
export function kernelColumn(kind: Column['kind']): Column {
  return { kind, kernel: release().split('.').slice(0, 2).join('.') };
}

/** What the document says of a column, by the words for the way; `undefined`: it has no such column. */
export function written(
  { heading }: Table,
  { kind, kernel }: Column,
): Map<string, string> | undefined {
  const [, section = ''] = readFileSync(DOCS, 'utf8').split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const at = rows[0]?.indexOf(`${kind}, ${kernel}`) ?? -1;
  if (at < 0) return undefined;
  return new Map(rows.slice(2).map((row) => [row[1] ?? '', row[at] ?? '']));
}

/** The same of what was seen. Also told to the script that writes the document, past the test runner. */
export function seen(
  { heading, ways }: Table,
  column: Column,
  outcomes: ReadonlyMap<string, Outcome>,
): Map<string, string> {
  const told = new Map([...outcomes].map(([way, outcome]) => [ways.get(way) ?? way, outcome]));
  writeSync(2, `evasion ${JSON.stringify({ heading, ...column, rows: [...told] })}\n`);
  return told;
}
