// A child that has not called exec, as the readers of a process see it.

import type { ContainerView, ProcessView } from '../decode/event.js';

/** The same program as its parent's, one step further down; all else that it has is its parent's too. */
export class ForkedView implements ProcessView {
  constructor(readonly parent: ProcessView) {}

  get pid(): number {
    return this.parent.pid;
  }
  get start_ns(): bigint {
    return this.parent.start_ns;
  }
  get known(): boolean {
    return this.parent.known;
  }
  get uncertain(): boolean {
    return this.parent.uncertain;
  }
  get comm(): string {
    return this.parent.comm;
  }
  get exe(): string {
    return this.parent.exe;
  }
  get exepath(): string {
    return this.parent.exepath;
  }
  get args(): string {
    return this.parent.args;
  }
  get cmdline(): string {
    return this.parent.cmdline;
  }
  get argv(): readonly string[] {
    return this.parent.argv;
  }
  get env(): readonly string[] {
    return this.parent.env;
  }
  get env_area(): string {
    return this.parent.env_area;
  }
  get cwd(): string | undefined {
    return this.parent.cwd;
  }
  get uid(): number {
    return this.parent.uid;
  }
  get gid(): number {
    return this.parent.gid;
  }
  get loginuid(): number {
    return this.parent.loginuid;
  }
  get cap_effective(): bigint {
    return this.parent.cap_effective;
  }
  get cap_permitted(): bigint {
    return this.parent.cap_permitted;
  }
  get cap_inheritable(): bigint {
    return this.parent.cap_inheritable;
  }
  get tty(): number {
    return this.parent.tty;
  }
  get session(): number {
    return this.parent.session;
  }
  get pgid(): number {
    return this.parent.pgid;
  }
  get vpid(): number {
    return this.parent.vpid;
  }
  get vpgid(): number {
    return this.parent.vpgid;
  }
  get pid_ns(): number {
    return this.parent.pid_ns;
  }
  get pid_ns_start_ns(): bigint {
    return this.parent.pid_ns_start_ns;
  }
  get mnt_ns(): number {
    return this.parent.mnt_ns;
  }
  get cgroup(): string {
    return this.parent.cgroup;
  }
  get exe_inode(): bigint {
    return this.parent.exe_inode;
  }
  get exe_dev(): number {
    return this.parent.exe_dev;
  }
  get exe_ctime_ns(): bigint {
    return this.parent.exe_ctime_ns;
  }
  get exe_mtime_ns(): bigint {
    return this.parent.exe_mtime_ns;
  }
  get exe_flags(): number {
    return this.parent.exe_flags;
  }
  get child_count(): number {
    return 0;
  }
  get container(): ContainerView | undefined {
    return this.parent.container;
  }
}
