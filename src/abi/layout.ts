// Generated from bpf/abi.h by src/abi/generate.ts; never edited.
// Offsets are bytes from the start of the outermost struct named.

import { arrayAt, at } from './at.js';
import type { AbiLayout } from './layout-of.js';

/** Changes whenever the layout does. */
export const ABI_HASH = 'e31b954e56bdc936';

/** `struct address_filter` */
export const address_filter = {
  size: 16,
  table: at('u32', 0),
  other_v4: at('u32', 4),
  other_v6: at('u32', 8),
  none: at('u32', 12),
} as const;

/** `struct address_key` */
export const address_key = {
  size: 24,
  prefix_bits: at('u32', 0),
  table: at('u16', 4),
  family: at('u16', 6),
  address: arrayAt('u8', 8, 16, 1),
} as const;

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
  size: 472,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  call: {
    at: 224,
    size: 80,
    ret: at('s64', 224),
    args: arrayAt('u64', 232, 6, 8),
    extra: at('u64', 280),
    extra2: at('u64', 288),
    number: at('u32', 296),
    abi: at('u32', 300),
  },
  object: {
    at: 304,
    size: 88,
    inode: at('u64', 304),
    dev: at('u32', 312),
    mode: at('u32', 316),
    open_flags: at('u32', 320),
    fd: at('s32', 324),
    kind: at('u8', 328),
    flags: at('u8', 329),
    family: at('u16', 330),
    socket_type: at('u8', 332),
    socket_state: at('u8', 333),
    protocol: at('u16', 334),
    local_port: at('u16', 336),
    remote_port: at('u16', 338),
    pad0: at('u32', 340),
    sock: at('u64', 344),
    peer_sock: at('u64', 352),
    local_address: arrayAt('u8', 360, 16, 1),
    remote_address: arrayAt('u8', 376, 16, 1),
  },
  address: {
    at: 392,
    size: 24,
    family: at('u16', 392),
    port: at('u16', 394),
    pad0: at('u32', 396),
    address: arrayAt('u8', 400, 16, 1),
  },
  path: at('span', 416),
  claimed: at('span', 424),
  base: at('span', 432),
  claimed2: at('span', 440),
  base2: at('span', 448),
  data: at('span', 456),
  kill: at('span', 464),
} as const;

/** `struct call_slot` */
export const call_slot = {
  size: 20,
  number: at('u32', 0),
  program: arrayAt('char', 4, 16, 1),
} as const;

/** `struct cgroup_key` */
export const cgroup_key = {
  size: 16,
  cgroup_id: at('u64', 0),
  slot: at('u32', 8),
  pad0: at('u32', 12),
} as const;

/** `struct classify_answer` */
export const classify_answer = {
  size: 72,
  open: {
    at: 0,
    size: 64,
    words: arrayAt('u64', 0, 8, 8),
  },
  filtered_at: at('u32', 64),
  pad0: at('u32', 68),
} as const;

/** `struct classify_request` */
export const classify_request = {
  size: 8496,
  plan: at('u32', 0),
  type: at('u32', 4),
  call: {
    at: 8,
    size: 80,
    ret: at('s64', 8),
    args: arrayAt('u64', 16, 6, 8),
    extra: at('u64', 64),
    extra2: at('u64', 72),
    number: at('u32', 80),
    abi: at('u32', 84),
  },
  object: {
    at: 88,
    size: 88,
    inode: at('u64', 88),
    dev: at('u32', 96),
    mode: at('u32', 100),
    open_flags: at('u32', 104),
    fd: at('s32', 108),
    kind: at('u8', 112),
    flags: at('u8', 113),
    family: at('u16', 114),
    socket_type: at('u8', 116),
    socket_state: at('u8', 117),
    protocol: at('u16', 118),
    local_port: at('u16', 120),
    remote_port: at('u16', 122),
    pad0: at('u32', 124),
    sock: at('u64', 128),
    peer_sock: at('u64', 136),
    local_address: arrayAt('u8', 144, 16, 1),
    remote_address: arrayAt('u8', 160, 16, 1),
  },
  address: {
    at: 176,
    size: 24,
    family: at('u16', 176),
    port: at('u16', 178),
    pad0: at('u32', 180),
    address: arrayAt('u8', 184, 16, 1),
  },
  cgroup_id: at('u64', 200),
  uid: at('u32', 208),
  standing: at('u32', 212),
  comm: arrayAt('char', 216, 16, 1),
  process: {
    at: 232,
    size: 64,
    words: arrayAt('u64', 232, 8, 8),
  },
  path_length: at('u32', 296),
  claimed_length: at('u32', 300),
  path: arrayAt('char', 304, 4096, 1),
  claimed: arrayAt('char', 4400, 4096, 1),
} as const;

/** `struct clause_set` */
export const clause_set = {
  size: 64,
  words: arrayAt('u64', 0, 8, 8),
} as const;

/** `struct comm_key` */
export const comm_key = {
  size: 24,
  comm: arrayAt('char', 0, 16, 1),
  slot: at('u32', 16),
  pad0: at('u32', 20),
} as const;

/** `struct control` */
export const control = {
  size: 384,
  wanted: arrayAt('u64', 0, 8, 8),
  wanted_ia32: arrayAt('u64', 64, 8, 8),
  unfiltered: arrayAt('u64', 128, 8, 8),
  plan: at('u32', 192),
  verdicts: at('u32', 196),
  entries: at('u64', 200),
  pad1: arrayAt('u64', 208, 6, 8),
  reader_asleep: at('u32', 256),
  pad2: at('u32', 260),
  pad3: arrayAt('u64', 264, 7, 8),
  epoch: at('u64', 320),
  pad4: arrayAt('u64', 328, 7, 8),
} as const;

/** `struct counter` */
export const counter = {
  size: 136,
  seen: at('u64', 0),
  filtered: at('u64', 8),
  suppressed: at('u64', 16),
  sent: at('u64', 24),
  lost: at('u64', 32),
  filtered_at: arrayAt('u64', 40, 12, 8),
} as const;

/** `struct exec_record` */
export const exec_record = {
  size: 344,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  epoch: at('u64', 224),
  inode: at('u64', 232),
  ctime_ns: at('u64', 240),
  mtime_ns: at('u64', 248),
  pid_ns_start_ns: at('u64', 256),
  dev: at('u32', 264),
  mode: at('u32', 268),
  old_tid: at('u32', 272),
  exe_flags: at('u32', 276),
  argc: at('u32', 280),
  pad0: at('u32', 284),
  exe: at('span', 288),
  filename: at('span', 296),
  cwd: at('span', 304),
  argv: at('span', 312),
  env: at('span', 320),
  kill: at('span', 328),
  cgroup: at('span', 336),
} as const;

/** `struct exit_record` */
export const exit_record = {
  size: 256,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  epoch: at('u64', 224),
  exit_code: at('u32', 232),
  exit_signal: at('u32', 236),
  core_dumped: at('u32', 240),
  reaper_pid: at('u32', 244),
  reaper_start_ns: at('u64', 248),
} as const;

/** `struct fork_record` */
export const fork_record = {
  size: 248,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  clone_flags: at('u64', 224),
  cloner_start_ns: at('u64', 232),
  cloner_pid: at('u32', 240),
  pad0: at('u32', 244),
} as const;

/** `struct guarded` */
export const guarded = {
  size: 32,
  start_ns: at('u64', 0),
  cgroup_id: at('u64', 8),
  pin_inode: at('u64', 16),
  pin_dev: at('u32', 24),
  pid: at('u32', 28),
} as const;

