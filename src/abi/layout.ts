// Generated from bpf/abi.h by src/abi/generate.ts; never edited.
// Offsets are bytes from the start of the outermost struct named.

import { arrayAt, at } from './at.js';
import type { AbiLayout } from './layout-of.js';

/** Changes whenever the layout does. */
export const ABI_HASH = '6318a651b23444c3';

/** `struct address_part` */
export const address_part = {
  size: 24,
  family: at('u16', 0),
  port: at('u16', 2),
  pad0: at('u32', 4),
  address: arrayAt('u8', 8, 16, 1),
} as const;

/** `struct call_part` */
export const call_part = {
  size: 72,
  ret: at('s64', 0),
  args: arrayAt('u64', 8, 6, 8),
  extra: at('u64', 56),
  number: at('u32', 64),
  abi: at('u32', 68),
} as const;

/** `struct call_record` */
export const call_record = {
  size: 376,
  header: {
    at: 0,
    size: 24,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
  },
  task: {
    at: 24,
    size: 136,
    start_ns: at('u64', 24),
    exec_id: at('u64', 32),
    parent_start_ns: at('u64', 40),
    cgroup_id: at('u64', 48),
    cap_effective: at('u64', 56),
    cap_permitted: at('u64', 64),
    cap_inheritable: at('u64', 72),
    pid: at('u32', 80),
    tid: at('u32', 84),
    parent_pid: at('u32', 88),
    uid: at('u32', 92),
    gid: at('u32', 96),
    loginuid: at('u32', 100),
    session: at('u32', 104),
    pgid: at('u32', 108),
    vpid: at('u32', 112),
    vtid: at('u32', 116),
    vpgid: at('u32', 120),
    tty: at('u32', 124),
    pid_ns: at('u32', 128),
    mnt_ns: at('u32', 132),
    user_ns: at('u32', 136),
    net_ns: at('u32', 140),
    comm: arrayAt('char', 144, 16, 1),
  },
  call: {
    at: 160,
    size: 72,
    ret: at('s64', 160),
    args: arrayAt('u64', 168, 6, 8),
    extra: at('u64', 216),
    number: at('u32', 224),
    abi: at('u32', 228),
  },
  object: {
    at: 232,
    size: 72,
    inode: at('u64', 232),
    dev: at('u32', 240),
    mode: at('u32', 244),
    open_flags: at('u32', 248),
    fd: at('s32', 252),
    kind: at('u8', 256),
    flags: at('u8', 257),
    family: at('u16', 258),
    socket_type: at('u8', 260),
    socket_state: at('u8', 261),
    protocol: at('u16', 262),
    local_port: at('u16', 264),
    remote_port: at('u16', 266),
    pad0: at('u32', 268),
    local_address: arrayAt('u8', 272, 16, 1),
    remote_address: arrayAt('u8', 288, 16, 1),
  },
  address: {
    at: 304,
    size: 24,
    family: at('u16', 304),
    port: at('u16', 306),
    pad0: at('u32', 308),
    address: arrayAt('u8', 312, 16, 1),
  },
  path: at('span', 328),
  claimed: at('span', 336),
  base: at('span', 344),
  claimed2: at('span', 352),
  base2: at('span', 360),
  data: at('span', 368),
} as const;

/** `struct exec_record` */
export const exec_record = {
  size: 256,
  header: {
    at: 0,
    size: 24,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
  },
  task: {
    at: 24,
    size: 136,
    start_ns: at('u64', 24),
    exec_id: at('u64', 32),
    parent_start_ns: at('u64', 40),
    cgroup_id: at('u64', 48),
    cap_effective: at('u64', 56),
    cap_permitted: at('u64', 64),
    cap_inheritable: at('u64', 72),
    pid: at('u32', 80),
    tid: at('u32', 84),
    parent_pid: at('u32', 88),
    uid: at('u32', 92),
    gid: at('u32', 96),
    loginuid: at('u32', 100),
    session: at('u32', 104),
    pgid: at('u32', 108),
    vpid: at('u32', 112),
    vtid: at('u32', 116),
    vpgid: at('u32', 120),
    tty: at('u32', 124),
    pid_ns: at('u32', 128),
    mnt_ns: at('u32', 132),
    user_ns: at('u32', 136),
    net_ns: at('u32', 140),
    comm: arrayAt('char', 144, 16, 1),
  },
  inode: at('u64', 160),
  ctime_ns: at('u64', 168),
  mtime_ns: at('u64', 176),
  dev: at('u32', 184),
  mode: at('u32', 188),
  old_tid: at('u32', 192),
  exe_flags: at('u32', 196),
  argc: at('u32', 200),
  pad0: at('u32', 204),
  exe: at('span', 208),
  filename: at('span', 216),
  cwd: at('span', 224),
  argv: at('span', 232),
  env: at('span', 240),
  cgroup: at('span', 248),
} as const;

