// The event: one decoded record, the process that did it, and what enrichment adds. Reused for all.

import { event_type } from '../abi/layout.js';
import type { CallCursor } from './call.js';
import { DecodeCounters, type TextPlace } from './cursor.js';
import { type ExecCursor, ExitCursor } from './process.js';
import type { TaskCursor } from './task.js';

/**
 * What a reader returns.
 *
 * `undefined` is a missing value; a string is a byte string; an IP address is a byte string of 4
 * or 16 bytes. A list is several values of one field: ancestors (parent first), both sides of a
 * connection, the elements of a list field.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | readonly string[]
  | readonly number[];

/** Reads one field from the event; does not change it and does not throw. */
export interface Reader {
  (event: Event): Value;
  /**
   * Says where the text lies that the reader would make, so that none need be made; false: it does not
   * lie anywhere, or is missing, and the reader is to be asked.
   */
  readonly locate?: ((event: Event, place: TextPlace) => boolean) | undefined;
  /**
   * The same text before its parts were joined: NULs in the place of the blanks between them, and perhaps
   * one at the end. What holds neither a blank nor a NUL is in this exactly if it is in the text.
   */
  readonly unjoined?: ((event: Event) => string) | undefined;
}

/** A process as the readers see it; texts are byte strings. The class is in enrich. */
export interface ProcessView {
  readonly pid: number;
  /** Boot time when the process started. */
  readonly start_ns: bigint;
  /** False for a process nobody knows anything about: its names are the text `<NA>`. */
  readonly known: boolean;
  /** A record about it was lost: what is said of it may be wrong. */
  readonly uncertain: boolean;
  readonly parent: ProcessView | undefined;
  readonly comm: string;
  /** argv[0]. */
  readonly exe: string;
  /** Path of the program as the kernel resolved it. */
  readonly exepath: string;
  /** argv[1..] joined with one blank. */
  readonly args: string;
  /** `comm`, then a blank and the arguments if there are any. */
  readonly cmdline: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** The same as one text: NUL between the entries, or behind each. */
  readonly env_area: string;
  /** Ends in a slash; `undefined` when unknown. */
  readonly cwd: string | undefined;
  readonly uid: number;
  readonly gid: number;
  readonly loginuid: number;
  readonly cap_effective: bigint;
  readonly cap_permitted: bigint;
  readonly cap_inheritable: bigint;
  readonly tty: number;
  readonly session: number;
  readonly pgid: number;
  readonly vpid: number;
  readonly vpgid: number;
  readonly pid_ns: number;
  /** Boot time when the init process of its pid namespace started; 0 where unknown. */
  readonly pid_ns_start_ns: bigint;
  readonly mnt_ns: number;
  readonly cgroup: string;
  readonly exe_inode: bigint;
  readonly exe_dev: number;
  /** Since 1970; 0 where unknown. */
  readonly exe_ctime_ns: bigint;
  readonly exe_mtime_ns: bigint;
  /** `enum exe_flag` of bpf/abi.h. */
  readonly exe_flags: number;
  /** Living children. */
  readonly child_count: number;
  readonly container: ContainerView | undefined;
}

/** A container as the readers see it. */
export interface ContainerView {
  /** The first 12 hex digits, or `host`. */
  readonly id: string;
  readonly full_id: string;
  /** docker, containerd, cri-o, podman, ... ; `host` for the host. */
  readonly type: string;
  readonly pod_uid: string | undefined;
  readonly metadata: ContainerMetadata | undefined;
}

/** What a container runtime knows; absent until its answer has come. Byte strings. */
export interface ContainerMetadata {
  readonly name?: string;
  readonly image?: string;
  readonly image_id?: string;
  readonly image_repository?: string;
  readonly image_tag?: string;
  readonly image_digest?: string;
  readonly privileged?: boolean;
  readonly mounts?: readonly ContainerMount[];
  readonly labels?: ReadonlyMap<string, string>;
  readonly ip?: string;
  readonly cni_json?: string;
  readonly host_pid?: boolean;
  readonly host_network?: boolean;
  readonly host_ipc?: boolean;
  /** Since 1970. */
  readonly start_ns?: bigint;
  readonly pod_sandbox_id?: string;
  /** Which runtime answered: docker, podman, containerd, cri-o, cri. */
  readonly type?: string;
  readonly pod_labels?: ReadonlyMap<string, string>;
}

export interface ContainerMount {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly writable: boolean;
  readonly propagation: string;
}

