import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { encodeRecord } from '../../../src/decode/encode.js';
import { fieldReader } from '../../../src/enrich/fields.js';
import { LocalAddresses } from '../../../src/enrich/local-addresses.js';
import { compileCondition } from '../../../src/match/compile.js';
import { EVENT_EXIT, typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { callRecord, ip4 } from '../decode/record.js';
import { exec, exit, fork, offline, read, startOf, take, task } from './records.js';

function withShell() {
  const enricher = offline();
  take(enricher, exec(1, 0, ['/sbin/init']));
  take(enricher, exec(10, 1, ['/usr/sbin/sshd', '-D']));
  take(enricher, exec(20, 10, ['-bash', '-l'], { task: { comm: 'bash', session: 20 } }));
  take(enricher, fork(30, 20, { comm: 'bash', session: 20 }));
  return enricher;
}

test('fork and task records change state only, exec and exit are events', () => {
  const enricher = offline();
  expect(take(enricher, fork(30, 20))).toBeUndefined();
  expect(take(enricher, exec(30, 20, ['ls']))?.type).toBe(typeNumber('execve'));
  expect(take(enricher, exit(30, 20))?.type).toBe(EVENT_EXIT);
  expect(enricher.event_count).toBe(2);
});

test('what is asked of the environment holds for its variables joined with blanks', () => {
  const event = take(withShell(), exec(30, 20, ['ls']));
  if (event === undefined) throw new Error('no event');
  const cases = {
    'proc.env contains ""': true,
    'proc.env contains "HOME=/root"': true,
    'proc.env contains "home="': false,
    'proc.env icontains "home="': true,
    'proc.env contains "/root EMPTY= SP= x "': true,
    'proc.env icontains "T EMPTY"': true,
    'proc.env contains "x  "': false,
    'proc.env contains rootEMPTY': false,
    'proc.env contains "root\\x00EMPTY"': false,
    'proc.env startswith "HOME=/root"': true,
    'proc.env endswith " x "': true,
    'tolower(proc.env) contains "home="': true,
  };
  for (const [condition, wanted] of Object.entries(cases)) {
    const holds = compileCondition(parseCondition(condition), ({ name, argument }) =>
      fieldReader(name, argument),
    );
    expect(holds(event), condition).toBe(wanted);
  }
});

test('an exec has the new program before rules see it', () => {
  const enricher = withShell();
  const own = { exe_flags: 0, argc: 4 };
  const event = take(enricher, exec(30, 20, ['curl', '-k', 'http://x/ y', ''], { own }));
  expect(read(event, 'evt.type')).toBe('execve');
  expect(read(event, 'evt.rawres')).toBe(0);
  expect(read(event, 'evt.res')).toBe('SUCCESS');
  expect(read(event, 'proc.name')).toBe('curl');
  expect(read(event, 'proc.exe')).toBe('curl');
  expect(read(event, 'proc.exepath')).toBe('/usr/bin/curl');
  expect(read(event, 'proc.cmdline')).toBe('curl -k http://x/ y ');
  expect(read(event, 'proc.args', '1')).toBe('http://x/ y');
  expect(read(event, 'proc.args', '9')).toBe('');
  expect(read(event, 'proc.cmdnargs')).toBe(3);
  expect(read(event, 'proc.cwd')).toBe('/home/u/');
  expect(read(event, 'proc.env')).toBe('HOME=/root EMPTY= SP= x ');
  expect(read(event, 'proc.env', 'SP')).toBe('x');
  expect(read(event, 'proc.env', 'NO')).toBe('');
  expect(read(event, 'proc.pname')).toBe('bash');
  expect(read(event, 'proc.pcmdline')).toBe('bash -l');
  expect(read(event, 'proc.pexe')).toBe('-bash');
  expect(read(event, 'proc.aname')).toEqual(['bash', 'sshd', 'init']);
  expect(read(event, 'proc.aname', '0')).toBe('curl');
  expect(read(event, 'proc.aname', '2')).toBe('sshd');
  expect(read(event, 'proc.aname', '7')).toBeUndefined();
  expect(read(event, 'proc.aexe', '2')).toBe('/usr/sbin/sshd');
  expect(read(event, 'proc.aexepath')).toEqual(['/usr/bin/-bash', '/usr/sbin/sshd', '/sbin/init']);
  expect(read(event, 'proc.acmdline')).toEqual(['bash -l', 'sshd -D', 'init']);
  expect(read(event, 'proc.apid')).toEqual([20, 10, 1]);
  expect(read(event, 'proc.apid', '1')).toBe(20);
  expect(read(event, 'fd.name')).toBeUndefined();
  expect(read(event, 'evt.arg.exe')).toBe('curl');
  expect(read(event, 'evt.arg.args')).toBe('-k.http://x/ y.');
  expect(read(event, 'evt.arg.pid')).toBe('curl');
  expect(read(event, 'evt.arg.ptid')).toBe('bash');
  expect(read(event, 'evt.is_open_read')).toBe(false);
});

test('a failed exec has the old program', () => {
  const enricher = withShell();
  const record = callRecord('execve', {
    task: task(30, 20, { comm: 'bash' }),
    call: { ret: -2 },
    texts: { claimed: '/usr/bin/nope' },
  });
  const event = take(enricher, record);
  expect(read(event, 'evt.type')).toBe('execve');
  expect(read(event, 'evt.res')).toBe('ENOENT');
  expect(read(event, 'proc.cmdline')).toBe('bash -l');
  expect(read(event, 'evt.arg.filename')).toBe('/usr/bin/nope');
});

test('facts of the program file, flags and times', () => {
  const enricher = withShell();
  const own = { exe_flags: 1 | 2 | 8, ctime_ns: 1_700_000_020_000_000_000n, mtime_ns: 0n };
  const task = { cap_effective: (1n << 21n) | 1n, tty: 34816, loginuid: 0xffff_ffff };
  const event = take(enricher, exec(30, 20, ['x'], { own, task }));
  expect(read(event, 'proc.is_exe_from_memfd')).toBe(true);
  expect(read(event, 'proc.is_exe_upper_layer')).toBe(true);
  expect(read(event, 'proc.is_exe_lower_layer')).toBe(false);
  expect(read(event, 'proc.is_exe_writable')).toBe(true);
  expect(read(event, 'evt.arg.flags')).toBe('EXE_WRITABLE|EXE_UPPER_LAYER|EXE_FROM_MEMFD');
  expect(read(event, 'proc.exe_ino.ctime')).toBe(1_700_000_020_000_000_000n);
  expect(read(event, 'proc.exe_ino.mtime')).toBeUndefined();
  expect(read(event, 'proc.exe_ino.ctime_duration_proc_start')).toBe(10_000_000_007n);
  expect(read(event, 'proc.duration')).toBe(1_000_000_000_000n - startOf(30));
  expect(read(event, 'proc.pid.ts')).toBe(1_700_000_000_000_000_000n + startOf(30));
  expect(read(event, 'proc.exeline')).toBe('x ');
  expect(read(event, 'thread.cap_effective')).toBe('CAP_CHOWN CAP_SYS_ADMIN');
  expect(read(event, 'thread.cap_permitted')).toBe('');
  expect(read(event, 'proc.tty')).toBe(34816);
  expect(read(event, 'user.loginuid')).toBe(-1);
});

test('who enters a user namespace is asked what it could do before', () => {
  const enricher = withShell();
  take(enricher, exec(30, 20, ['x'], { task: { cap_permitted: 1n } }));
  const entered = { ...task(30, 20), cap_permitted: (1n << 21n) | 1n };
  const unshare = callRecord('unshare', { task: entered, call: { args: [0x1000_0000n] } });
  expect(read(take(enricher, unshare), 'thread.cap_permitted')).toBe('CAP_CHOWN');
  const later = callRecord('mount', { task: entered });
  expect(read(take(enricher, later), 'thread.cap_permitted')).toBe('CAP_CHOWN CAP_SYS_ADMIN');
});

test('the session leader, or the highest ancestor of the session', () => {
  const enricher = withShell();
  const inSession = { session: 20 };
  const event = take(enricher, exec(30, 20, ['ls'], { task: inSession }));
  expect(read(event, 'proc.sname')).toBe('bash');
  take(enricher, fork(31, 30, { session: 99, comm: 'ls' }));
  take(enricher, fork(32, 31, { session: 99, comm: 'deep' }));
  const orphan = take(enricher, exec(32, 31, ['x'], { task: { session: 99 } }));
  expect(read(orphan, 'proc.sname')).toBe('ls');
  const none = take(enricher, exec(30, 20, ['ls'], { task: { session: 77 } }));
  expect(read(none, 'proc.sname')).toBe('');
});

test('numbers and names come live from the record', () => {
  const enricher = withShell();
  const changed = task(30, 20, { uid: 1000, gid: 5, comm: 'renamed', vpgid: 30 });
  const event = take(enricher, callRecord('setuid', { task: changed, call: { args: [1000n] } }));
  expect(read(event, 'user.uid')).toBe(1000);
  expect(read(event, 'group.gid')).toBe(5);
  expect(read(event, 'proc.name')).toBe('renamed');
  expect(read(event, 'proc.is_vpgid_leader')).toBe(true);
  expect(read(event, 'thread.ismain')).toBe(true);
});

test('a new name shows at the children, without an event of the process itself', () => {
  const enricher = withShell();
  take(enricher, exec(30, 20, ['curl']));
  const before = enricher.event_count;
  const renamed = encodeRecord({ kind: 'rename', task: task(20, 10, { comm: 'kworker' }) });
  expect(take(enricher, renamed)).toBeUndefined();
  expect(enricher.event_count).toBe(before);
  const event = take(enricher, exit(30, 20));
  expect(read(event, 'proc.pname')).toBe('kworker');
  expect(read(event, 'proc.pcmdline')).toBe('kworker -l');
  expect(read(event, 'proc.aname')).toEqual(['kworker', 'sshd', 'init']);
});

test('a changed directory shows in the working directory', () => {
  const enricher = withShell();
  const chdir = callRecord('chdir', {
    task: task(30, 20),
    call: { ret: 0 },
    texts: { claimed: '../log', base: '/var/tmp', path: '/var/log' },
  });
  expect(read(take(enricher, chdir), 'proc.cwd')).toBe('/var/log/');
  const failed = callRecord('chdir', {
    task: task(30, 20),
    call: { ret: -2 },
    texts: { claimed: '/x' },
  });
  expect(read(take(enricher, failed), 'proc.cwd')).toBe('/var/log/');
});

test('an unknown process has the text <NA> for its program and no parent', () => {
  const enricher = offline();
  const event = take(enricher, callRecord('unlink', { task: task(555, 444, { comm: 'x' }) }));
  expect(read(event, 'proc.exe')).toBe('<NA>');
  expect(read(event, 'proc.exepath')).toBe('<NA>');
  expect(read(event, 'proc.pname')).toBeUndefined();
  expect(read(event, 'proc.aname')).toEqual([]);
  expect(read(event, 'proc.name')).toBe('x');
});

test('the first datagram to a peer changes the name, the second does not', () => {
  const enricher = offline({ addresses: new LocalAddresses(() => ['10.1.2.3']) });
  const record = (port: number) =>
    callRecord('recvfrom', {
      call: { ret: 5, args: [4n] },
      object: {
        fd: 4,
        inode: 9n,
        kind: object_kind.OBJECT_SOCKET,
        flags: object_flag.OBJECT_BOUND,
        family: 2,
        socket_type: 2,
        protocol: 17,
        local_address: ip4('10.1.2.3'),
        local_port: 53,
      },
      address: { family: 2, port, address: ip4('8.8.8.8') },
    });
  const changed = (port: number) => read(take(enricher, record(port)), 'fd.name_changed');
  expect([changed(7), changed(7), changed(8), changed(7)]).toEqual([true, false, true, true]);
  const event = take(enricher, record(7));
  expect(read(event, 'fd.rip')).toBe('\x08\x08\x08\x08');
  expect(read(event, 'fd.lip')).toBe('\x0a\x01\x02\x03');
});

test('the end of a process has its status', () => {
  const enricher = withShell();
  const event = take(enricher, exit(30, 20));
  expect(read(event, 'evt.type')).toBe('procexit');
  expect(read(event, 'evt.rawarg', 'ret')).toBe(3);
  expect(read(event, 'evt.rawarg', 'status')).toBe(768);
  expect(read(event, 'evt.rawres')).toBeUndefined();
});

test('random records change nothing that matters: no error, all refused or taken', () => {
  const seed = Date.now() % 1_000_000;
  console.info(`seed ${seed}`);
  let state = seed | 1;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const enricher = withShell();
  const fields = [
    'proc.cmdline',
    'proc.aname',
    'fd.name',
    'evt.args',
    'evt.res',
    'fd.sip',
    'container.id',
  ];
  let taken = 0;
  for (let round = 0; round < 3000; round += 1) {
    const memory = Buffer.alloc(random() % 700);
    for (let i = 0; i < memory.length; i += 1) memory[i] = random() & 255;
    const event = enricher.take(random() % 7, memory, 0, memory.length);
    if (event === undefined) continue;
    taken += 1;
    for (const name of fields) read(event, name);
  }
  expect(taken).toBeGreaterThan(0);
  expect(enricher.counters.malformed_records).toBeGreaterThan(0);
});
