// Readers of proc.* and thread.* without an argument.

import { exe_flag } from '../abi/layout.js';
import type { TextPlace } from '../decode/cursor.js';
import type { Event, ProcessView, Reader, Value } from '../decode/event.js';
import { joinArguments } from '../decode/process.js';
import { typesOf } from '../decode/types.js';
import { ancestor, groupLeader, sessionLeader } from './ancestors.js';
import { capabilityNames } from './capabilities.js';

/** Readers by field name. */
export const PROC_READERS: Readonly<Record<string, Reader>> = {
  'proc.name': Object.assign((event: Event) => event.task.comm, { locate: locateComm }),
  'proc.exe': (event) => event.process.exe,
  'proc.exepath': (event) => event.process.exepath,
  'proc.args': (event) => event.process.args,
  'proc.cmdline': (event) => {
    const args = event.process.args;
    return args === '' ? event.task.comm : `${event.task.comm} ${args}`;
  },
  // The blank stands there without arguments too, as in Falco.
  'proc.exeline': ({ process: { exe, args } }) => `${exe} ${args}`,
  'proc.cmdnargs': (event) => Math.max(0, event.process.argv.length - 1),
  'proc.cmdlenargs': (event) =>
    event.process.argv.slice(1).reduce((sum, argument) => sum + argument.length, 0),
  'proc.env': Object.assign<Reader, Pick<Reader, 'unjoined'>>(
    ({ process }) => environment(process),
    { unjoined: ({ process }) => process.env_area },
  ),
  'proc.cwd': (event) => event.process.cwd,

  'proc.pid': (event) => event.task.pid,
  'proc.ppid': (event) => event.task.parent_pid,
  'proc.vpid': (event) => event.task.vpid,
  'proc.pvpid': (event) => event.process.parent?.vpid,
  'proc.tty': (event) => event.task.tty,
  'proc.sid': (event) => event.task.session,
  'proc.pgid': (event) => event.task.pgid,
  'proc.vpgid': (event) => event.task.vpgid,
  'proc.is_sid_leader': (event) => event.task.session === event.task.pid,
  'proc.is_pgid_leader': (event) => event.task.pgid === event.task.pid,
  'proc.is_vpgid_leader': (event) => event.task.vpgid === event.task.vpid,
  'proc.sname': (event) => sessionLeader(event)?.comm ?? '',
  'proc.sid.exe': (event) => sessionLeader(event)?.exe ?? '',
  'proc.sid.exepath': (event) => sessionLeader(event)?.exepath ?? '',
  'proc.pgid.name': (event) => groupLeader(event, event.task.pgid)?.comm ?? '',
  'proc.pgid.exe': (event) => groupLeader(event, event.task.pgid)?.exe ?? '',
  'proc.pgid.exepath': (event) => groupLeader(event, event.task.pgid)?.exepath ?? '',
  // The group seen from the host is the same group.
  'proc.vpgid.name': (event) => groupLeader(event, event.task.pgid)?.comm ?? '',
  'proc.vpgid.exe': (event) => groupLeader(event, event.task.pgid)?.exe ?? '',
  'proc.vpgid.exepath': (event) => groupLeader(event, event.task.pgid)?.exepath ?? '',
  'proc.loginshellid': loginShell,
  'proc.nchilds': (event) => event.process.child_count,

  'proc.pname': (event) => event.process.parent?.comm,
  'proc.pexe': (event) => event.process.parent?.exe,
  'proc.pexepath': (event) => event.process.parent?.exepath,
  'proc.pcmdline': (event) => event.process.parent?.cmdline,

  'proc.duration': (event) => since(event, event.task.start_ns),
  'proc.ppid.duration': (event) => since(event, event.process.parent?.start_ns),
  'proc.pid.ts': (event) =>
    event.task.start_ns === 0n ? undefined : sinceEpoch(event, event.task.start_ns),
  'proc.ppid.ts': (event) => sinceEpoch(event, event.process.parent?.start_ns),
  'proc.pidns_init_start_ts': (event) => {
    const start_ns = event.process.pid_ns_start_ns;
    return start_ns === 0n ? undefined : start_ns + event.boot_epoch_ns;
  },

  'proc.is_exe_writable': hasFlag(exe_flag.EXE_WRITABLE),
  'proc.is_exe_upper_layer': hasFlag(exe_flag.EXE_UPPER_LAYER),
  'proc.is_exe_lower_layer': hasFlag(exe_flag.EXE_LOWER_LAYER),
  'proc.is_exe_from_memfd': hasFlag(exe_flag.EXE_MEMFD),
  'proc.exe_ino': (event) => nonZero(event.process.exe_inode),
  'proc.exe_ino.ctime': (event) => nonZero(event.process.exe_ctime_ns),
  'proc.exe_ino.mtime': (event) => nonZero(event.process.exe_mtime_ns),
  'proc.exe_ino.ctime_duration_proc_start': (event) => {
    const ctime_ns = event.process.exe_ctime_ns;
    const start_ns = event.task.start_ns + event.boot_epoch_ns;
    return ctime_ns === 0n || ctime_ns > start_ns ? undefined : start_ns - ctime_ns;
  },
  'proc.exe_ino.ctime_duration_pidns_start': (event) => {
    const { exe_ctime_ns, pid_ns_start_ns } = event.process;
    const start_ns = pid_ns_start_ns + event.boot_epoch_ns;
    if (exe_ctime_ns === 0n || pid_ns_start_ns === 0n || exe_ctime_ns < start_ns) return undefined;
    return exe_ctime_ns - start_ns;
  },

  'thread.tid': (event) => event.task.tid,
  'thread.vtid': (event) => event.task.vtid,
  'thread.ismain': (event) => event.task.tid === event.task.pid,
  'thread.nametid': (event) => `${event.task.comm}${event.task.tid}`,
  'thread.cap_permitted': (event) => capabilityNames(capable(event).cap_permitted),
  'thread.cap_inheritable': (event) => capabilityNames(capable(event).cap_inheritable),
  'thread.cap_effective': (event) => capabilityNames(capable(event).cap_effective),
  'thread.cgroups': (event) => nonEmpty(event.process.cgroup),
};

