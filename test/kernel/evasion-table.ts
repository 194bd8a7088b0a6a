// docs/evasion.md as data: what each way round a rule comes to, by kernel. The table is written by
// test/vm/evasion.sh from what the tests see, and the tests hold what they see against it.

import { readFileSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';

/** What came of one way. */
export type Outcome = 'denied' | 'detected' | 'not stopped' | 'not detected' | 'not possible';

/** A column: of which kind of rule, on which kernel. */
export interface Column {
  kind: 'deny' | 'detect';
  kernel: string;
}

const DOCS = join(import.meta.dirname, '../../docs/evasion.md');

/** Ways to reach a file that a rule names by its path, with what the table says of them. */
export const WAYS: ReadonlyMap<string, string> = new Map([
  ['path', 'by its path'],
  ['relative', 'a path relative to its folder'],
  ['openat', 'a descriptor of its folder'],
  ['dots', '`.` and `..` in the path'],
  ['symlink-last', 'a symbolic link to it'],
  ['symlink-middle', 'a symbolic link to its folder'],
  ['proc-self-root', '`/proc/self/root`'],
  ['proc-pid-root', '`/proc/PID/root` of a process with mounts of its own'],
  ['mount-namespace', 'a mount namespace'],
  ['o-path', 'O_PATH, then `/proc/self/fd`'],
  ['file-handle', '`open_by_handle_at`'],
  ['chroot', 'chroot to its folder, by root of the host'],
  ['io-uring', '`io_uring`'],
  ['int80', 'a 32-bit call, `int 0x80`'],
  ['rewritten-path', 'another thread rewrites the path, 10,000 tries'],
  ['swapped-descriptor', 'another thread swaps the descriptor, 10,000 tries'],
  ['flood', '10,000 tries and one more'],
  ['first-call', 'the first call of a new process'],
  ['memfd-program', 'a program from memory (`execveat` on a memfd)'],
  ['loader', '`ld.so PROGRAM`'],
  ['hard-link', 'a hard link to it'],
  ['bind-file', 'a bind mount of the file'],
  ['bind-folder', 'a bind mount of its folder'],
  ['renamed-parent', 'its folder is renamed'],
]);

/** Of the kernel that runs: `6.12`. */
export function kernelColumn(kind: Column['kind']): Column {
  return { kind, kernel: release().split('.').slice(0, 2).join('.') };
}

/** What the document says of a column, by the words for the way; `undefined`: it has no such column. */
export function written({ kind, kernel }: Column): Map<string, string> | undefined {
  const rows = readFileSync(DOCS, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const at = rows[0]?.indexOf(`${kind}, ${kernel}`) ?? -1;
  if (at < 0) return undefined;
  return new Map(rows.slice(2).map((row) => [row[1] ?? '', row[at] ?? '']));
}

/** The same of what was seen. Also told to the script that writes the document, past the test runner. */
export function seen(column: Column, outcomes: ReadonlyMap<string, Outcome>): Map<string, string> {
  writeSync(
    2,
    `evasion ${JSON.stringify({ ...column, outcomes: Object.fromEntries(outcomes) })}\n`,
  );
  return new Map([...outcomes].map(([way, outcome]) => [WAYS.get(way) ?? way, outcome]));
}
