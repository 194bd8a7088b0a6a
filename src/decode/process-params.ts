// Where the parameters of exec, clone and procexit come from: the record and the process.

import { exe_flag } from '../abi/layout.js';
import { type Event, NOT_AVAILABLE, type Value } from './event.js';

/** The parameters of execve and execveat, and those that clone, fork and vfork share with them. */
export const EXEC_SOURCES: Readonly<Record<string, (event: Event) => Value>> = {
  res: (event) => event.ret,
  exe: (event) => known(event.process.exe),
  args: (event) => event.process.argv.slice(1).join('\0'),
  tid: (event) => event.task.tid,
  pid: (event) => event.task.pid,
  ptid: (event) => event.task.parent_pid,
  cwd: (event) => event.process.cwd,
  comm: (event) => event.task.comm,
  cgroups: (event) => event.process.cgroup,
  env: (event) => event.process.env.join('\0'),
  tty: (event) => event.task.tty,
  vpgid: (event) => event.task.vpgid,
  pgid: (event) => event.task.pgid,
  vtid: (event) => event.task.vtid,
  vpid: (event) => event.task.vpid,
  loginuid: (event) => event.task.loginuid,
  flags: (event) => execFlags(event.process.exe_flags),
  cap_inheritable: (event) => event.task.cap_inheritable,
  cap_permitted: (event) => event.task.cap_permitted,
  cap_effective: (event) => event.task.cap_effective,
  exe_ino: (event) => event.process.exe_inode,
  exe_ino_ctime: (event) => event.process.exe_ctime_ns,
  exe_ino_mtime: (event) => event.process.exe_mtime_ns,
  uid: (event) => event.task.uid,
  gid: (event) => event.task.gid,
  trusted_exepath: (event) => known(event.process.exepath),
  filename: (event) => event.exec?.filename ?? event.call?.claimed,
  pidns_init_start_ts: (event) => {
    const start_ns = event.process.pid_ns_start_ns;
    return start_ns === 0n ? undefined : start_ns + event.boot_epoch_ns;
  },
};

/** The parameters of procexit; status is built the way wait(2) gives it. */
export const EXIT_SOURCES: Readonly<Record<string, (event: Event) => Value>> = {
  status: (event) => {
    const exit = event.exit;
    if (exit === undefined) return undefined;
    return (exit.exit_code << 8) | exit.exit_signal | (exit.core_dumped ? 0x80 : 0);
  },
  ret: (event) => event.exit?.exit_code,
  sig: (event) => event.exit?.exit_signal,
  core: (event) => (event.exit === undefined ? undefined : Number(event.exit.core_dumped)),
  reaper_tid: (event) => event.exit?.reaper_pid,
};

/** The flags of an exec in the numbering that rules see. */
export function execFlags(flags: number): number {
  return (
    ((flags & exe_flag.EXE_WRITABLE) === 0 ? 0 : 1) |
    ((flags & exe_flag.EXE_UPPER_LAYER) === 0 ? 0 : 2) |
    ((flags & exe_flag.EXE_MEMFD) === 0 ? 0 : 4) |
    ((flags & exe_flag.EXE_LOWER_LAYER) === 0 ? 0 : 8)
  );
}

function known(text: string): string | undefined {
  return text === NOT_AVAILABLE ? undefined : text;
}
