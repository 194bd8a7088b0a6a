// The threads and processes of a scenario, as the kernel would know them.

import { toBytes } from '../rules/bytes.js';
import { AF_INET, AF_INET6 } from './call.js';
import { NOT_AVAILABLE } from './event.js';
import {
  anonymousDescriptor,
  type Descriptor,
  directoryDescriptor,
  fileDescriptor,
  mark,
  pipeDescriptor,
  socketDescriptor,
} from './scenario-descriptor.js';
import { addressOf, tupleOf } from './scenario-values.js';
import { FIRST_PID_NS } from './task.js';

/** A thread that is there at the start, as /proc would show it. Text, not bytes. */
export interface ScenarioThread {
  tid: number;
  /** Default: `tid`, the thread is the leader of its process. */
  pid?: number;
  /** Thread that made it; 0: none. */
  ptid?: number;
  comm: string;
  /** argv[0]. */
  exe: string;
  exepath: string;
  /** argv[1..] */
  args?: readonly string[];
  env?: readonly string[];
  cwd?: string;
  uid?: number;
  gid?: number;
  loginuid?: number;
  tty?: number;
  sid?: number;
  pgid?: number;
  vpgid?: number;
  vpid?: number;
  /** Inode number of its pid namespace; default: the host's. */
  pid_ns?: number;
  vtid?: number;
  /** Nanoseconds since 1970; absent: not known. */
  clone_ts?: bigint;
  cap_effective?: bigint;
  cap_permitted?: bigint;
  cap_inheritable?: bigint;
  /** `enum exe_flag` of bpf/abi.h. */
  exe_flags?: number;
  cgroup?: string;
  fds?: readonly ScenarioDescriptor[];
}

/** A descriptor that is open at the start. */
export interface ScenarioDescriptor {
  fd: number;
  type: string;
  name: string;
}

/** What the threads of a process share; texts are byte strings. */
export interface Process {
  pid: number;
  ptid: number;
  start_ns: bigint;
  exepath: string | undefined;
  argv: string[];
  env: string[];
  cwd: string | undefined;
  session: number;
  pgid: number;
  vpid: number;
  vpgid: number;
  pid_ns: number;
  tty: number;
  pid_ns_start_ns: bigint;
  cgroup: string | undefined;
  exe_flags: number;
  exe_inode: number | bigint;
  exe_ctime_ns: bigint;
  exe_mtime_ns: bigint;
  descriptors: Map<number, Descriptor>;
}

/** Who acts. */
export class Thread {
  readonly tid: number;
  readonly process: Process;
  comm: string;
  vtid: number;
  uid: number;
  gid: number;
  loginuid: number;
  cap_effective: bigint;
  cap_permitted: bigint;
  cap_inheritable: bigint;

  constructor(given: ScenarioThread, process: Process) {
    this.tid = given.tid;
    this.process = process;
    this.comm = toBytes(given.comm);
    this.vtid = given.vtid ?? given.tid;
    this.uid = given.uid ?? 0;
    this.gid = given.gid ?? 0;
    this.loginuid = given.loginuid ?? UNSET;
    this.cap_effective = given.cap_effective ?? 0n;
    this.cap_permitted = given.cap_permitted ?? 0n;
    this.cap_inheritable = given.cap_inheritable ?? 0n;
  }

  /** A thread that the scenario says nothing about. */
  static unknown(tid: number): Thread {
    const nobody = { tid, comm: NOT_AVAILABLE, exe: '', exepath: '', uid: UNSET, gid: UNSET };
    return new Thread(nobody, { ...processOf(nobody), argv: [], exepath: undefined });
  }

  /** A new thread with the same identity. */
  fork(tid: number, process: Process): Thread {
    const thread = new Thread({ tid, comm: '', exe: '', exepath: '' }, process);
    return Object.assign(thread, this, { tid, vtid: tid, process });
  }
}

/** The process of a thread. */
export function processOf(given: ScenarioThread): Process {
  const pid = given.pid ?? given.tid;
  return {
    pid,
    ptid: given.ptid ?? 0,
    start_ns: given.clone_ts ?? 0n,
    exepath: toBytes(given.exepath),
    argv: [given.exe, ...(given.args ?? [])].map(toBytes),
    env: (given.env ?? []).map(toBytes),
    cwd: given.cwd === undefined ? undefined : toBytes(given.cwd),
    session: given.sid ?? 0,
    pgid: given.pgid ?? 0,
    vpid: given.vpid ?? pid,
    vpgid: given.vpgid ?? 0,
    pid_ns: given.pid_ns ?? FIRST_PID_NS,
    tty: given.tty ?? 0,
    pid_ns_start_ns: 0n,
    cgroup: given.cgroup === undefined ? undefined : toBytes(given.cgroup),
    exe_flags: given.exe_flags ?? 0,
    exe_inode: 0,
    exe_ctime_ns: 0n,
    exe_mtime_ns: 0n,
    descriptors: new Map((given.fds ?? []).map((one) => [one.fd, descriptorOf(one)])),
  };
}

/** Stands for an unset uid, gid or login uid. */
export const UNSET = 0xffff_ffff;

function descriptorOf({ type, name }: ScenarioDescriptor): Descriptor {
  const path = toBytes(name);
  switch (type) {
    case 'dir':
    case 'directory':
      return directoryDescriptor(path);
    case 'pipe':
      return pipeDescriptor();
    case 'ipv4':
    case 'ipv6':
      return connection(type === 'ipv4' ? AF_INET : AF_INET6, name);
    case 'unix':
      return { ...socketDescriptor(1, 1, 0), path };
    case 'file':
      return fileDescriptor(path);
    default:
      return anonymousDescriptor(type);
  }
}

// `CLIENT->SERVER` for a connection that the process made, `ADDRESS` for a socket that is bound.
function connection(family: number, name: string): Descriptor {
  const socket = socketDescriptor(family, 1, 0);
  if (name.includes('->')) {
    const { source, destination } = tupleOf(name);
    mark(socket, 'CONNECTED');
    return { ...socket, local: source, remote: destination };
  }
  if (name === '') return socket;
  mark(socket, 'BOUND');
  return { ...socket, local: addressOf(name).end };
}
