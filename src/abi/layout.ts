// Generated from bpf/abi.h by src/abi/generate.ts; never edited.
// Offsets are bytes from the start of the outermost struct named.

import { arrayAt, at } from './at.js';
import type { AbiLayout } from './layout-of.js';

/** Changes whenever the layout does. */
export const ABI_HASH = '6176f2e0090601ff';

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
  size: 80,
  ret: at('s64', 0),
  args: arrayAt('u64', 8, 6, 8),
  extra: at('u64', 56),
  extra2: at('u64', 64),
  number: at('u32', 72),
  abi: at('u32', 76),
} as const;

/** `struct call_record` */
export const call_record = {
  size: 400,
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
    size: 80,
    ret: at('s64', 160),
    args: arrayAt('u64', 168, 6, 8),
    extra: at('u64', 216),
    extra2: at('u64', 224),
    number: at('u32', 232),
    abi: at('u32', 236),
  },
  object: {
    at: 240,
    size: 88,
    inode: at('u64', 240),
    dev: at('u32', 248),
    mode: at('u32', 252),
    open_flags: at('u32', 256),
    fd: at('s32', 260),
    kind: at('u8', 264),
    flags: at('u8', 265),
    family: at('u16', 266),
    socket_type: at('u8', 268),
    socket_state: at('u8', 269),
    protocol: at('u16', 270),
    local_port: at('u16', 272),
    remote_port: at('u16', 274),
    pad0: at('u32', 276),
    sock: at('u64', 280),
    peer_sock: at('u64', 288),
    local_address: arrayAt('u8', 296, 16, 1),
    remote_address: arrayAt('u8', 312, 16, 1),
  },
  address: {
    at: 328,
    size: 24,
    family: at('u16', 328),
    port: at('u16', 330),
    pad0: at('u32', 332),
    address: arrayAt('u8', 336, 16, 1),
  },
  path: at('span', 352),
  claimed: at('span', 360),
  base: at('span', 368),
  claimed2: at('span', 376),
  base2: at('span', 384),
  data: at('span', 392),
} as const;

/** `struct call_slot` */
export const call_slot = {
  size: 20,
  number: at('u32', 0),
  program: arrayAt('char', 4, 16, 1),
} as const;

/** `struct control` */
export const control = {
  size: 192,
  wanted: arrayAt('u64', 0, 8, 8),
  wanted_ia32: arrayAt('u64', 64, 8, 8),
  reader_asleep: at('u32', 128),
  plan: at('u32', 132),
  pad0: arrayAt('u64', 136, 7, 8),
} as const;

/** `struct counter` */
export const counter = {
  size: 40,
  seen: at('u64', 0),
  filtered: at('u64', 8),
  suppressed: at('u64', 16),
  sent: at('u64', 24),
  lost: at('u64', 32),
} as const;

/** `struct exec_record` */
export const exec_record = {
  size: 264,
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
  pid_ns_start_ns: at('u64', 184),
  dev: at('u32', 192),
  mode: at('u32', 196),
  old_tid: at('u32', 200),
  exe_flags: at('u32', 204),
  argc: at('u32', 208),
  pad0: at('u32', 212),
  exe: at('span', 216),
  filename: at('span', 224),
  cwd: at('span', 232),
  argv: at('span', 240),
  env: at('span', 248),
  cgroup: at('span', 256),
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
  clone_flags: at('u64', 160),
  cloner_start_ns: at('u64', 168),
  cloner_pid: at('u32', 176),
  pad0: at('u32', 180),
} as const;