/** A user of the host or of a container. */
export interface Account {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

/** What readers may ask about things other than the event's own process; enrich provides it. */
export interface Surroundings {
  /** The user of that number where the process lives; `undefined` without an entry. */
  user(uid: number, process: ProcessView): Account | undefined;
  /** The group's name where the process lives. */
  group(gid: number, process: ProcessView): string | undefined;
  /** The living process of that number. */
  process(pid: number): ProcessView | undefined;
  /** Whether an interface of this host has the address (4 or 16 bytes). */
  isLocalAddress(address: string): boolean;
  /** The host names that rules know the address by (4 or 16 bytes); none when there is none. */
  hostNames(address: string): readonly string[];
}

/**
 * One event, on its way from decode to match.
 *
 * There is one object for all events: who keeps an event copies what it needs.
 */
export class Event {
  /** Running number, from 1. */
  num = 0;
  /** Native system call number or `EVENT_EXIT`; a successful exec is execve. */
  type: number = event_type.EVENT_EXIT;
  /** Whoever did it, live at the event; the same object as the cursor of the record. */
  task: TaskCursor = new ExitCursor(new DecodeCounters());
  /** The end of a system call; `undefined` for exec and exit records. */
  call: CallCursor | undefined;
  /** A successful exec. */
  exec: ExecCursor | undefined;
  /** The end of a process. */
  exit: ExitCursor | undefined;
  /** Datagrams: the socket's peer is another one than the last time we saw the socket. */
  peer_changed = false;
  /** Differs between any two events of this thread, and readings of one, whatever object they came in. */
  serial = 0;
  /** What the caller wrote, where the object may be another one, see claim.ts. */
  claim: string | undefined;
  process: ProcessView = NOBODY;
  surroundings: Surroundings = NOWHERE;
  /** Added to boot time gives time since 1970. */
  boot_epoch_ns = 0n;
  host_name = '';
  /** Boot time of the first event. */
  first_time_ns = 0n;
  /** Boot times of this event and of the one before it. */
  current_time: number | bigint = 0;
  previous_time: number | bigint = 0;

  /** Begins the next event: its number goes up and what readers remember falls. */
  advance(): void {
    lastSerial += 1;
    this.serial = lastSerial;
    this.num += 1;
    this.claim = undefined;
  }

  /**
   * The event with the object that the kernel found, or with what the caller wrote in its place. It is
   * read so until it is asked for otherwise.
   */
  read(claimed: boolean): Event {
    const { call } = this;
    const claim = claimed ? this.claim : undefined;
    if (call === undefined || call.claim === claim) return this;
    call.claim = claim;
    lastSerial += 1;
    this.serial = lastSerial;
    return this;
  }

  /** What the caller wrote is read in the place of the object. */
  get is_claimed(): boolean {
    return this.call?.claim !== undefined;
  }

  /** When it happened, since 1970. */
  get time_ns(): bigint {
    return this.task.time_ns + this.boot_epoch_ns;
  }

  /** Return value of the call; an exec that came to be returned 0. */
  get ret(): number | bigint | undefined {
    if (this.call !== undefined) return this.call.ret;
    return this.exec === undefined ? undefined : 0;
  }
}

let lastSerial = 0;

/**
 * Wraps a reader so that it works once per event, however many rules ask. For readers that make
 * text; the last value is kept.
 */
export function oncePerEvent(read: Reader): Reader {
  let serial = -1;
  let value: Value;
  const once: Reader = (event) => {
    if (serial !== event.serial) {
      value = read(event);
      serial = event.serial;
    }
    return value;
  };
  return read.locate === undefined ? once : Object.assign(once, { locate: read.locate });
}

/** The text that stands for a name nobody knows. */
export const NOT_AVAILABLE = '<NA>';

/** Stands for a process that nobody knows anything about. */
export const NOBODY: ProcessView = {
  pid: -1,
  start_ns: 0n,
  known: false,
  uncertain: false,
  parent: undefined,
  comm: NOT_AVAILABLE,
  exe: NOT_AVAILABLE,
  exepath: NOT_AVAILABLE,
  args: '',
  cmdline: NOT_AVAILABLE,
  argv: [],
  env: [],
  env_area: '',
  cwd: undefined,
  uid: 0xffff_ffff,
  gid: 0xffff_ffff,
  loginuid: 0xffff_ffff,
  cap_effective: 0n,
  cap_permitted: 0n,
  cap_inheritable: 0n,
  tty: 0,
  session: -1,
  pgid: -1,
  vpid: -1,
  vpgid: -1,
  pid_ns: 0,
  pid_ns_start_ns: 0n,
  mnt_ns: 0,
  cgroup: '',
  exe_inode: 0n,
  exe_dev: 0,
  exe_ctime_ns: 0n,
  exe_mtime_ns: 0n,
  exe_flags: 0,
  child_count: 0,
  container: undefined,
};

/** Knows nothing; for decoding without enrichment. */
export const NOWHERE: Surroundings = {
  user: () => undefined,
  group: () => undefined,
  process: () => undefined,
  isLocalAddress: () => false,
  hostNames: () => [],
};