/** `struct exit_record` */
export const exit_record = {
  size: 184,
  header: {
    at: 0,
    size: 24,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
  },
  task: {
    at: 24,
    size: 136,
    start_ns: at('u64', 24),
    exec_id: at('u64', 32),
    parent_start_ns: at('u64', 40),
    cgroup_id: at('u64', 48),
    cap_effective: at('u64', 56),
    cap_permitted: at('u64', 64),
    cap_inheritable: at('u64', 72),
    pid: at('u32', 80),
    tid: at('u32', 84),
    parent_pid: at('u32', 88),
    uid: at('u32', 92),
    gid: at('u32', 96),
    loginuid: at('u32', 100),
    session: at('u32', 104),
    pgid: at('u32', 108),
    vpid: at('u32', 112),
    vtid: at('u32', 116),
    vpgid: at('u32', 120),
    tty: at('u32', 124),
    pid_ns: at('u32', 128),
    mnt_ns: at('u32', 132),
    user_ns: at('u32', 136),
    net_ns: at('u32', 140),
    comm: arrayAt('char', 144, 16, 1),
  },
  exit_code: at('u32', 160),
  exit_signal: at('u32', 164),
  core_dumped: at('u32', 168),
  reaper_pid: at('u32', 172),
  reaper_start_ns: at('u64', 176),
} as const;

/** `struct fork_record` */
export const fork_record = {
  size: 168,
  header: {
    at: 0,
    size: 24,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
  },
  task: {
    at: 24,
    size: 136,
    start_ns: at('u64', 24),
    exec_id: at('u64', 32),
    parent_start_ns: at('u64', 40),
    cgroup_id: at('u64', 48),
    cap_effective: at('u64', 56),
    cap_permitted: at('u64', 64),
    cap_inheritable: at('u64', 72),
    pid: at('u32', 80),
    tid: at('u32', 84),
    parent_pid: at('u32', 88),
    uid: at('u32', 92),
    gid: at('u32', 96),
    loginuid: at('u32', 100),
    session: at('u32', 104),
    pgid: at('u32', 108),
    vpid: at('u32', 112),
    vtid: at('u32', 116),
    vpgid: at('u32', 120),
    tty: at('u32', 124),
    pid_ns: at('u32', 128),
    mnt_ns: at('u32', 132),
    user_ns: at('u32', 136),
    net_ns: at('u32', 140),
    comm: arrayAt('char', 144, 16, 1),
  },
  clone_flags: at('u64', 160),
} as const;

/** `struct object_part` */
export const object_part = {
  size: 72,
  inode: at('u64', 0),
  dev: at('u32', 8),
  mode: at('u32', 12),
  open_flags: at('u32', 16),
  fd: at('s32', 20),
  kind: at('u8', 24),
  flags: at('u8', 25),
  family: at('u16', 26),
  socket_type: at('u8', 28),
  socket_state: at('u8', 29),
  protocol: at('u16', 30),
  local_port: at('u16', 32),
  remote_port: at('u16', 34),
  pad0: at('u32', 36),
  local_address: arrayAt('u8', 40, 16, 1),
  remote_address: arrayAt('u8', 56, 16, 1),
} as const;

/** `struct record_header` */
export const record_header = {
  size: 24,
  time_ns: at('u64', 0),
  length: at('u32', 8),
  kind: at('u16', 12),
  type: at('u16', 14),
  plan: at('u32', 16),
  cpu: at('u32', 20),
} as const;

