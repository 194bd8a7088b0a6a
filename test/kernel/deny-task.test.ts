// What processes do to others and to the host, denied by rules: signals, tracing, mounts, modules, BPF.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verdict_operation } from '../../src/abi/layout.js';
import { lsmRules } from '../../src/plan/verdict-programs.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';
import { Denier, hasLsm } from './deny-harness.js';
import { holdings, nativeNumber, warmHoldings } from './harness.js';
import { Python } from './python.js';

let denier: Denier;
let interpreter: Python;
let folder = '';
let before: ReturnType<typeof holdings>;

/** What each of some lines of Python comes to: `done`, or the number of the error. */
async function python(...lines: string[]): Promise<string[]> {
  return (await interpreter.run(...lines)).said;
}

/** Not by posix_spawn: until its exec has ended such a child has the memory of who made it. */
const child = `other = os.fork() or signal.pause()`;
const end = 'os.kill(other, signal.SIGKILL)';

describe.skipIf(!hasLsm)('deeds of processes', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deny-'));
    before = warmHoldings();
    denier = new Denier();
    interpreter = new Python();
  });

  beforeEach(() => {
    denier.tellings();
  });

  afterAll(async () => {
    await interpreter.close();
    denier.close();
    rmSync(folder, { recursive: true });
    expect(holdings()).toEqual(before);
  });

  test('a signal is denied by its number, in whatever way it is sent', async () => {
    denier.use('evt.type in (kill, tkill, tgkill) and evt.arg.sig = SIGUSR1');
    const to = (line: string): string => `${child}\ntry: ${line}\nfinally: ${end}`;
    expect(
      await python(
        to('os.kill(other, signal.SIGUSR1)'),
        to(`call(${nativeNumber('tkill')}, other, 10)`),
        to('signal.pidfd_send_signal(os.pidfd_open(other), signal.SIGUSR1)'),
        to('os.kill(other, signal.SIGUSR2)'),
      ),
    ).toEqual(['1', '1', '1', 'done']);
    const told = denier.tell();
    expect(told.map(({ operation }) => operation)).toEqual(
      Array.from({ length: 3 }, () => verdict_operation.VERDICT_SIGNAL),
    );
    expect(told.map(({ type }) => type)).toEqual(
      ['kill', 'tkill', 'pidfd_send_signal'].map(nativeNumber),
    );
    expect(denier.count()).toMatchObject({ denied: 3n });
  });

  test('tracing is denied, as are its other ways', async () => {
    denier.use('evt.type = ptrace and proc.name = python3');
    const to = (line: string): string => `${child}\ntry: ${line}\nfinally: ${end}`;
    expect(
      (
        await python(
          to(`call(${nativeNumber('ptrace')}, ctypes.c_long(16), ctypes.c_long(other), 0, 0)`),
          // of one that has ended the memory could be opened
          to(
            `open('/proc/%d/mem' % other, 'rb'); raise OSError(os.waitpid(other, os.WNOHANG)[1], 'opened')`,
          ),
          `call(${nativeNumber('ptrace')}, ctypes.c_long(0), ctypes.c_long(0), 0, 0)`,
          to(`open('/proc/%d/status' % other).read()`),
        )
      ).map((said) => said.replace('13', '1')), // an open turns EPERM of this hook into EACCES
    ).toEqual(['1', '1', '1', 'done']);
    expect(denier.count()).toMatchObject({ denied: 3n });
  });

  test('what is asked of ptrace is told apart, and what goes round it asks for nothing', async () => {
    denier.use('evt.type = ptrace and evt.arg.request = PTRACE_ATTACH and proc.name = python3');
    const trace = (request: number) =>
      `call(${nativeNumber('ptrace')}, ctypes.c_long(${request}), ctypes.c_long(other), 0, 0)`;
    // Its end is waited for: a signal that comes to who is traced stops it, and nobody lets it go on.
    const to = (line: string): string =>
      `${child}\ntry: ${line}\nfinally: ${end}; os.waitpid(other, 0)`;
    expect(
      await python(
        to(trace(16)),
        to(trace(0x4206)),
        to(`open('/proc/%d/mem' % other, 'rb')`),
        `call(${nativeNumber('ptrace')}, ctypes.c_long(0), ctypes.c_long(0), 0, 0)`,
      ),
    ).toEqual(['1', 'done', 'done', 'done']);
    denier.use('evt.type = ptrace and not evt.arg.request = PTRACE_TRACEME');
    expect(
      await python(
        to(trace(0x4206)),
        `call(${nativeNumber('ptrace')}, ctypes.c_long(0), ctypes.c_long(0), 0, 0)`,
      ),
    ).toEqual(['1', 'done']);
  });

  // The kernel asks nobody: there is no memory any more. Later ones than 6.1 say so (ESRCH).
  test('of a process that has ended there is no memory to read', async () => {
    denier.use('evt.type = ptrace and proc.name = python3');
    const ended = `${child}; ${end}; os.waitid(os.P_PID, other, os.WEXITED | os.WNOWAIT)
if os.read(os.open('/proc/%d/mem' % other, os.O_RDONLY), 1): raise OSError(1, 'read')`;
    expect(['done', '3']).toContain((await python(ended)).join());
    expect(denier.count()).toMatchObject({ denied: 0n });
  });

  test('a mount is denied by where it is to be, in both interfaces, and so is its end', async () => {
    denier.use(
      `evt.type = mount and fs.path.name = ${folder}`,
      `evt.type = umount2 and fs.path.name startswith /proc`,
    );
    const bytes = (text: string): string => `b'${text}'`;
    const tree = `tree = libc.syscall(${nativeNumber('open_tree')}, -100, b'/proc/self/fd/..', 1)`;
    expect(
      await python(
        `call(${nativeNumber('mount')}, b'none', ${bytes(folder)}, b'tmpfs', 0, 0)`,
        `${tree}\ncall(${nativeNumber('move_mount')}, tree, b'', -100, ${bytes(folder)}, 4)`,
        `call(${nativeNumber('umount2')}, b'/proc', 0)`,
        `call(${nativeNumber('mount')}, b'none', b'/mnt', b'tmpfs', 0, 0)`,
        `call(${nativeNumber('umount2')}, b'/mnt', 0)`,
      ),
    ).toEqual(['1', '1', '1', 'done', 'done']);
    expect(denier.tell().map(({ path }) => path)).toEqual([folder, folder, '/proc']);
  });

  test('modules are not loaded, from a file or from memory', async () => {
    const load = [
      `call(${nativeNumber('finit_module')}, os.open('/etc/passwd', 0), b'', 0)`,
      `call(${nativeNumber('init_module')}, ctypes.create_string_buffer(64), 64, b'')`,
    ];
    expect(await python(...load)).toEqual(['8', '8']); // ENOEXEC
    denier.use('evt.type in (init_module, finit_module) and not proc.name = modprobe');
    expect(await python(...load)).toEqual(['1', '1']);
    expect(denier.tell().map(({ type }) => type)).toEqual(
      ['finit_module', 'init_module'].map(nativeNumber),
    );
  });

  test('commands of bpf are told apart', async () => {
    denier.use('evt.type = bpf and evt.rawarg.cmd = 11 and proc.name = python3');
    const command = (number: number): string =>
      `call(${nativeNumber('bpf')}, ${number}, ctypes.create_string_buffer(16), 16)`;
    expect(await python(command(11), command(12))).toEqual(['1', 'done']);
  });

  test('sockets are denied by family, and unix sockets their listening', async () => {
    denier.use(
      'evt.type = socket and evt.arg.domain = AF_PACKET',
      'evt.type = listen and fd.type = unix',
      'evt.type = connect and fd.type = unix and proc.name = python3',
    );
    const path = join(folder, 'socket');
    expect(
      await python(
        'socket.socket(socket.AF_PACKET, socket.SOCK_RAW)',
        'socket.socket(socket.AF_INET)',
        `s = socket.socket(socket.AF_UNIX); s.bind('${path}'); s.listen()`,
        'socket.socket(socket.AF_INET).listen()',
        `socket.socket(socket.AF_UNIX).connect('${path}')`,
      ),
    ).toEqual(['1', 'done', '1', 'done', '1']);
  });

  test('what is sent over a connection is denied by who is at its other end', async () => {
    denier.use('evt.type = sendto and fd.sip = 127.0.0.1 and fd.l4proto = tcp');
    const connected = `
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen()
s = socket.socket(); s.connect(server.getsockname())
s.send(b'x')`;
    expect(
      await python(connected, connected.replace("s.send(b'x')", "os.write(s.fileno(), b'x')")),
    ).toEqual(['1', '1']);
  });

  test('raw sockets and ping are no way round an address', async () => {
    denier.use('evt.type in (connect, sendto) and fd.sip = 127.0.0.1');
    expect(
      await python(
        `socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).connect(('127.0.0.1', 0))`,
        `socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(b'x' * 8, ('127.0.0.1', 0))`,
        `socket.socket(socket.AF_INET).sendto(b'x', socket.MSG_FASTOPEN, ('127.0.0.1', 9))`,
        `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))`,
        `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.2', 9))`,
      ),
    ).toEqual(['1', '1', '1', '1', 'done']);
    const { denied, untold, lost } = denier.count();
    expect([denied, untold, lost]).toEqual([4n, 0n, 0n]);
  });
});

test('what only LSM hooks see is known as such', () => {
  const conditions = [
    'evt.type = ptrace and proc.name = gdb',
    'evt.type = connect and fd.sport = 22',
    'evt.type = socket and evt.arg.domain = AF_PACKET',
    'evt.type = socket and evt.arg.domain = AF_INET6',
  ];
  const { plan, refused } = planVerdicts(
    conditions.map((text, rule) => ({
      rule,
      condition: parseCondition(text),
      mode: 'on' as const,
      denyOnError: false,
    })),
  );
  expect([...refused.values()]).toEqual([]);
  expect(plan === undefined ? [] : [...lsmRules(plan)]).toEqual([0, 2]);
});
