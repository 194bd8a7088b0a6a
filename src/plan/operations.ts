// The one list of operations that can be denied: which system calls they are to a rule, what of the
// fields of those is known before they happen, and which programs see them. That of the events by which the
// kernel kills is kill-events.ts.

import { verdict_operation } from '../abi/layout.js';
import { typeNumber } from '../rules/events.js';

/** Which text of which path a field is at a hook. */
export interface PathField {
  /** The first or the second path of the operation. */
  readonly object: 1 | 2;
  readonly part: 'whole' | 'directory' | 'filename';
}

/** Something that can be denied, or for which the kernel can kill. */
export interface Operation {
  /** `enum verdict_operation`, or `enum kill_event`. */
  readonly number: number;
  /** For people. */
  readonly name: string;
  /** Native numbers of the calls that do it, the usual one first; VERDICT_CALLS at most. */
  readonly types: readonly number[];
  /** Programs of the object that see it, at hooks of LSM and of cgroups. */
  readonly programs: readonly string[];
  /** Those that see it where there is no LSM; not everything is seen then, see `lsmClauses`. */
  readonly withoutLsm: readonly string[];
  /** Which ends of a socket are known; `told`: the server's, whoever that is. */
  readonly ends: 'none' | 'server' | 'both' | 'told';
  /** Whom it is aimed at is known: a process. */
  readonly hasTarget: boolean;
  /** It makes or uses a socket. */
  readonly hasSocket: boolean;
  /** The parameter of its calls that is known: a family, a signal, a command. */
  readonly parameter: string | undefined;
  /** All arguments are known: it has been done. */
  readonly hasArguments: boolean;
  /** What it returns: anything but an error, or some error, or this. */
  readonly result: 'works' | 'fails' | number;
  /** Fields of its paths. */
  readonly paths: Readonly<Record<string, PathField>>;
  /** How the file is opened is known. */
  readonly hasMode: boolean;
  /** What kind of object it is about is known. */
  readonly hasKind: boolean;
  /** To a rule the process has the new program already, which is the object. */
  readonly isExec: boolean;
}

const CONNECTS = ['deny_connect4', 'deny_connect6'];
const BINDS = ['deny_bind4', 'deny_bind6'];
const SENDS = ['deny_sendmsg4', 'deny_sendmsg6'];
const NAMED_MOUNT = { 'fs.path.name': { object: 1, part: 'whole' } } as const;
const WHOLE: PathField = { object: 1, part: 'whole' };

const SECOND: PathField = { object: 2, part: 'whole' };
const NAMED = { 'fs.path.name': WHOLE, 'evt.abspath': WHOLE };
const OPENED = { 'fd.name': WHOLE, 'fs.path.name': WHOLE };

/** Fields of the object of a descriptor. */
export const DESCRIPTOR = {
  'fd.name': WHOLE,
  'fd.directory': { object: 1, part: 'directory' },
  'fd.filename': { object: 1, part: 'filename' },
} as const;
const OPEN = {
  paths: { ...DESCRIPTOR, 'fs.path.name': WHOLE, 'evt.abspath': WHOLE },
  hasMode: true,
  hasKind: true,
} as const;