/** `struct head_class` */
export const head_class = {
  size: 16,
  word: at('u64', 0),
  set: at('u32', 8),
  pad0: at('u32', 12),
} as const;

/** `struct head_table` */
export const head_table = {
  size: 4104,
  multiplier: at('u64', 0),
  places: arrayAt('head_class', 8, 256, 16),
} as const;

/** `struct integer_filter` */
export const integer_filter = {
  size: 32,
  mask: at('u64', 0),
  source: at('u32', 8),
  shift: at('u32', 12),
  dense: at('u32', 16),
  base: at('u32', 20),
  table: at('u32', 24),
  other: at('u32', 28),
} as const;

/** `struct integer_key` */
export const integer_key = {
  size: 16,
  value: at('u64', 0),
  table: at('u32', 8),
  pad0: at('u32', 12),
} as const;

/** `struct journal_entry` */
export const journal_entry = {
  size: 248,
  number: at('u64', 0),
  time_ns: at('u64', 8),
  start_ns: at('u64', 16),
  pid: at('u32', 24),
  uid: at('u32', 28),
  place: at('u32', 32),
  operation: at('u32', 36),
  path_length: at('u32', 40),
  pad0: at('u32', 44),
  comm: arrayAt('char', 48, 16, 1),
  path: arrayAt('char', 64, 184, 1),
} as const;

/** `struct journal_rule` */
export const journal_rule = {
  size: 128,
  denied: at('u64', 0),
  told: at('u64', 8),
  rule: arrayAt('char', 16, 112, 1),
} as const;

/** `struct journal_state` */
export const journal_state = {
  size: 40,
  layout: at('u64', 0),
  next: at('u64', 8),
  told: at('u64', 16),
  agent_start_ns: at('u64', 24),
  agent_pid: at('u32', 32),
  on: at('u32', 36),
} as const;

/** `struct kill_limit` */
export const kill_limit = {
  size: 40,
  start_ns: at('u64', 0),
  suspended_ns: at('u64', 8),
  count: at('u64', 16),
  per_minute: at('u64', 24),
  suspend_ns: at('u64', 32),
} as const;

/** `struct kill_part` */
export const kill_part = {
  size: 32,
  killed: at('u64', 0),
  suspended: at('u64', 8),
  tripped: at('u64', 16),
  plan: at('u32', 24),
  after_us: at('u32', 28),
} as const;

/** `struct last_key` */
export const last_key = {
  size: 72,
  prefix_bits: at('u32', 0),
  table: at('u32', 4),
  reversed: arrayAt('char', 8, 64, 1),
} as const;

/** `struct needle` */
export const needle = {
  size: 80,
  text: at('u64', 0),
  mask: at('u64', 8),
  matters: {
    at: 16,
    size: 64,
    words: arrayAt('u64', 16, 8, 8),
  },
} as const;