/** `struct span` */
export const span = {
  size: 8,
  offset: at('u16', 0),
  length: at('u16', 2),
  flags: at('u16', 4),
  pad0: at('u16', 6),
} as const;

/** `struct task_part` */
export const task_part = {
  size: 136,
  start_ns: at('u64', 0),
  exec_id: at('u64', 8),
  parent_start_ns: at('u64', 16),
  cgroup_id: at('u64', 24),
  cap_effective: at('u64', 32),
  cap_permitted: at('u64', 40),
  cap_inheritable: at('u64', 48),
  pid: at('u32', 56),
  tid: at('u32', 60),
  parent_pid: at('u32', 64),
  uid: at('u32', 68),
  gid: at('u32', 72),
  loginuid: at('u32', 76),
  session: at('u32', 80),
  pgid: at('u32', 84),
  vpid: at('u32', 88),
  vtid: at('u32', 92),
  vpgid: at('u32', 96),
  tty: at('u32', 100),
  pid_ns: at('u32', 104),
  mnt_ns: at('u32', 108),
  user_ns: at('u32', 112),
  net_ns: at('u32', 116),
  comm: arrayAt('char', 120, 16, 1),
} as const;

/** `enum abi_limit` */
export const abi_limit = {
  MAX_PATH_BYTES: 4096,
  MAX_ARGV_BYTES: 4096,
  MAX_ENV_BYTES: 4096,
  MAX_DATA_BYTES: 256,
  COMM_BYTES: 16,
  SYSCALL_COUNT: 512,
  EVENT_TYPE_COUNT: 520,
  CLAUSE_WORDS: 8,
} as const;
/** A value of `enum abi_limit`. */
export type abi_limit = (typeof abi_limit)[keyof typeof abi_limit];

/** `enum call_abi` */
export const call_abi = {
  ABI_NATIVE: 0,
  ABI_IA32: 1,
  ABI_X32: 2,
} as const;
/** A value of `enum call_abi`. */
export type call_abi = (typeof call_abi)[keyof typeof call_abi];

/** `enum event_type` */
export const event_type = {
  EVENT_FORK: 512,
  EVENT_EXEC: 513,
  EVENT_EXIT: 514,
  EVENT_TASK: 515,
  EVENT_RENAME: 516,
} as const;
/** A value of `enum event_type`. */
export type event_type = (typeof event_type)[keyof typeof event_type];

/** `enum exe_flag` */
export const exe_flag = {
  EXE_MEMFD: 1,
  EXE_UPPER_LAYER: 2,
  EXE_LOWER_LAYER: 4,
  EXE_WRITABLE: 8,
  EXE_SETUID: 16,
  EXE_SETGID: 32,
  EXE_FILECAPS: 64,
  EXE_KERNEL_THREAD: 128,
} as const;
/** A value of `enum exe_flag`. */
export type exe_flag = (typeof exe_flag)[keyof typeof exe_flag];

/** `enum object_flag` */
export const object_flag = {
  OBJECT_UPPER_LAYER: 1,
  OBJECT_LOWER_LAYER: 2,
  OBJECT_CREATED: 4,
  OBJECT_SHARED_TABLE: 8,
  OBJECT_ACCEPTED: 16,
  OBJECT_CONNECTED: 32,
  OBJECT_BOUND: 64,
} as const;
/** A value of `enum object_flag`. */
export type object_flag = (typeof object_flag)[keyof typeof object_flag];

/** `enum object_kind` */
export const object_kind = {
  OBJECT_NONE: 0,
  OBJECT_FILE: 1,
  OBJECT_DIRECTORY: 2,
  OBJECT_CHARDEV: 3,
  OBJECT_BLOCKDEV: 4,
  OBJECT_PIPE: 5,
  OBJECT_SOCKET: 6,
  OBJECT_MEMFD: 7,
  OBJECT_ANON: 8,
  OBJECT_OTHER: 9,
} as const;
/** A value of `enum object_kind`. */
export type object_kind = (typeof object_kind)[keyof typeof object_kind];