/** By `enum verdict_operation`; those that are not here cannot be denied. */
export const OPERATIONS: readonly Operation[] = [
  operation('OPEN', 'openat open openat2 creat open_by_handle_at', ['deny_open'], OPEN),
  operation('EXEC', 'execve execveat', ['deny_exec'], { isExec: true }),
  operation('UNLINK', 'unlink unlinkat', ['deny_unlink'], { paths: NAMED }),
  operation('RMDIR', 'rmdir unlinkat', ['deny_rmdir'], { paths: NAMED }),
  operation('RENAME', 'rename renameat renameat2', ['deny_rename', 'deny_exchange'], {
    paths: {
      'fs.path.source': WHOLE,
      'evt.abspath.src': WHOLE,
      'fs.path.target': SECOND,
      'evt.abspath.dst': SECOND,
    },
  }),
  // Falco calls the new path of a link its source.
  operation('LINK', 'link linkat', ['deny_link'], {
    paths: { 'fs.path.target': WHOLE, 'fs.path.source': SECOND },
  }),
  operation('SYMLINK', 'symlink symlinkat', ['deny_symlink'], {
    paths: { 'fs.path.source': SECOND },
  }),
  operation('MKDIR', 'mkdir mkdirat', ['deny_mkdir'], { paths: NAMED }),
  operation('MKNOD', 'mknod mknodat', ['deny_mknod'], { paths: { 'evt.abspath': WHOLE } }),
  operation('CHMOD', 'chmod fchmodat fchmod fchmodat2', ['deny_chmod'], { paths: OPENED }),
  operation('CHOWN', 'chown fchownat lchown fchown', ['deny_chown'], { paths: OPENED }),
  operation('TRUNCATE', 'truncate ftruncate', ['deny_truncate', 'deny_ftruncate'], {
    paths: { 'fd.name': WHOLE, 'evt.arg.path': WHOLE },
  }),
  operation('MOUNT', 'mount move_mount', ['deny_mount', 'deny_move_mount'], { paths: NAMED_MOUNT }),
  operation('UMOUNT', 'umount2', ['deny_umount'], { paths: NAMED_MOUNT }),
  operation(
    'PTRACE',
    'ptrace process_vm_readv process_vm_writev pidfd_getfd',
    ['deny_ptrace', 'deny_traceme'],
    { parameter: 'request', hasTarget: true },
  ),
  operation(
    'SIGNAL',
    'kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo',
    ['deny_signal'],
    { parameter: 'sig', hasTarget: true },
  ),
  operation('MODULE', 'finit_module init_module', ['deny_module', 'deny_module_data']),
  operation('BPF', 'bpf', ['deny_bpf'], { parameter: 'cmd' }),
  operation('SOCKET', 'socket socketpair', ['deny_socket'], {
    withoutLsm: ['deny_sock'],
    hasSocket: true,
    parameter: 'domain',
  }),
  operation('CONNECT', 'connect', [...CONNECTS, 'deny_connect'], {
    withoutLsm: CONNECTS,
    ends: 'both',
    hasSocket: true,
  }),
  operation('BIND', 'bind', [...BINDS, 'deny_bind'], {
    withoutLsm: BINDS,
    ends: 'server',
    hasSocket: true,
  }),
  operation('LISTEN', 'listen', ['deny_listen'], { ends: 'server', hasSocket: true }),
  operation('SEND', 'sendto sendmsg sendmmsg', [...SENDS, 'deny_send'], {
    withoutLsm: SENDS,
    ends: 'both',
    hasSocket: true,
  }),
];

/** The operation of a number; `undefined` when it cannot be denied. */
export function operationOf(number: number): Operation | undefined {
  return OPERATIONS.find((one) => one.number === number);
}

/** What is known of an operation. */
export type Details = Partial<Omit<Operation, 'number' | 'name' | 'types' | 'programs'>>;

function operation(
  name: keyof typeof verdict_operation extends `VERDICT_${infer Name}` ? Name : never,
  calls: string,
  programs: readonly string[],
  more: Details = {},
): Operation {
  return described(verdict_operation[`VERDICT_${name}`], name, calls, programs, more);
}

/** An operation of which nothing is known but what is said. */
export function described(
  number: number,
  name: string,
  calls: string,
  programs: readonly string[],
  more: Details = {},
): Operation {
  return {
    number,
    name: name.toLowerCase(),
    types: calls.split(' ').flatMap((call) => typeNumber(call) ?? []),
    programs,
    withoutLsm: [],
    ends: 'none',
    hasTarget: false,
    hasSocket: false,
    parameter: undefined,
    hasArguments: false,
    result: 'works',
    paths: {},
    hasMode: false,
    hasKind: false,
    isExec: false,
    ...more,
  };
}
