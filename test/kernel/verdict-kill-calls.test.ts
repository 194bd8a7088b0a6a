// Rules that kill by calls other than opens, decided in the kernel: the process does not get to its next
// system call, and nobody reads the ring while it is killed.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { act, holdings, isEmulated, warmHoldings } from './harness.js';
import { Killer } from './kill-harness.js';

const run = promisify(execFile);
/** Calls of test/acts/call-then-write.c, with what tells those of its folder from all others. */
const CALLS: readonly (readonly [call: string, condition: string])[] = [
  ['unlink', 'fs.path.name = @/file'],
  ['unlinkat', 'fs.path.name endswith /file and evt.arg.name startswith @/'],
  ['rmdir', 'evt.abspath = @/sub'],
  ['rename', 'fs.path.source = @/file and fs.path.target = @/new'],
  ['renameat', 'fs.path.target startswith @'],
  ['renameat2', 'evt.abspath.src = @/file and evt.abspath.dst = @/new'],
  ['link', 'fs.path.target = @/file and fs.path.source = @/new'],
  ['linkat', 'fs.path.source = @/new'],
  ['symlink', 'fs.path.source = @/new'],
  ['symlinkat', 'evt.abspath.dst = @/new'],
  ['mkdir', 'fs.path.name = @/new'],
  ['mkdirat', 'evt.arg.path = @/new'],
  ['mknod', 'evt.abspath = @/new'],
  ['mknodat', 'evt.arg.path in (@/new, /nowhere)'],
  ['chmod', 'fs.path.name pmatch (@)'],
  ['fchmod', 'fd.name = @/file and fd.typechar = f'],
  ['fchmodat', 'fs.path.name = @/file'],
  ['chown', 'fs.path.name = @/file and evt.rawarg.uid = 0'],
  ['lchown', 'fs.path.name = @/file'],
  ['fchown', 'fd.directory = @ and fd.filename = file'],
  ['fchownat', 'fs.path.name = @/file'],
  ['truncate', 'user.uid = 0'],
  ['ftruncate', 'fd.name = @/file'],
  ['connect', 'fd.sip = 127.0.0.1 and fd.sport != 22 and fd.l4proto = tcp'],
  ['bind', 'fd.snet = 127.0.0.0/8'],
  ['listen', 'proc.name = call-then-write'],
  ['sendto', 'fd.sip = 127.0.0.1 and fd.l4proto = udp'],
  ['sendmsg', 'fd.sip = 127.0.0.1'],
  ['sendmmsg', 'fd.snet in (127.0.0.0/8)'],
  ['socket', 'evt.arg.domain = AF_PACKET'],
  ['socketpair', 'fd.type = unix'],
  ['mount', 'fs.path.name = @/sub'],
  ['umount2', 'fs.path.name = @/sub'],
  ['ptrace', 'evt.arg.request = PTRACE_SEIZE'],
  ['kill', 'evt.arg.sig = SIGWINCH'],
  ['tkill', 'evt.arg.sig = SIGWINCH'],
  ['tgkill', 'evt.rawarg.sig = 28'],
  ['bpf', 'evt.arg.cmd = BPF_MAP_CREATE'],
  ['setuid', 'evt.rawarg.uid = 4242 and user.uid = 4242'],
  ['setresgid', 'evt.rawarg.egid = 4242'],
  ['unshare', 'user.uid = 0'],
  ['prctl', 'proc.exepath endswith /call-then-write'],
  ['memfd_create', 'proc.name = call-then-write'],
  ['chdir', 'evt.abspath = @/sub/sub'],
];
/** The same of calls that fail, whose name is the last word. */
const FAILURES: readonly (readonly [deed: string, condition: string])[] = [
  ['missing open', 'fd.name = @/new'],
  ['missing openat', 'fd.directory = @ and evt.is_open_write = true and evt.res = ENOENT'],
  ['missing openat', 'evt.abspath startswith @/ and evt.arg.fd != EACCES and evt.failed = true'],
  ['missing unlink', 'evt.arg.path = @/new and evt.failed = true'],
  ['missing rename', 'evt.abspath.dst = @/sub and evt.rawres = -2'],
  ['missing execve', 'proc.exepath endswith /call-then-write and not evt.res in (EACCES, SUCCESS)'],
  ['missing execveat', 'evt.res in (ENOENT, EACCES)'],
  ['missing kill', 'evt.arg.sig = SIGWINCH and evt.res = ESRCH'],
  ['impossible clone', 'evt.rawres < 0'],
];
const OFTEN: ReadonlySet<string> = new Set(['unlink', 'rename', 'connect']);
let folder = '';
let before: ReturnType<typeof holdings>;
let killer: Killer;

beforeAll(() => {
  before = warmHoldings();
  folder = mkdtempSync(join(tmpdir(), 'kill-calls-'));
  mkdirSync(join(folder, 'other'));
  killer = new Killer([
    ...CALLS.map(([call]) => call),
    ...FAILURES.map(([deed]) => callOf(deed)),
    'accept4',
  ]);
});

afterEach(() => killer.forget());

afterAll(() => {
  killer.close();
  rmSync(folder, { recursive: true });
  expect(holdings()).toEqual(before);
});

function callOf(deed: string): string {
  return deed.split(' ').pop() ?? deed;
}

/** Puts one rule in force, about a call of the act. */
function useOf(deed: string, condition: string): void {
  const call = callOf(deed);
  killer.use('rule', [
    `evt.type = ${call} and proc.name = call-then-write and ${condition.replaceAll('@', folder)}`,
  ]);
}

