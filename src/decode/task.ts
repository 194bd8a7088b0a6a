// The part all records share: the header, and who did it at the moment of the event.

import { exit_record } from '../abi/layout.js';
import { Cursor, type TextPlace } from './cursor.js';

// Every record begins with header and task; exit_record stands for all of them here.
const { header, task } = exit_record;
const START: number = task.start_ns;
const PARENT_START: number = task.parent_start_ns;
const EXEC_ID: number = task.exec_id;

/** `pid_ns` of the host: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
export const FIRST_PID_NS = 0xefff_fffc;

/** A record's header and task part; `bpf/abi.h` says what each field means. */
export class TaskCursor extends Cursor {
  /** CLOCK_BOOTTIME at the hook. */
  get time_ns(): bigint {
    return this.u64(header.time_ns);
  }
  /** As `time_ns`, a number while that is exact: the first 104 days after boot. */
  get time(): number | bigint {
    return this.int(header.time_ns);
  }
  get kind(): number {
    return this.u16(header.kind);
  }
  get type(): number {
    return this.u16(header.type);
  }
  get plan(): number {
    return this.u32(header.plan);
  }
  get cpu(): number {
    return this.u32(header.cpu);
  }

  get start_ns(): bigint {
    return this.u64(task.start_ns);
  }
  /** Both halves of `start_ns`, for comparing without making a bigint. */
  get start_low(): number {
    return this.u32(START);
  }
  get start_high(): number {
    return this.u32(START + 4);
  }
  /** The low half of `exec_id`: enough to see that there was an exec. */
  get exec_low(): number {
    return this.u32(EXEC_ID);
  }
  get exec_id(): bigint {
    return this.u64(task.exec_id);
  }
  get parent_start_ns(): bigint {
    return this.u64(task.parent_start_ns);
  }
  get parent_start_low(): number {
    return this.u32(PARENT_START);
  }
  get parent_start_high(): number {
    return this.u32(PARENT_START + 4);
  }
  get cgroup_id(): number | bigint {
    return this.int(task.cgroup_id);
  }
  get cap_effective(): bigint {
    return this.u64(task.cap_effective);
  }
  get cap_permitted(): bigint {
    return this.u64(task.cap_permitted);
  }
  get cap_inheritable(): bigint {
    return this.u64(task.cap_inheritable);
  }
  get pid(): number {
    return this.u32(task.pid);
  }
  get tid(): number {
    return this.u32(task.tid);
  }
  get parent_pid(): number {
    return this.u32(task.parent_pid);
  }
  get uid(): number {
    return this.u32(task.uid);
  }
  get gid(): number {
    return this.u32(task.gid);
  }
  /** 4294967295: unset. */
  get loginuid(): number {
    return this.u32(task.loginuid);
  }
  get session(): number {
    return this.u32(task.session);
  }
  get pgid(): number {
    return this.u32(task.pgid);
  }
  get vpid(): number {
    return this.u32(task.vpid);
  }
  get vtid(): number {
    return this.u32(task.vtid);
  }
  get vpgid(): number {
    return this.u32(task.vpgid);
  }
  get tty(): number {
    return this.u32(task.tty);
  }
  get pid_ns(): number {
    return this.u32(task.pid_ns);
  }
  get mnt_ns(): number {
    return this.u32(task.mnt_ns);
  }
  get user_ns(): number {
    return this.u32(task.user_ns);
  }
  get net_ns(): number {
    return this.u32(task.net_ns);
  }
  /** Whether `comm` is that text, without making one. */
  commIs(text: string): boolean {
    return this.charsAre(task.comm.at, task.comm.count, text);
  }
  /** Of the thread. */
  get comm(): string {
    return this.chars(task.comm.at, task.comm.count);
  }
  locateComm(place: TextPlace): void {
    this.locateChars(task.comm.at, task.comm.count, place);
  }
}