/** `struct object_part` */
export const object_part = {
  size: 88,
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
  sock: at('u64', 40),
  peer_sock: at('u64', 48),
  local_address: arrayAt('u8', 56, 16, 1),
  remote_address: arrayAt('u8', 72, 16, 1),
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

/** `struct rename_record` */
export const rename_record = {
  size: 160,
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
  MAX_PAYLOAD_BYTES: 80,
  COMM_BYTES: 16,
  SYSCALL_COUNT: 512,
  SYSCALL_WORDS: 8,
  SLOT_GENERIC: 512,
  SLOT_COUNT: 513,
  PROGRAM_NAME_BYTES: 16,
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
  RECORD_RENAME: 6,
} as const;
/** A value of `enum record_kind`. */
export type record_kind = (typeof record_kind)[keyof typeof record_kind];

/** `enum span_flag` */
export const span_flag = {
  SPAN_CUT: 1,
  SPAN_CLAIMED: 2,
  SPAN_DELETED: 4,
  SPAN_UNREACHABLE: 8,
  SPAN_FRONT_CUT: 16,
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
      size: 80,
      members: [
        ['ret', 0, 's64'],
        ['args', 8, 'u64[6]'],
        ['extra', 56, 'u64'],
        ['extra2', 64, 'u64'],
        ['number', 72, 'u32'],
        ['abi', 76, 'u32'],
      ],
    },
    {
      name: 'call_record',
      size: 400,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['call', 160, 'call_part'],
        ['object', 240, 'object_part'],
        ['address', 328, 'address_part'],
        ['path', 352, 'span'],
        ['claimed', 360, 'span'],
        ['base', 368, 'span'],
        ['claimed2', 376, 'span'],
        ['base2', 384, 'span'],
        ['data', 392, 'span'],
      ],
    },
    {
      name: 'call_slot',
      size: 20,
      members: [
        ['number', 0, 'u32'],
        ['program', 4, 'char[16]'],
      ],
    },
    {
      name: 'control',
      size: 192,
      members: [
        ['wanted', 0, 'u64[8]'],
        ['wanted_ia32', 64, 'u64[8]'],
        ['reader_asleep', 128, 'u32'],
        ['plan', 132, 'u32'],
        ['pad0', 136, 'u64[7]'],
      ],
    },
    {
      name: 'counter',
      size: 40,
      members: [
        ['seen', 0, 'u64'],
        ['filtered', 8, 'u64'],
        ['suppressed', 16, 'u64'],
        ['sent', 24, 'u64'],
        ['lost', 32, 'u64'],
      ],
    },
    {
      name: 'exec_record',
      size: 264,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['inode', 160, 'u64'],
        ['ctime_ns', 168, 'u64'],
        ['mtime_ns', 176, 'u64'],
        ['pid_ns_start_ns', 184, 'u64'],
        ['dev', 192, 'u32'],
        ['mode', 196, 'u32'],
        ['old_tid', 200, 'u32'],
        ['exe_flags', 204, 'u32'],
        ['argc', 208, 'u32'],
        ['pad0', 212, 'u32'],
        ['exe', 216, 'span'],
        ['filename', 224, 'span'],
        ['cwd', 232, 'span'],
        ['argv', 240, 'span'],
        ['env', 248, 'span'],
        ['cgroup', 256, 'span'],
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
      size: 184,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
        ['clone_flags', 160, 'u64'],
        ['cloner_start_ns', 168, 'u64'],
        ['cloner_pid', 176, 'u32'],
        ['pad0', 180, 'u32'],
      ],
    },
    {
      name: 'object_part',
      size: 88,
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
        ['sock', 40, 'u64'],
        ['peer_sock', 48, 'u64'],
        ['local_address', 56, 'u8[16]'],
        ['remote_address', 72, 'u8[16]'],
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
      name: 'rename_record',
      size: 160,
      members: [
        ['header', 0, 'record_header'],
        ['task', 24, 'task_part'],
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
        ['MAX_PAYLOAD_BYTES', 80],
        ['COMM_BYTES', 16],
        ['SYSCALL_COUNT', 512],
        ['SYSCALL_WORDS', 8],
        ['SLOT_GENERIC', 512],
        ['SLOT_COUNT', 513],
        ['PROGRAM_NAME_BYTES', 16],
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
        ['RECORD_RENAME', 6],
      ],
    },
    {
      name: 'span_flag',
      values: [
        ['SPAN_CUT', 1],
        ['SPAN_CLAIMED', 2],
        ['SPAN_DELETED', 4],
        ['SPAN_UNREACHABLE', 8],
        ['SPAN_FRONT_CUT', 16],
      ],
    },
  ],
};
