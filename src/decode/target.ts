// Whom a signal or tracing is aimed at, as far as the call and the process tree tell: fields of Saker's own.

import { typeNumber } from '../rules/events.js';
import type { CallCursor } from './call.js';
import { type Event, NOT_AVAILABLE, type ProcessView, type Reader } from './event.js';
import { FIRST_PID_NS } from './task.js';
import { typesOf } from './types.js';

/** Readers by field name. */
export const TARGET_READERS: Readonly<Record<string, Reader>> = {
  'target.pid': (event) => event.call?.target_pid ?? targetOf(event)?.pid,
  'target.name': (event) => known(targetOf(event)?.comm),
  'target.exepath': (event) => known(targetOf(event)?.exepath),
};

/** Whether calls of this type are aimed at a process; what they name it by may say nothing to us. */
export function isAimed(type: number): boolean {
  return ARGUMENT.has(type) || BY_DESCRIPTOR.has(type);
}

function targetOf(event: Event): ProcessView | undefined {
  const { call, task } = event;
  const pid = call && (call.target_pid ?? namedPid(event, call));
  if (pid === undefined) return undefined;
  if (pid === task.pid || pid === task.tid) return event.process;
  return event.surroundings.process(pid);
}

// The number that the caller gave, where it is one of the host's and somebody's.
function namedPid({ type, task }: Event, call: CallCursor): number | undefined {
  const index = ARGUMENT.get(type);
  if (index === undefined || Number(call.ret) === -ESRCH) return undefined;
  if (type === PTRACE && Number(call.arg(0)) === PTRACE_TRACEME) return task.pid;
  const pid = call.argInt(index);
  return pid > 0 && task.pid_ns === FIRST_PID_NS ? pid : undefined; // others are groups
}

// Threads of the kernel have no program.
function known(text: string | undefined): string | undefined {
  return text === NOT_AVAILABLE || text === '' ? undefined : text;
}

const PTRACE = typeNumber('ptrace');
/** Asks to be traced by the parent. */
const PTRACE_TRACEME = 0;
const ESRCH = 3;

/** Which argument names a process. */
const ARGUMENT: ReadonlyMap<number, number> = new Map(
  [
    'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo process_vm_readv process_vm_writev',
    'ptrace',
  ]
    .map(typesOf)
    .flatMap((types, index) => [...types].map((type): [number, number] => [type, index])),
);
const BY_DESCRIPTOR = typesOf('pidfd_send_signal pidfd_getfd');