function use(call: string, ...conditions: readonly string[]): void {
  const [, condition = ''] = CALLS.find(([name]) => name === call) ?? [];
  killer.use(
    call,
    [condition, ...conditions].map(
      (text) =>
        `evt.type = ${call} and proc.name = call-then-write and ${text.replaceAll('@', folder)}`,
    ),
  );
}

/** What came of children that make the call and then write a byte at once. */
async function tries(call: string, times: number, where = folder) {
  const { killed, bytes, error } = await act('call-then-write', call, where, String(times));
  killer.sensor.drain();
  return { killed, bytes, error };
}

describe.each(CALLS)('%s', (call) => {
  const times = OFTEN.has(call) && !isEmulated ? 200 : 3;

  test('who does it does not get to the next call', async () => {
    use(call);
    expect(await tries(call, times)).toEqual({ killed: times, bytes: 0, error: 0 });
    expect(killer.parts.map(({ killed }) => killed)).toEqual(
      Array.from({ length: times }, () => 1n),
    );
    expect(killer.verdicts.totals()).toMatchObject({ [`${call} 0`]: { killed: times } });
  });
});

test.each([
  ['unlink', 'fs.path.name = @/file2'],
  ['unlink', 'fs.path.name endswith 2'],
  ['rename', 'fs.path.target = @/file'],
  ['fchmod', 'fd.filename = other'],
  ['connect', 'fd.sip = 127.0.0.2'],
  ['connect', 'fd.sip != 127.0.0.1'],
  ['connect', 'fd.type != ipv4'],
  ['sendto', 'fd.l4proto = tcp'],
  ['tkill', 'evt.arg.sig != SIGWINCH'],
  ['ptrace', 'evt.arg.request in (PTRACE_ATTACH, PTRACE_CONT)'],
  ['setuid', 'user.uid = 0'],
  ['unlink', 'evt.failed = true'],
])('%s: who does not what the rule says goes on: %s', async (call, condition) => {
  useOf(call, condition);
  expect(await tries(call, 3)).toEqual({ killed: 0, bytes: 3, error: 0 });
  expect(killer.parts).toEqual([]);
});

test.each(FAILURES)('%s: who fails does not get to the next call: %s', async (deed, condition) => {
  useOf(deed, condition);
  expect(await tries(deed, 3)).toEqual({ killed: 3, bytes: 0, error: 0 });
  expect(killer.parts.map(({ killed }) => killed)).toEqual([1n, 1n, 1n]);
});

test.each([
  ['missing open', 'evt.res = EACCES'],
  ['missing open', 'evt.res = SUCCESS'],
  ['missing open', 'fd.name = @/file'],
  ['missing openat', 'evt.is_open_read = true and evt.failed = true'],
  ['missing openat', 'fd.directory = @/other'],
  // It has none, but that is for user space to say.
  ['missing openat', 'not fd.filename = other and evt.failed = true'],
  ['missing unlink', 'evt.res != ENOENT'],
  ['missing unlink', 'fs.path.name = @/new'],
  ['missing execve', 'evt.res = EACCES'],
  ['impossible clone', 'evt.res = EPERM'],
])('%s: who fails otherwise goes on: %s', async (deed, condition) => {
  useOf(deed, condition);
  expect(await tries(deed, 3)).toMatchObject({ killed: 0, bytes: 3 });
  expect(killer.parts).toEqual([]);
});

test('the same in another folder is no reason', async () => {
  use('unlink');
  expect(await tries('unlink', 3, join(folder, 'other'))).toEqual({
    killed: 0,
    bytes: 3,
    error: 0,
  });
  use('mkdir');
  expect(await tries('mkdir', 3, join(folder, 'other'))).toEqual({ killed: 0, bytes: 3, error: 0 });
});

test('a connection that is being made, and other ends', async () => {
  const script = `import os, socket, sys
server = socket.create_server(('127.0.0.1', 0))
def child(*lines):
    pid = os.fork()
    if not pid:
        for line in lines: exec(line)
        os._exit(0)
    return os.waitpid(pid, 0)[1]
begun = 's = socket.socket(); s.setblocking(False); s.connect_ex(server.getsockname())'
mapped = "s = socket.socket(socket.AF_INET6); s.connect(('::ffff:127.0.0.1', server.getsockname()[1]))"
accepted = 's = socket.create_connection(server.getsockname()); server.accept()'
refused = "s = socket.socket(); s.connect_ex(('127.0.0.1', 1))"
print([child(one) for one in (begun, mapped, accepted, refused)])`;
  const statuses = async () =>
    JSON.parse((await run('/usr/bin/python3', ['-c', script])).stdout) as number[];
  const KILLED = 9;
  killer.use('connect', ['evt.type = connect and fd.sip = 127.0.0.1 and proc.name = python3']);
  // Of a connection that was refused the ends are not known here.
  expect(await statuses()).toEqual([KILLED, KILLED, KILLED, 0]);
  killer.use('accept', ['evt.type = accept4 and fd.sip = 127.0.0.1 and proc.name = python3']);
  expect(await statuses()).toEqual([0, 0, KILLED, 0]);
});

test('without rules that kill nothing is jumped to', async () => {
  use('unlink');
  killer.verdicts.use(undefined, []);
  expect(await tries('unlink', 3)).toEqual({ killed: 0, bytes: 3, error: 0 });
});