/** `struct needle_set` */
export const needle_set = {
  size: 1280,
  needles: arrayAt('needle', 0, 16, 80),
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

/** `struct own_object` */
export const own_object = {
  size: 8,
  operation: at('u32', 0),
  id: at('u32', 4),
} as const;

/** `struct path_class` */
export const path_class = {
  size: 72,
  bits: {
    at: 0,
    size: 64,
    words: arrayAt('u64', 0, 8, 8),
  },
  slash: at('u32', 64),
  deeper: at('u32', 68),
} as const;

/** `struct path_filter` */
export const path_filter = {
  size: 52,
  head: at('u32', 0),
  head_other: at('u32', 4),
  head_matters: at('u32', 8),
  table: at('u32', 12),
  other: at('u32', 16),
  matters: at('u32', 20),
  last_table: at('u32', 24),
  last_other: at('u32', 28),
  last_matters: at('u32', 32),
  needles: at('u32', 36),
  absent: at('u32', 40),
  rare: at('u32', 44),
  others: at('u32', 48),
} as const;

/** `struct path_key` */
export const path_key = {
  size: 256,
  prefix_bits: at('u32', 0),
  table: at('u32', 4),
  path: arrayAt('char', 8, 248, 1),
} as const;

/** `struct process_entry` */
export const process_entry = {
  size: 312,
  start_ns: at('u64', 0),
  exec_id: at('u64', 8),
  cgroup_id: at('u64', 16),
  epoch: at('u64', 24),
  plan: at('u32', 32),
  uid: at('u32', 36),
  comm: arrayAt('char', 40, 16, 1),
  bits: {
    at: 56,
    size: 64,
    words: arrayAt('u64', 56, 8, 8),
  },
  fixed_bits: {
    at: 120,
    size: 64,
    words: arrayAt('u64', 120, 8, 8),
  },
  child_bits: {
    at: 184,
    size: 64,
    words: arrayAt('u64', 184, 8, 8),
  },
  kinless_bits: {
    at: 248,
    size: 64,
    words: arrayAt('u64', 248, 8, 8),
  },
} as const;

/** `struct record_header` */
export const record_header = {
  size: 88,
  time_ns: at('u64', 0),
  length: at('u32', 8),
  kind: at('u16', 12),
  type: at('u16', 14),
  plan: at('u32', 16),
  cpu: at('u32', 20),
  clauses: arrayAt('u64', 24, 8, 8),
} as const;

/** `struct rename_record` */
export const rename_record = {
  size: 232,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  epoch: at('u64', 224),
} as const;

/** `struct self_test` */
export const self_test = {
  size: 24,
  fired: at('u64', 0),
  operation: at('u32', 8),
  tid: at('u32', 12),
  pid: at('u32', 16),
  pad0: at('u32', 20),
} as const;

/** `struct span` */
export const span = {
  size: 8,
  offset: at('u16', 0),
  length: at('u16', 2),
  flags: at('u16', 4),
  pad0: at('u16', 6),
} as const;

/** `struct tamper_record` */
export const tamper_record = {
  size: 240,
  header: {
    at: 0,
    size: 88,
    time_ns: at('u64', 0),
    length: at('u32', 8),
    kind: at('u16', 12),
    type: at('u16', 14),
    plan: at('u32', 16),
    cpu: at('u32', 20),
    clauses: arrayAt('u64', 24, 8, 8),
  },
  task: {
    at: 88,
    size: 136,
    start_ns: at('u64', 88),
    exec_id: at('u64', 96),
    parent_start_ns: at('u64', 104),
    cgroup_id: at('u64', 112),
    cap_effective: at('u64', 120),
    cap_permitted: at('u64', 128),
    cap_inheritable: at('u64', 136),
    pid: at('u32', 144),
    tid: at('u32', 148),
    parent_pid: at('u32', 152),
    uid: at('u32', 156),
    gid: at('u32', 160),
    loginuid: at('u32', 164),
    session: at('u32', 168),
    pgid: at('u32', 172),
    vpid: at('u32', 176),
    vtid: at('u32', 180),
    vpgid: at('u32', 184),
    tty: at('u32', 188),
    pid_ns: at('u32', 192),
    mnt_ns: at('u32', 196),
    user_ns: at('u32', 200),
    net_ns: at('u32', 204),
    comm: arrayAt('char', 208, 16, 1),
  },
  detail: at('u64', 224),
  operation: at('u32', 232),
  denied: at('u32', 236),
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

/** `struct type_filter` */
export const type_filter = {
  size: 504,
  bits: {
    at: 0,
    size: 64,
    words: arrayAt('u64', 0, 8, 8),
  },
  success: {
    at: 64,
    size: 64,
    words: arrayAt('u64', 64, 8, 8),
  },
  other_error: {
    at: 128,
    size: 64,
    words: arrayAt('u64', 128, 8, 8),
  },
  flags: at('u32', 192),
  errors: at('u32', 196),
  kinds: at('u32', 200),
  early: at('u32', 204),
  integer_count: at('u32', 208),
  uids: at('u32', 212),
  uid_other: at('u32', 216),
  comm_other: at('u32', 220),
  cgroup_other: at('u32', 224),
  no_dots: at('u32', 228),
  wide: at('u32', 232),
  pad0: at('u32', 236),
  remote: {
    at: 240,
    size: 16,
    table: at('u32', 240),
    other_v4: at('u32', 244),
    other_v6: at('u32', 248),
    none: at('u32', 252),
  },
  local: {
    at: 256,
    size: 16,
    table: at('u32', 256),
    other_v4: at('u32', 260),
    other_v6: at('u32', 264),
    none: at('u32', 268),
  },
  path: {
    at: 272,
    size: 52,
    head: at('u32', 272),
    head_other: at('u32', 276),
    head_matters: at('u32', 280),
    table: at('u32', 284),
    other: at('u32', 288),
    matters: at('u32', 292),
    last_table: at('u32', 296),
    last_other: at('u32', 300),
    last_matters: at('u32', 304),
    needles: at('u32', 308),
    absent: at('u32', 312),
    rare: at('u32', 316),
    others: at('u32', 320),
  },
  claimed: {
    at: 324,
    size: 52,
    head: at('u32', 324),
    head_other: at('u32', 328),
    head_matters: at('u32', 332),
    table: at('u32', 336),
    other: at('u32', 340),
    matters: at('u32', 344),
    last_table: at('u32', 348),
    last_other: at('u32', 352),
    last_matters: at('u32', 356),
    needles: at('u32', 360),
    absent: at('u32', 364),
    rare: at('u32', 368),
    others: at('u32', 372),
  },
  integers: arrayAt('integer_filter', 376, 4, 32),
} as const;

/** `struct verdict_class` */
export const verdict_class = {
  size: 16,
  bits: at('u64', 0),
  length: at('u32', 8),
  pad0: at('u32', 12),
} as const;

/** `struct verdict_count` */
export const verdict_count = {
  size: 80,
  denied: at('u64', 0),
  audited: at('u64', 8),
  error_denied: at('u64', 16),
  error_audited: at('u64', 24),
  error_allowed: at('u64', 32),
  untold: at('u64', 40),
  lost: at('u64', 48),
  killed: at('u64', 56),
  second: at('u64', 64),
  told: at('u64', 72),
} as const;

/** `struct verdict_end` */
export const verdict_end = {
  size: 48,
  other_v4: at('u64', 0),
  other_v6: at('u64', 8),
  no_address: at('u64', 16),
  other_port: at('u64', 24),
  no_port: at('u64', 32),
  table: at('u16', 40),
  pad0: at('u16', 42),
  pad1: at('u32', 44),
} as const;

/** `struct verdict_part` */
export const verdict_part = {
  size: 40,
  denied: at('u64', 0),
  audited: at('u64', 8),
  undecided: at('u64', 16),
  operation: at('u32', 24),
  type: at('u32', 28),
  plan: at('u32', 32),
  target_pid: at('u32', 36),
} as const;

/** `struct verdict_paths` */
export const verdict_paths = {
  size: 40,
  other: at('u64', 0),
  directory_other: at('u64', 8),
  last_other: at('u64', 16),
  table: at('u32', 24),
  directory_table: at('u32', 28),
  last_table: at('u32', 32),
  pad0: at('u32', 36),
} as const;

/** `struct verdict_plan` */
export const verdict_plan = {
  size: 10272,
  operations: arrayAt('u64', 0, 23, 8),
  depends: arrayAt('u64', 184, 31, 8),
  walks: at('u64', 432),
  deny: at('u64', 440),
  audit: at('u64', 448),
  error_deny: at('u64', 456),
  modes: arrayAt('u64', 464, 4, 8),
  kinds: arrayAt('u64', 496, 10, 8),
  directories: at('u64', 576),
  comm_other: at('u64', 584),
  uid_other: at('u64', 592),
  gid_other: at('u64', 600),
  host: at('u64', 608),
  container: at('u64', 616),
  path: {
    at: 624,
    size: 40,
    other: at('u64', 624),
    directory_other: at('u64', 632),
    last_other: at('u64', 640),
    table: at('u32', 648),
    directory_table: at('u32', 652),
    last_table: at('u32', 656),
    pad0: at('u32', 660),
  },
  path2: {
    at: 664,
    size: 40,
    other: at('u64', 664),
    directory_other: at('u64', 672),
    last_other: at('u64', 680),
    table: at('u32', 688),
    directory_table: at('u32', 692),
    last_table: at('u32', 696),
    pad0: at('u32', 700),
  },
  exe: {
    at: 704,
    size: 40,
    other: at('u64', 704),
    directory_other: at('u64', 712),
    last_other: at('u64', 720),
    table: at('u32', 728),
    directory_table: at('u32', 732),
    last_table: at('u32', 736),
    pad0: at('u32', 740),
  },
  parent: {
    at: 744,
    size: 40,
    other: at('u64', 744),
    directory_other: at('u64', 752),
    last_other: at('u64', 760),
    table: at('u32', 768),
    directory_table: at('u32', 772),
    last_table: at('u32', 776),
    pad0: at('u32', 780),
  },
  ancestor: {
    at: 784,
    size: 40,
    other: at('u64', 784),
    directory_other: at('u64', 792),
    last_other: at('u64', 800),
    table: at('u32', 808),
    directory_table: at('u32', 812),
    last_table: at('u32', 816),
    pad0: at('u32', 820),
  },
  parent_comm_other: at('u64', 824),
  ancestor_comm_other: at('u64', 832),
  no_ancestor: at('u64', 840),
  no_ancestor_comm: at('u64', 848),
  targets: at('u64', 856),
  target: {
    at: 864,
    size: 40,
    other: at('u64', 864),
    directory_other: at('u64', 872),
    last_other: at('u64', 880),
    table: at('u32', 888),
    directory_table: at('u32', 892),
    last_table: at('u32', 896),
    pad0: at('u32', 900),
  },
  target_comm_other: at('u64', 904),
  target_pid_other: at('u64', 912),
  nets: at('u64', 920),
  sockets: arrayAt('u64', 928, 32, 8),
  numbers_other: arrayAt('u64', 1184, 23, 8),
  server: {
    at: 1368,
    size: 48,
    other_v4: at('u64', 1368),
    other_v6: at('u64', 1376),
    no_address: at('u64', 1384),
    other_port: at('u64', 1392),
    no_port: at('u64', 1400),
    table: at('u16', 1408),
    pad0: at('u16', 1410),
    pad1: at('u32', 1412),
  },
  remote: {
    at: 1416,
    size: 48,
    other_v4: at('u64', 1416),
    other_v6: at('u64', 1424),
    no_address: at('u64', 1432),
    other_port: at('u64', 1440),
    no_port: at('u64', 1448),
    table: at('u16', 1456),
    pad0: at('u16', 1458),
    pad1: at('u32', 1460),
  },
  calls: arrayAt('u16', 1464, 256, 2),
  agent: at('u32', 1976),
  agent_start_cs: at('u32', 1980),
  parent_pid: at('u32', 1984),
  parent_start_cs: at('u32', 1988),
  kill: at('u64', 1992),
  parts: at('u64', 2000),
  kills: arrayAt('u64', 2008, 1025, 8),
  limits: arrayAt('u8', 10208, 64, 1),
} as const;

/** `struct verdict_record` */
export const verdict_record = {
  size: 512,
  call: {
    at: 0,
    size: 472,
    header: {
      at: 0,
      size: 88,
      time_ns: at('u64', 0),
      length: at('u32', 8),
      kind: at('u16', 12),
      type: at('u16', 14),
      plan: at('u32', 16),
      cpu: at('u32', 20),
      clauses: arrayAt('u64', 24, 8, 8),
    },
    task: {
      at: 88,
      size: 136,
      start_ns: at('u64', 88),
      exec_id: at('u64', 96),
      parent_start_ns: at('u64', 104),
      cgroup_id: at('u64', 112),
      cap_effective: at('u64', 120),
      cap_permitted: at('u64', 128),
      cap_inheritable: at('u64', 136),
      pid: at('u32', 144),
      tid: at('u32', 148),
      parent_pid: at('u32', 152),
      uid: at('u32', 156),
      gid: at('u32', 160),
      loginuid: at('u32', 164),
      session: at('u32', 168),
      pgid: at('u32', 172),
      vpid: at('u32', 176),
      vtid: at('u32', 180),
      vpgid: at('u32', 184),
      tty: at('u32', 188),
      pid_ns: at('u32', 192),
      mnt_ns: at('u32', 196),
      user_ns: at('u32', 200),
      net_ns: at('u32', 204),
      comm: arrayAt('char', 208, 16, 1),
    },
    call: {
      at: 224,
      size: 80,
      ret: at('s64', 224),
      args: arrayAt('u64', 232, 6, 8),
      extra: at('u64', 280),
      extra2: at('u64', 288),
      number: at('u32', 296),
      abi: at('u32', 300),
    },
    object: {
      at: 304,
      size: 88,
      inode: at('u64', 304),
      dev: at('u32', 312),
      mode: at('u32', 316),
      open_flags: at('u32', 320),
      fd: at('s32', 324),
      kind: at('u8', 328),
      flags: at('u8', 329),
      family: at('u16', 330),
      socket_type: at('u8', 332),
      socket_state: at('u8', 333),
      protocol: at('u16', 334),
      local_port: at('u16', 336),
      remote_port: at('u16', 338),
      pad0: at('u32', 340),
      sock: at('u64', 344),
      peer_sock: at('u64', 352),
      local_address: arrayAt('u8', 360, 16, 1),
      remote_address: arrayAt('u8', 376, 16, 1),
    },
    address: {
      at: 392,
      size: 24,
      family: at('u16', 392),
      port: at('u16', 394),
      pad0: at('u32', 396),
      address: arrayAt('u8', 400, 16, 1),
    },
    path: at('span', 416),
    claimed: at('span', 424),
    base: at('span', 432),
    claimed2: at('span', 440),
    base2: at('span', 448),
    data: at('span', 456),
    kill: at('span', 464),
  },
  verdict: {
    at: 472,
    size: 40,
    denied: at('u64', 472),
    audited: at('u64', 480),
    undecided: at('u64', 488),
    operation: at('u32', 496),
    type: at('u32', 500),
    plan: at('u32', 504),
    target_pid: at('u32', 508),
  },
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
  SLOT_KILL: 513,
  SLOT_KILL_ANY: 514,
  SLOT_COUNT: 515,
  PROGRAM_NAME_BYTES: 16,
  EVENT_TYPE_COUNT: 520,
  CLAUSE_WORDS: 8,
  NARROW_WORDS: 2,
  MAX_INTEGERS: 4,
  MAX_PREFIX_BYTES: 248,
  MAX_LAST_BYTES: 64,
  MAX_COPIES: 3,
  MAX_CLAIMED_BYTES: 1024,
  HEAD_BITS: 8,
  HEAD_PLACES: 256,
  MAX_NEEDLES: 16,
  MAX_NEEDLE_BYTES: 8,
  MAX_SEARCHED_BYTES: 256,
  OBJECT_KINDS: 10,
  VERDICT_CLAUSES: 64,
  VERDICT_CALLS: 8,
  KILL_LIMITS: 128,
  VERDICT_PLACES: 32,
  SOCKET_CLASSES: 32,
  ARGUMENT_PLACES: 8,
  OPEN_MODES: 4,
  JOURNAL_RULES: 128,
  JOURNAL_ENTRIES: 256,
  JOURNAL_NAME_BYTES: 112,
  JOURNAL_PATH_BYTES: 184,
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
  EVENT_VERDICT: 517,
  EVENT_TAMPER: 519,
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

/** `enum filter_dimension` */
export const filter_dimension = {
  FILTERED_BY_HOOK: 0,
  FILTERED_BY_TYPE: 1,
  FILTERED_BY_RESULT: 2,
  FILTERED_BY_INTEGER: 3,
  FILTERED_BY_KIND: 4,
  FILTERED_BY_PROCESS: 5,
  FILTERED_BY_COMM: 6,
  FILTERED_BY_UID: 7,
  FILTERED_BY_CGROUP: 8,
  FILTERED_BY_ADDRESS: 9,
  FILTERED_BY_PATH: 10,
  FILTERED_BY_LAST: 11,
  FILTER_DIMENSIONS: 12,
} as const;
/** A value of `enum filter_dimension`. */
export type filter_dimension = (typeof filter_dimension)[keyof typeof filter_dimension];

/** `enum filter_flag` */
export const filter_flag = {
  TESTS_TYPE: 1,
  TESTS_RESULT: 2,
  TESTS_ERRORS: 4,
  TESTS_PROCESS: 8,
  TESTS_COMM: 16,
  TESTS_UID: 32,
  TESTS_CGROUP: 64,
  TESTS_KINDS: 128,
  TESTS_REMOTE: 256,
  TESTS_LOCAL: 512,
  TESTS_PATH: 1024,
  TESTS_CLAIMED: 2048,
  TESTS_NO_DOTS: 4096,
  TESTS_LATE_INTEGER: 8192,
} as const;
/** A value of `enum filter_flag`. */
export type filter_flag = (typeof filter_flag)[keyof typeof filter_flag];

/** `enum integer_source` */
export const integer_source = {
  INTEGER_EXTRA: 6,
  INTEGER_ABI: 7,
  INTEGER_RET: 8,
  INTEGER_ADDRESS_FAMILY: 9,
  INTEGER_ADDRESS_PORT: 10,
  INTEGER_OBJECT_FAMILY: 11,
  INTEGER_OBJECT_TYPE: 12,
  INTEGER_OBJECT_PROTOCOL: 13,
  INTEGER_OBJECT_LOCAL_PORT: 14,
  INTEGER_OBJECT_REMOTE_PORT: 15,
} as const;
/** A value of `enum integer_source`. */
export type integer_source = (typeof integer_source)[keyof typeof integer_source];

/** `enum kill_event` */
export const kill_event = {
  KILL_FAILED: 512,
  KILL_CONNECT_BEGUN: 1024,
  KILL_EVENTS: 1025,
} as const;
/** A value of `enum kill_event`. */
export type kill_event = (typeof kill_event)[keyof typeof kill_event];

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

/** `enum process_standing` */
export const process_standing = {
  PROCESS_UNKNOWN: 0,
  PROCESS_FIXED: 1,
  PROCESS_WHOLE: 2,
} as const;
/** A value of `enum process_standing`. */
export type process_standing = (typeof process_standing)[keyof typeof process_standing];

/** `enum record_kind` */
export const record_kind = {
  RECORD_NONE: 0,
  RECORD_FORK: 1,
  RECORD_EXEC: 2,
  RECORD_TASK: 3,
  RECORD_EXIT: 4,
  RECORD_CALL: 5,
  RECORD_RENAME: 6,
  RECORD_VERDICT: 7,
  RECORD_TAMPER: 8,
} as const;
/** A value of `enum record_kind`. */
export type record_kind = (typeof record_kind)[keyof typeof record_kind];

/** `enum socket_transport` */
export const socket_transport = {
  TRANSPORT_OTHER: 0,
  TRANSPORT_TCP: 1,
  TRANSPORT_UDP: 2,
  TRANSPORT_ICMP: 3,
  TRANSPORT_RAW: 4,
  SOCKET_TRANSPORTS: 5,
} as const;
/** A value of `enum socket_transport`. */
export type socket_transport = (typeof socket_transport)[keyof typeof socket_transport];

/** `enum socket_version` */
export const socket_version = {
  SOCKET_OTHER: 0,
  SOCKET_V4: 1,
  SOCKET_V6: 2,
  SOCKET_UNIX: 3,
  SOCKET_NETLINK: 4,
  SOCKET_VERSIONS: 5,
} as const;
/** A value of `enum socket_version`. */
export type socket_version = (typeof socket_version)[keyof typeof socket_version];

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

/** `enum tamper_operation` */
export const tamper_operation = {
  TAMPER_SIGNAL: 1,
  TAMPER_TRACE: 2,
  TAMPER_LIMIT: 3,
  TAMPER_SCHEDULE: 4,
  TAMPER_MAP: 5,
  TAMPER_PROGRAM: 6,
  TAMPER_LINK: 7,
  TAMPER_PIN: 8,
} as const;
/** A value of `enum tamper_operation`. */
export type tamper_operation = (typeof tamper_operation)[keyof typeof tamper_operation];

/** `enum verdict_dimension` */
export const verdict_dimension = {
  VERDICT_BY_MODE: 0,
  VERDICT_BY_KIND: 1,
  VERDICT_BY_COMM: 2,
  VERDICT_BY_UID: 3,
  VERDICT_BY_GID: 4,
  VERDICT_BY_CONTAINER: 5,
  VERDICT_BY_LAST: 6,
  VERDICT_BY_PATH: 7,
  VERDICT_BY_LAST2: 8,
  VERDICT_BY_PATH2: 9,
  VERDICT_BY_EXE: 10,
  VERDICT_BY_PARENT: 11,
  VERDICT_BY_PARENT_COMM: 12,
  VERDICT_BY_ANCESTOR: 13,
  VERDICT_BY_ANCESTOR_COMM: 14,
  VERDICT_BY_NUMBER: 15,
  VERDICT_BY_SOCKET: 16,
  VERDICT_BY_SERVER: 17,
  VERDICT_BY_SERVER_PORT: 18,
  VERDICT_BY_REMOTE: 19,
  VERDICT_BY_REMOTE_PORT: 20,
  VERDICT_BY_TARGET: 21,
  VERDICT_BY_TARGET_COMM: 22,
  VERDICT_BY_TARGET_PID: 23,
  VERDICT_BY_ARGUMENT: 24,
  VERDICT_BY_RESULT: 30,
  VERDICT_DIMENSIONS: 31,
} as const;
/** A value of `enum verdict_dimension`. */
export type verdict_dimension = (typeof verdict_dimension)[keyof typeof verdict_dimension];

/** `enum verdict_operation` */
export const verdict_operation = {
  VERDICT_OPEN: 0,
  VERDICT_EXEC: 1,
  VERDICT_UNLINK: 2,
  VERDICT_RMDIR: 3,
  VERDICT_RENAME: 4,
  VERDICT_LINK: 5,
  VERDICT_SYMLINK: 6,
  VERDICT_MKDIR: 7,
  VERDICT_MKNOD: 8,
  VERDICT_CHMOD: 9,
  VERDICT_CHOWN: 10,
  VERDICT_TRUNCATE: 11,
  VERDICT_MOUNT: 12,
  VERDICT_PTRACE: 13,
  VERDICT_SIGNAL: 14,
  VERDICT_MODULE: 15,
  VERDICT_BPF: 16,
  VERDICT_SOCKET: 17,
  VERDICT_CONNECT: 18,
  VERDICT_BIND: 19,
  VERDICT_LISTEN: 20,
  VERDICT_SEND: 21,
  VERDICT_UMOUNT: 22,
  VERDICT_OPERATIONS: 23,
} as const;
/** A value of `enum verdict_operation`. */
export type verdict_operation = (typeof verdict_operation)[keyof typeof verdict_operation];

/** `enum verdict_place` */
export const verdict_place = {
  PLACE_UNKNOWN: 0,
  PLACE_HOST: 1,
  PLACE_CONTAINER: 2,
} as const;
/** A value of `enum verdict_place`. */
export type verdict_place = (typeof verdict_place)[keyof typeof verdict_place];

/** `enum verdict_table` */
export const verdict_table = {
  COMM_TABLE: 0,
  PARENT_COMM_TABLE: 2,
  ANCESTOR_COMM_TABLE: 4,
  TARGET_COMM_TABLE: 6,
  UID_TABLE: 0,
  GID_TABLE: 2,
  SERVER_PORT_TABLE: 4,
  REMOTE_PORT_TABLE: 6,
  NUMBER_TABLE: 8,
  ARGUMENT_TABLE: 10,
  OTHER_ARGUMENT_TABLE: 12,
  TARGET_PID_TABLE: 14,
} as const;
/** A value of `enum verdict_table`. */
export type verdict_table = (typeof verdict_table)[keyof typeof verdict_table];

/** The same as data, for check.ts and for tools that print any record. */
export const LAYOUT: AbiLayout = {
  structs: [
    {
      name: 'address_filter',
      size: 16,
      members: [
        ['table', 0, 'u32'],
        ['other_v4', 4, 'u32'],
        ['other_v6', 8, 'u32'],
        ['none', 12, 'u32'],
      ],
    },
    {
      name: 'address_key',
      size: 24,
      members: [
        ['prefix_bits', 0, 'u32'],
        ['table', 4, 'u16'],
        ['family', 6, 'u16'],
        ['address', 8, 'u8[16]'],
      ],
    },
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
      size: 472,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['call', 224, 'call_part'],
        ['object', 304, 'object_part'],
        ['address', 392, 'address_part'],
        ['path', 416, 'span'],
        ['claimed', 424, 'span'],
        ['base', 432, 'span'],
        ['claimed2', 440, 'span'],
        ['base2', 448, 'span'],
        ['data', 456, 'span'],
        ['kill', 464, 'span'],
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
      name: 'cgroup_key',
      size: 16,
      members: [
        ['cgroup_id', 0, 'u64'],
        ['slot', 8, 'u32'],
        ['pad0', 12, 'u32'],
      ],
    },
    {
      name: 'classify_answer',
      size: 72,
      members: [
        ['open', 0, 'clause_set'],
        ['filtered_at', 64, 'u32'],
        ['pad0', 68, 'u32'],
      ],
    },
    {
      name: 'classify_request',
      size: 8496,
      members: [
        ['plan', 0, 'u32'],
        ['type', 4, 'u32'],
        ['call', 8, 'call_part'],
        ['object', 88, 'object_part'],
        ['address', 176, 'address_part'],
        ['cgroup_id', 200, 'u64'],
        ['uid', 208, 'u32'],
        ['standing', 212, 'u32'],
        ['comm', 216, 'char[16]'],
        ['process', 232, 'clause_set'],
        ['path_length', 296, 'u32'],
        ['claimed_length', 300, 'u32'],
        ['path', 304, 'char[4096]'],
        ['claimed', 4400, 'char[4096]'],
      ],
    },
    {
      name: 'clause_set',
      size: 64,
      members: [
        ['words', 0, 'u64[8]'],
      ],
    },
    {
      name: 'comm_key',
      size: 24,
      members: [
        ['comm', 0, 'char[16]'],
        ['slot', 16, 'u32'],
        ['pad0', 20, 'u32'],
      ],
    },
    {
      name: 'control',
      size: 384,
      members: [
        ['wanted', 0, 'u64[8]'],
        ['wanted_ia32', 64, 'u64[8]'],
        ['unfiltered', 128, 'u64[8]'],
        ['plan', 192, 'u32'],
        ['verdicts', 196, 'u32'],
        ['entries', 200, 'u64'],
        ['pad1', 208, 'u64[6]'],
        ['reader_asleep', 256, 'u32'],
        ['pad2', 260, 'u32'],
        ['pad3', 264, 'u64[7]'],
        ['epoch', 320, 'u64'],
        ['pad4', 328, 'u64[7]'],
      ],
    },
    {
      name: 'counter',
      size: 136,
      members: [
        ['seen', 0, 'u64'],
        ['filtered', 8, 'u64'],
        ['suppressed', 16, 'u64'],
        ['sent', 24, 'u64'],
        ['lost', 32, 'u64'],
        ['filtered_at', 40, 'u64[12]'],
      ],
    },
    {
      name: 'exec_record',
      size: 344,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['epoch', 224, 'u64'],
        ['inode', 232, 'u64'],
        ['ctime_ns', 240, 'u64'],
        ['mtime_ns', 248, 'u64'],
        ['pid_ns_start_ns', 256, 'u64'],
        ['dev', 264, 'u32'],
        ['mode', 268, 'u32'],
        ['old_tid', 272, 'u32'],
        ['exe_flags', 276, 'u32'],
        ['argc', 280, 'u32'],
        ['pad0', 284, 'u32'],
        ['exe', 288, 'span'],
        ['filename', 296, 'span'],
        ['cwd', 304, 'span'],
        ['argv', 312, 'span'],
        ['env', 320, 'span'],
        ['kill', 328, 'span'],
        ['cgroup', 336, 'span'],
      ],
    },
    {
      name: 'exit_record',
      size: 256,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['epoch', 224, 'u64'],
        ['exit_code', 232, 'u32'],
        ['exit_signal', 236, 'u32'],
        ['core_dumped', 240, 'u32'],
        ['reaper_pid', 244, 'u32'],
        ['reaper_start_ns', 248, 'u64'],
      ],
    },
    {
      name: 'fork_record',
      size: 248,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['clone_flags', 224, 'u64'],
        ['cloner_start_ns', 232, 'u64'],
        ['cloner_pid', 240, 'u32'],
        ['pad0', 244, 'u32'],
      ],
    },
    {
      name: 'guarded',
      size: 32,
      members: [
        ['start_ns', 0, 'u64'],
        ['cgroup_id', 8, 'u64'],
        ['pin_inode', 16, 'u64'],
        ['pin_dev', 24, 'u32'],
        ['pid', 28, 'u32'],
      ],
    },
    {
      name: 'head_class',
      size: 16,
      members: [
        ['word', 0, 'u64'],
        ['set', 8, 'u32'],
        ['pad0', 12, 'u32'],
      ],
    },
    {
      name: 'head_table',
      size: 4104,
      members: [
        ['multiplier', 0, 'u64'],
        ['places', 8, 'head_class[256]'],
      ],
    },
    {
      name: 'integer_filter',
      size: 32,
      members: [
        ['mask', 0, 'u64'],
        ['source', 8, 'u32'],
        ['shift', 12, 'u32'],
        ['dense', 16, 'u32'],
        ['base', 20, 'u32'],
        ['table', 24, 'u32'],
        ['other', 28, 'u32'],
      ],
    },
    {
      name: 'integer_key',
      size: 16,
      members: [
        ['value', 0, 'u64'],
        ['table', 8, 'u32'],
        ['pad0', 12, 'u32'],
      ],
    },
    {
      name: 'journal_entry',
      size: 248,
      members: [
        ['number', 0, 'u64'],
        ['time_ns', 8, 'u64'],
        ['start_ns', 16, 'u64'],
        ['pid', 24, 'u32'],
        ['uid', 28, 'u32'],
        ['place', 32, 'u32'],
        ['operation', 36, 'u32'],
        ['path_length', 40, 'u32'],
        ['pad0', 44, 'u32'],
        ['comm', 48, 'char[16]'],
        ['path', 64, 'char[184]'],
      ],
    },
    {
      name: 'journal_rule',
      size: 128,
      members: [
        ['denied', 0, 'u64'],
        ['told', 8, 'u64'],
        ['rule', 16, 'char[112]'],
      ],
    },
    {
      name: 'journal_state',
      size: 40,
      members: [
        ['layout', 0, 'u64'],
        ['next', 8, 'u64'],
        ['told', 16, 'u64'],
        ['agent_start_ns', 24, 'u64'],
        ['agent_pid', 32, 'u32'],
        ['on', 36, 'u32'],
      ],
    },
    {
      name: 'kill_limit',
      size: 40,
      members: [
        ['start_ns', 0, 'u64'],
        ['suspended_ns', 8, 'u64'],
        ['count', 16, 'u64'],
        ['per_minute', 24, 'u64'],
        ['suspend_ns', 32, 'u64'],
      ],
    },
    {
      name: 'kill_part',
      size: 32,
      members: [
        ['killed', 0, 'u64'],
        ['suspended', 8, 'u64'],
        ['tripped', 16, 'u64'],
        ['plan', 24, 'u32'],
        ['after_us', 28, 'u32'],
      ],
    },
    {
      name: 'last_key',
      size: 72,
      members: [
        ['prefix_bits', 0, 'u32'],
        ['table', 4, 'u32'],
        ['reversed', 8, 'char[64]'],
      ],
    },
    {
      name: 'needle',
      size: 80,
      members: [
        ['text', 0, 'u64'],
        ['mask', 8, 'u64'],
        ['matters', 16, 'clause_set'],
      ],
    },
    {
      name: 'needle_set',
      size: 1280,
      members: [
        ['needles', 0, 'needle[16]'],
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
      name: 'own_object',
      size: 8,
      members: [
        ['operation', 0, 'u32'],
        ['id', 4, 'u32'],
      ],
    },
    {
      name: 'path_class',
      size: 72,
      members: [
        ['bits', 0, 'clause_set'],
        ['slash', 64, 'u32'],
        ['deeper', 68, 'u32'],
      ],
    },
    {
      name: 'path_filter',
      size: 52,
      members: [
        ['head', 0, 'u32'],
        ['head_other', 4, 'u32'],
        ['head_matters', 8, 'u32'],
        ['table', 12, 'u32'],
        ['other', 16, 'u32'],
        ['matters', 20, 'u32'],
        ['last_table', 24, 'u32'],
        ['last_other', 28, 'u32'],
        ['last_matters', 32, 'u32'],
        ['needles', 36, 'u32'],
        ['absent', 40, 'u32'],
        ['rare', 44, 'u32'],
        ['others', 48, 'u32'],
      ],
    },
    {
      name: 'path_key',
      size: 256,
      members: [
        ['prefix_bits', 0, 'u32'],
        ['table', 4, 'u32'],
        ['path', 8, 'char[248]'],
      ],
    },
    {
      name: 'process_entry',
      size: 312,
      members: [
        ['start_ns', 0, 'u64'],
        ['exec_id', 8, 'u64'],
        ['cgroup_id', 16, 'u64'],
        ['epoch', 24, 'u64'],
        ['plan', 32, 'u32'],
        ['uid', 36, 'u32'],
        ['comm', 40, 'char[16]'],
        ['bits', 56, 'clause_set'],
        ['fixed_bits', 120, 'clause_set'],
        ['child_bits', 184, 'clause_set'],
        ['kinless_bits', 248, 'clause_set'],
      ],
    },
    {
      name: 'record_header',
      size: 88,
      members: [
        ['time_ns', 0, 'u64'],
        ['length', 8, 'u32'],
        ['kind', 12, 'u16'],
        ['type', 14, 'u16'],
        ['plan', 16, 'u32'],
        ['cpu', 20, 'u32'],
        ['clauses', 24, 'u64[8]'],
      ],
    },
    {
      name: 'rename_record',
      size: 232,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['epoch', 224, 'u64'],
      ],
    },
    {
      name: 'self_test',
      size: 24,
      members: [
        ['fired', 0, 'u64'],
        ['operation', 8, 'u32'],
        ['tid', 12, 'u32'],
        ['pid', 16, 'u32'],
        ['pad0', 20, 'u32'],
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
      name: 'tamper_record',
      size: 240,
      members: [
        ['header', 0, 'record_header'],
        ['task', 88, 'task_part'],
        ['detail', 224, 'u64'],
        ['operation', 232, 'u32'],
        ['denied', 236, 'u32'],
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
    {
      name: 'type_filter',
      size: 504,
      members: [
        ['bits', 0, 'clause_set'],
        ['success', 64, 'clause_set'],
        ['other_error', 128, 'clause_set'],
        ['flags', 192, 'u32'],
        ['errors', 196, 'u32'],
        ['kinds', 200, 'u32'],
        ['early', 204, 'u32'],
        ['integer_count', 208, 'u32'],
        ['uids', 212, 'u32'],
        ['uid_other', 216, 'u32'],
        ['comm_other', 220, 'u32'],
        ['cgroup_other', 224, 'u32'],
        ['no_dots', 228, 'u32'],
        ['wide', 232, 'u32'],
        ['pad0', 236, 'u32'],
        ['remote', 240, 'address_filter'],
        ['local', 256, 'address_filter'],
        ['path', 272, 'path_filter'],
        ['claimed', 324, 'path_filter'],
        ['integers', 376, 'integer_filter[4]'],
      ],
    },
    {
      name: 'verdict_class',
      size: 16,
      members: [
        ['bits', 0, 'u64'],
        ['length', 8, 'u32'],
        ['pad0', 12, 'u32'],
      ],
    },
    {
      name: 'verdict_count',
      size: 80,
      members: [
        ['denied', 0, 'u64'],
        ['audited', 8, 'u64'],
        ['error_denied', 16, 'u64'],
        ['error_audited', 24, 'u64'],
        ['error_allowed', 32, 'u64'],
        ['untold', 40, 'u64'],
        ['lost', 48, 'u64'],
        ['killed', 56, 'u64'],
        ['second', 64, 'u64'],
        ['told', 72, 'u64'],
      ],
    },
    {
      name: 'verdict_end',
      size: 48,
      members: [
        ['other_v4', 0, 'u64'],
        ['other_v6', 8, 'u64'],
        ['no_address', 16, 'u64'],
        ['other_port', 24, 'u64'],
        ['no_port', 32, 'u64'],
        ['table', 40, 'u16'],
        ['pad0', 42, 'u16'],
        ['pad1', 44, 'u32'],
      ],
    },
    {
      name: 'verdict_part',
      size: 40,
      members: [
        ['denied', 0, 'u64'],
        ['audited', 8, 'u64'],
        ['undecided', 16, 'u64'],
        ['operation', 24, 'u32'],
        ['type', 28, 'u32'],
        ['plan', 32, 'u32'],
        ['target_pid', 36, 'u32'],
      ],
    },
    {
      name: 'verdict_paths',
      size: 40,
      members: [
        ['other', 0, 'u64'],
        ['directory_other', 8, 'u64'],
        ['last_other', 16, 'u64'],
        ['table', 24, 'u32'],
        ['directory_table', 28, 'u32'],
        ['last_table', 32, 'u32'],
        ['pad0', 36, 'u32'],
      ],
    },
    {
      name: 'verdict_plan',
      size: 10272,
      members: [
        ['operations', 0, 'u64[23]'],
        ['depends', 184, 'u64[31]'],
        ['walks', 432, 'u64'],
        ['deny', 440, 'u64'],
        ['audit', 448, 'u64'],
        ['error_deny', 456, 'u64'],
        ['modes', 464, 'u64[4]'],
        ['kinds', 496, 'u64[10]'],
        ['directories', 576, 'u64'],
        ['comm_other', 584, 'u64'],
        ['uid_other', 592, 'u64'],
        ['gid_other', 600, 'u64'],
        ['host', 608, 'u64'],
        ['container', 616, 'u64'],
        ['path', 624, 'verdict_paths'],
        ['path2', 664, 'verdict_paths'],
        ['exe', 704, 'verdict_paths'],
        ['parent', 744, 'verdict_paths'],
        ['ancestor', 784, 'verdict_paths'],
        ['parent_comm_other', 824, 'u64'],
        ['ancestor_comm_other', 832, 'u64'],
        ['no_ancestor', 840, 'u64'],
        ['no_ancestor_comm', 848, 'u64'],
        ['targets', 856, 'u64'],
        ['target', 864, 'verdict_paths'],
        ['target_comm_other', 904, 'u64'],
        ['target_pid_other', 912, 'u64'],
        ['nets', 920, 'u64'],
        ['sockets', 928, 'u64[32]'],
        ['numbers_other', 1184, 'u64[23]'],
        ['server', 1368, 'verdict_end'],
        ['remote', 1416, 'verdict_end'],
        ['calls', 1464, 'u16[256]'],
        ['agent', 1976, 'u32'],
        ['agent_start_cs', 1980, 'u32'],
        ['parent_pid', 1984, 'u32'],
        ['parent_start_cs', 1988, 'u32'],
        ['kill', 1992, 'u64'],
        ['parts', 2000, 'u64'],
        ['kills', 2008, 'u64[1025]'],
        ['limits', 10208, 'u8[64]'],
      ],
    },
    {
      name: 'verdict_record',
      size: 512,
      members: [
        ['call', 0, 'call_record'],
        ['verdict', 472, 'verdict_part'],
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
        ['SLOT_KILL', 513],
        ['SLOT_KILL_ANY', 514],
        ['SLOT_COUNT', 515],
        ['PROGRAM_NAME_BYTES', 16],
        ['EVENT_TYPE_COUNT', 520],
        ['CLAUSE_WORDS', 8],
        ['NARROW_WORDS', 2],
        ['MAX_INTEGERS', 4],
        ['MAX_PREFIX_BYTES', 248],
        ['MAX_LAST_BYTES', 64],
        ['MAX_COPIES', 3],
        ['MAX_CLAIMED_BYTES', 1024],
        ['HEAD_BITS', 8],
        ['HEAD_PLACES', 256],
        ['MAX_NEEDLES', 16],
        ['MAX_NEEDLE_BYTES', 8],
        ['MAX_SEARCHED_BYTES', 256],
        ['OBJECT_KINDS', 10],
        ['VERDICT_CLAUSES', 64],
        ['VERDICT_CALLS', 8],
        ['KILL_LIMITS', 128],
        ['VERDICT_PLACES', 32],
        ['SOCKET_CLASSES', 32],
        ['ARGUMENT_PLACES', 8],
        ['OPEN_MODES', 4],
        ['JOURNAL_RULES', 128],
        ['JOURNAL_ENTRIES', 256],
        ['JOURNAL_NAME_BYTES', 112],
        ['JOURNAL_PATH_BYTES', 184],
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
        ['EVENT_VERDICT', 517],
        ['EVENT_TAMPER', 519],
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
      name: 'filter_dimension',
      values: [
        ['FILTERED_BY_HOOK', 0],
        ['FILTERED_BY_TYPE', 1],
        ['FILTERED_BY_RESULT', 2],
        ['FILTERED_BY_INTEGER', 3],
        ['FILTERED_BY_KIND', 4],
        ['FILTERED_BY_PROCESS', 5],
        ['FILTERED_BY_COMM', 6],
        ['FILTERED_BY_UID', 7],
        ['FILTERED_BY_CGROUP', 8],
        ['FILTERED_BY_ADDRESS', 9],
        ['FILTERED_BY_PATH', 10],
        ['FILTERED_BY_LAST', 11],
        ['FILTER_DIMENSIONS', 12],
      ],
    },
    {
      name: 'filter_flag',
      values: [
        ['TESTS_TYPE', 1],
        ['TESTS_RESULT', 2],
        ['TESTS_ERRORS', 4],
        ['TESTS_PROCESS', 8],
        ['TESTS_COMM', 16],
        ['TESTS_UID', 32],
        ['TESTS_CGROUP', 64],
        ['TESTS_KINDS', 128],
        ['TESTS_REMOTE', 256],
        ['TESTS_LOCAL', 512],
        ['TESTS_PATH', 1024],
        ['TESTS_CLAIMED', 2048],
        ['TESTS_NO_DOTS', 4096],
        ['TESTS_LATE_INTEGER', 8192],
      ],
    },
    {
      name: 'integer_source',
      values: [
        ['INTEGER_EXTRA', 6],
        ['INTEGER_ABI', 7],
        ['INTEGER_RET', 8],
        ['INTEGER_ADDRESS_FAMILY', 9],
        ['INTEGER_ADDRESS_PORT', 10],
        ['INTEGER_OBJECT_FAMILY', 11],
        ['INTEGER_OBJECT_TYPE', 12],
        ['INTEGER_OBJECT_PROTOCOL', 13],
        ['INTEGER_OBJECT_LOCAL_PORT', 14],
        ['INTEGER_OBJECT_REMOTE_PORT', 15],
      ],
    },
    {
      name: 'kill_event',
      values: [
        ['KILL_FAILED', 512],
        ['KILL_CONNECT_BEGUN', 1024],
        ['KILL_EVENTS', 1025],
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
      name: 'process_standing',
      values: [
        ['PROCESS_UNKNOWN', 0],
        ['PROCESS_FIXED', 1],
        ['PROCESS_WHOLE', 2],
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
        ['RECORD_VERDICT', 7],
        ['RECORD_TAMPER', 8],
      ],
    },
    {
      name: 'socket_transport',
      values: [
        ['TRANSPORT_OTHER', 0],
        ['TRANSPORT_TCP', 1],
        ['TRANSPORT_UDP', 2],
        ['TRANSPORT_ICMP', 3],
        ['TRANSPORT_RAW', 4],
        ['SOCKET_TRANSPORTS', 5],
      ],
    },
    {
      name: 'socket_version',
      values: [
        ['SOCKET_OTHER', 0],
        ['SOCKET_V4', 1],
        ['SOCKET_V6', 2],
        ['SOCKET_UNIX', 3],
        ['SOCKET_NETLINK', 4],
        ['SOCKET_VERSIONS', 5],
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
    {
      name: 'tamper_operation',
      values: [
        ['TAMPER_SIGNAL', 1],
        ['TAMPER_TRACE', 2],
        ['TAMPER_LIMIT', 3],
        ['TAMPER_SCHEDULE', 4],
        ['TAMPER_MAP', 5],
        ['TAMPER_PROGRAM', 6],
        ['TAMPER_LINK', 7],
        ['TAMPER_PIN', 8],
      ],
    },
    {
      name: 'verdict_dimension',
      values: [
        ['VERDICT_BY_MODE', 0],
        ['VERDICT_BY_KIND', 1],
        ['VERDICT_BY_COMM', 2],
        ['VERDICT_BY_UID', 3],
        ['VERDICT_BY_GID', 4],
        ['VERDICT_BY_CONTAINER', 5],
        ['VERDICT_BY_LAST', 6],
        ['VERDICT_BY_PATH', 7],
        ['VERDICT_BY_LAST2', 8],
        ['VERDICT_BY_PATH2', 9],
        ['VERDICT_BY_EXE', 10],
        ['VERDICT_BY_PARENT', 11],
        ['VERDICT_BY_PARENT_COMM', 12],
        ['VERDICT_BY_ANCESTOR', 13],
        ['VERDICT_BY_ANCESTOR_COMM', 14],
        ['VERDICT_BY_NUMBER', 15],
        ['VERDICT_BY_SOCKET', 16],
        ['VERDICT_BY_SERVER', 17],
        ['VERDICT_BY_SERVER_PORT', 18],
        ['VERDICT_BY_REMOTE', 19],
        ['VERDICT_BY_REMOTE_PORT', 20],
        ['VERDICT_BY_TARGET', 21],
        ['VERDICT_BY_TARGET_COMM', 22],
        ['VERDICT_BY_TARGET_PID', 23],
        ['VERDICT_BY_ARGUMENT', 24],
        ['VERDICT_BY_RESULT', 30],
        ['VERDICT_DIMENSIONS', 31],
      ],
    },
    {
      name: 'verdict_operation',
      values: [
        ['VERDICT_OPEN', 0],
        ['VERDICT_EXEC', 1],
        ['VERDICT_UNLINK', 2],
        ['VERDICT_RMDIR', 3],
        ['VERDICT_RENAME', 4],
        ['VERDICT_LINK', 5],
        ['VERDICT_SYMLINK', 6],
        ['VERDICT_MKDIR', 7],
        ['VERDICT_MKNOD', 8],
        ['VERDICT_CHMOD', 9],
        ['VERDICT_CHOWN', 10],
        ['VERDICT_TRUNCATE', 11],
        ['VERDICT_MOUNT', 12],
        ['VERDICT_PTRACE', 13],
        ['VERDICT_SIGNAL', 14],
        ['VERDICT_MODULE', 15],
        ['VERDICT_BPF', 16],
        ['VERDICT_SOCKET', 17],
        ['VERDICT_CONNECT', 18],
        ['VERDICT_BIND', 19],
        ['VERDICT_LISTEN', 20],
        ['VERDICT_SEND', 21],
        ['VERDICT_UMOUNT', 22],
        ['VERDICT_OPERATIONS', 23],
      ],
    },
    {
      name: 'verdict_place',
      values: [
        ['PLACE_UNKNOWN', 0],
        ['PLACE_HOST', 1],
        ['PLACE_CONTAINER', 2],
      ],
    },
    {
      name: 'verdict_table',
      values: [
        ['COMM_TABLE', 0],
        ['PARENT_COMM_TABLE', 2],
        ['ANCESTOR_COMM_TABLE', 4],
        ['TARGET_COMM_TABLE', 6],
        ['UID_TABLE', 0],
        ['GID_TABLE', 2],
        ['SERVER_PORT_TABLE', 4],
        ['REMOTE_PORT_TABLE', 6],
        ['NUMBER_TABLE', 8],
        ['ARGUMENT_TABLE', 10],
        ['OTHER_ARGUMENT_TABLE', 12],
        ['TARGET_PID_TABLE', 14],
      ],
    },
  ],
};
