// A process of the tree as the record that the task iterator would make of it, for a recording that begins
// in the middle of its life.

import { encodeRecord } from '../decode/encode.js';
import { NOT_AVAILABLE } from '../decode/event.js';
import type { Process } from './process.js';

/** `RECORD_TASK` of a process; what the tree does not know is absent. */
export function taskRecord(process: Process): Buffer {
  const { program, parent } = process;
  const known = (text: string | undefined): string | undefined =>
    text === NOT_AVAILABLE ? undefined : text;
  return encodeRecord({
    kind: 'task',
    task: {
      start_ns: process.start_ns,
      exec_id: Math.max(process.exec_low, 0),
      parent_start_ns: parent?.start_ns ?? 0n,
      cgroup_id: process.cgroup_id,
      cap_effective: process.cap_effective,
      cap_permitted: process.cap_permitted,
      cap_inheritable: process.cap_inheritable,
      pid: process.pid,
      tid: process.pid,
      parent_pid: parent?.pid ?? 0,
      uid: process.uid,
      gid: process.gid,
      loginuid: process.loginuid,
      session: process.session,
      pgid: process.pgid,
      vpid: process.vpid,
      vtid: process.vpid,
      vpgid: process.vpgid,
      tty: process.tty,
      pid_ns: process.pid_ns,
      mnt_ns: process.mnt_ns,
      comm: process.comm,
    },
    own: {
      inode: program.inode,
      ctime_ns: program.ctime_ns,
      mtime_ns: program.mtime_ns,
      pid_ns_start_ns: process.pid_ns_start_ns,
      dev: program.dev,
      exe_flags: program.flags,
      argc: program.argc,
    },
    texts: {
      exe: known(program.exepath),
      cwd: process.cwd,
      argv: program.argv_area,
      env: program.env_area,
      cgroup: process.cgroup,
    },
  });
}
