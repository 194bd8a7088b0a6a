// Threads of a scenario that begin and end.

import { eventNamed } from '../rules/events.js';
import type { GivenCall, Params } from './scenario-call.js';
import type { Process, Thread } from './scenario-thread.js';
import { numberOf } from './scenario-values.js';

/**
 * Makes the thread that a clone or fork made, once, whichever of its two ends comes first.
 *
 * @returns the new process, for its record; `undefined` for other calls and for mere threads
 */
export function forkedBy(
  call: GivenCall,
  caller: Thread,
  threads: Map<number, Thread>,
  time_ns: bigint,
  params: Params,
): Thread | undefined {
  if (!/^(clone3?|v?fork)$/.test(call.name) || call.ret <= 0) return undefined;
  const tid = Number(call.ret);
  if (threads.has(tid)) return undefined;
  const isThread = (call.extra & CLONE_THREAD) !== 0n;
  const process = isThread ? caller.process : forkProcess(caller, tid, call, time_ns);
  const child = caller.fork(tid, process);
  const vtid = params.vtid;
  if (typeof vtid === 'number') child.vtid = vtid;
  threads.set(tid, child);
  return isThread ? undefined : child;
}

/** The members of an exit record, of the parameters of a `procexit`. */
export function endOf(params: Params): { [name: string]: number } {
  const number = (name: string) => {
    const param = eventNamed('procexit')?.params.find((one) => one.name === name);
    const value = params[name];
    return param === undefined || value === undefined ? 0 : Number(numberOf(param, value));
  };
  const status = number('status');
  return {
    exit_code: params.ret === undefined ? (status >> 8) & 0xff : number('ret'),
    exit_signal: params.sig === undefined ? status & 0x7f : number('sig'),
    core_dumped: number('core') !== 0 || (status & 0x80) !== 0 ? 1 : 0,
    reaper_pid: number('reaper_tid'),
  };
}

const CLONE_FILES = 0x400n;
const CLONE_THREAD = 0x10000n;

function forkProcess(caller: Thread, tid: number, call: GivenCall, time_ns: bigint): Process {
  const { process } = caller;
  const shares = (call.extra & CLONE_FILES) !== 0n;
  const descriptors = shares ? process.descriptors : new Map(process.descriptors);
  return { ...process, pid: tid, vpid: tid, ptid: caller.tid, start_ns: time_ns, descriptors };
}