/**
 * The environment joined with blanks. The last one is kept: a process that looks for a program along PATH
 * fails once for each folder, and rules look into its environment each time.
 */
export function environment(process: ProcessView): string {
  const { env_area } = process;
  if (env_area !== areaRead) {
    environmentRead = joinArguments(env_area, 0, 0);
    areaRead = env_area;
  }
  return environmentRead;
}

let areaRead = '';
let environmentRead = '';

function locateComm(event: Event, place: TextPlace): boolean {
  event.task.locateComm(place);
  return true;
}

// Whoever enters a user namespace may do everything in it: asked is what it could do before, which
// is what it had when it began or became its program.
const ENTERING = typesOf('unshare setns');
function capable(
  event: Event,
): Pick<ProcessView, `cap_${'permitted' | 'inheritable' | 'effective'}`> {
  return ENTERING.has(event.type) ? event.process : event.task;
}

// Nothing but the idle task started at 0: there the time is not known.
function since(event: Event, start_ns: bigint | undefined): Value {
  return start_ns === undefined || start_ns === 0n ? undefined : event.task.time_ns - start_ns;
}

/** Boot time as time since 1970. */
function sinceEpoch(event: Event, time_ns: bigint | undefined): Value {
  return time_ns === undefined ? undefined : time_ns + event.boot_epoch_ns;
}

function hasFlag(flag: number): Reader {
  return (event) => (event.process.exe_flags & flag) !== 0;
}

function nonZero(value: bigint): bigint | undefined {
  return value === 0n ? undefined : value;
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}

// The shell that stands highest: the last one on the way up whose name ends in "sh".
function loginShell(event: Event): number | undefined {
  let found: number | undefined;
  let process: ProcessView | undefined = event.process;
  while (process !== undefined) {
    if (process.comm.endsWith('sh')) found = process.pid;
    process = ancestor(process, 1);
  }
  return found;
}