/** `enum record_kind` */
export const record_kind = {
  RECORD_NONE: 0,
  RECORD_FORK: 1,
  RECORD_EXEC: 2,
  RECORD_TASK: 3,
  RECORD_EXIT: 4,
  RECORD_CALL: 5,
} as const;
/** A value of `enum record_kind`. */
export type record_kind = (typeof record_kind)[keyof typeof record_kind];

/** `enum span_flag` */
export const span_flag = {
  SPAN_CUT: 1,
  SPAN_CLAIMED: 2,
  SPAN_DELETED: 4,
  SPAN_UNREACHABLE: 8,
} as const;
/** A value of `enum span_flag`. */
export type span_flag = (typeof span_flag)[keyof typeof span_flag];

/** The same as data, for check.ts and for tools that print any record. */
export const LAYOUT: AbiLayout = {
  structs: [
    {
      name: 'address_part',
      size: 24,
      members: [
        ['family', 0, 'u16'],
        ['port', 2, 'u16'],
        ['pad0', 4, 'u32'],
        ['address', 8, 'u8[16]'],
      ],
    },
    {
      name: 'call_part',
      size: 72,
      members: [
        ['ret', 0, 's64'],
        ['args', 8, 'u64[6]'],
        ['extra', 56, 'u64'],
        ['number', 64, 'u32'],
        ['abi', 68, 'u32'],
      ],
    },
    {
      name: 'call_record',
      size: 376,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['call', 160, 'call_part'],
        ['object', 232, 'object_part'],
        ['address', 304, 'address_part'],
        ['path', 328, 'span'],
        ['claimed', 336, 'span'],
        ['base', 344, 'span'],
        ['claimed2', 352, 'span'],
        ['base2', 360, 'span'],
        ['data', 368, 'span'],
      ],
    },
    {
      name: 'exec_record',
      size: 256,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['inode', 160, 'u64'],
        ['ctime_ns', 168, 'u64'],
        ['mtime_ns', 176, 'u64'],
        ['dev', 184, 'u32'],
        ['mode', 188, 'u32'],
        ['old_tid', 192, 'u32'],
        ['exe_flags', 196, 'u32'],
        ['argc', 200, 'u32'],
        ['pad0', 204, 'u32'],
        ['exe', 208, 'span'],
        ['filename', 216, 'span'],
        ['cwd', 224, 'span'],
        ['argv', 232, 'span'],
        ['env', 240, 'span'],
        ['cgroup', 248, 'span'],
      ],
    },
    {
      name: 'exit_record',
      size: 184,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['exit_code', 160, 'u32'],
        ['exit_signal', 164, 'u32'],
        ['core_dumped', 168, 'u32'],
        ['reaper_pid', 172, 'u32'],
        ['reaper_start_ns', 176, 'u64'],
      ],
    },
    {
      name: 'fork_record',
      size: 168,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['clone_flags', 160, 'u64'],
      ],
    },
    {
      name: 'object_part',
      size: 72,
      members: [
        ['inode', 0, 'u64'],
        ['dev', 8, 'u32'],
        ['mode', 12, 'u32'],
        ['open_flags', 16, 'u32'],
        ['fd', 20, 's32'],
        ['kind', 24, 'u8'],
        ['flags', 25, 'u8'],
        ['family', 26, 'u16'],
        ['socket_type', 28, 'u8'],
        ['socket_state', 29, 'u8'],
        ['protocol', 30, 'u16'],
        ['local_port', 32, 'u16'],
        ['remote_port', 34, 'u16'],
        ['pad0', 36, 'u32'],
        ['local_address', 40, 'u8[16]'],
        ['remote_address', 56, 'u8[16]'],
      ],
    },
    {
      name: 'record_header',
      size: 24,
      members: [
        ['time_ns', 0, 'u64'],
        ['length', 8, 'u32'],
        ['kind', 12, 'u16'],
        ['type', 14, 'u16'],
        ['plan', 16, 'u32'],
        ['cpu', 20, 'u32'],
      ],
    },
    {
      name: 'span',
      size: 8,
      members: [
        ['offset', 0, 'u16'],
        ['length', 2, 'u16'],
        ['flags', 4, 'u16'],
        ['pad0', 6, 'u16'],
      ],
    },
    {
      name: 'task_part',
      size: 136,
      members: [
        ['start_ns', 0, 'u64'],
        ['exec_id', 8, 'u64'],
        ['parent_start_ns', 16, 'u64'],
        ['cgroup_id', 24, 'u64'],
        ['cap_effective', 32, 'u64'],
        ['cap_permitted', 40, 'u64'],
        ['cap_inheritable', 48, 'u64'],
        ['pid', 56, 'u32'],
        ['tid', 60, 'u32'],
        ['parent_pid', 64, 'u32'],
        ['uid', 68, 'u32'],
        ['gid', 72, 'u32'],
        ['loginuid', 76, 'u32'],
        ['session', 80, 'u32'],
        ['pgid', 84, 'u32'],
        ['vpid', 88, 'u32'],
        ['vtid', 92, 'u32'],
        ['vpgid', 96, 'u32'],
        ['tty', 100, 'u32'],
        ['pid_ns', 104, 'u32'],
        ['mnt_ns', 108, 'u32'],
        ['user_ns', 112, 'u32'],
        ['net_ns', 116, 'u32'],
        ['comm', 120, 'char[16]'],
      ],
    },
  ],
  enums: [
    {
      name: 'abi_limit',
      values: [
        ['MAX_PATH_BYTES', 4096],
        ['MAX_ARGV_BYTES', 4096],
        ['MAX_ENV_BYTES', 4096],
        ['MAX_DATA_BYTES', 256],
        ['COMM_BYTES', 16],
        ['SYSCALL_COUNT', 512],
        ['EVENT_TYPE_COUNT', 520],
        ['CLAUSE_WORDS', 8],
      ],
    },
    {
      name: 'call_abi',
      values: [
        ['ABI_NATIVE', 0],
        ['ABI_IA32', 1],
        ['ABI_X32', 2],
      ],
    },
    {
      name: 'event_type',
      values: [
        ['EVENT_FORK', 512],
        ['EVENT_EXEC', 513],
        ['EVENT_EXIT', 514],
        ['EVENT_TASK', 515],
        ['EVENT_RENAME', 516],
      ],
    },
    {
      name: 'exe_flag',
      values: [
        ['EXE_MEMFD', 1],
        ['EXE_UPPER_LAYER', 2],
        ['EXE_LOWER_LAYER', 4],
        ['EXE_WRITABLE', 8],
        ['EXE_SETUID', 16],
        ['EXE_SETGID', 32],
        ['EXE_FILECAPS', 64],
        ['EXE_KERNEL_THREAD', 128],
      ],
    },
    {
      name: 'object_flag',
      values: [
        ['OBJECT_UPPER_LAYER', 1],
        ['OBJECT_LOWER_LAYER', 2],
        ['OBJECT_CREATED', 4],
        ['OBJECT_SHARED_TABLE', 8],
        ['OBJECT_ACCEPTED', 16],
        ['OBJECT_CONNECTED', 32],
        ['OBJECT_BOUND', 64],
      ],
    },
    {
      name: 'object_kind',
      values: [
        ['OBJECT_NONE', 0],
        ['OBJECT_FILE', 1],
        ['OBJECT_DIRECTORY', 2],
        ['OBJECT_CHARDEV', 3],
        ['OBJECT_BLOCKDEV', 4],
        ['OBJECT_PIPE', 5],
        ['OBJECT_SOCKET', 6],
        ['OBJECT_MEMFD', 7],
        ['OBJECT_ANON', 8],
        ['OBJECT_OTHER', 9],
      ],
    },
    {
      name: 'record_kind',
      values: [
        ['RECORD_NONE', 0],
        ['RECORD_FORK', 1],
        ['RECORD_EXEC', 2],
        ['RECORD_TASK', 3],
        ['RECORD_EXIT', 4],
        ['RECORD_CALL', 5],
      ],
    },
    {
      name: 'span_flag',
      values: [
        ['SPAN_CUT', 1],
        ['SPAN_CLAIMED', 2],
        ['SPAN_DELETED', 4],
        ['SPAN_UNREACHABLE', 8],
      ],
    },
  ],
};
