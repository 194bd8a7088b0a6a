// A scenario: threads that are there, then what they do, as records in the place of the ring. For
// rule tests and for the cases of the rule language.

import { ScenarioError } from '../errors.js';
import { encodeRecord, type RecordParts, type Texts, type Values } from './encode.js';
import { resolvePath } from './file.js';
import { AT_FDCWD, type GivenCall, givenCall, type Params } from './scenario-call.js';
import { type Descriptor, objectOf, wide } from './scenario-descriptor.js';
import { afterCall, beforeRecord, objectFor } from './scenario-effects.js';
import { applyExec, execFacts } from './scenario-exec.js';
import { endOf, forkedBy } from './scenario-life.js';
import { type Process, processOf, type ScenarioThread, Thread } from './scenario-thread.js';
import type { GivenTuple } from './scenario-values.js';

/** One event: the end of a system call, or `procexit`. */
export interface ScenarioEvent {
  type: string;
  tid: number;
  /** By the names of the event table; descriptors, flags and errors may be names. */
  params: Params;
  /** Nanoseconds since 1970. */
  ts?: bigint;
}

/** When the first event of a scenario happens, nanoseconds since 1970. */
export const SCENARIO_START_NS = 1_566_230_400_000_000_000n;
/** From one event to the next. */
export const SCENARIO_STEP_NS = 10_000_000n;

/**
 * Plays a scenario: keeps what the kernel would keep (who runs what where, what a descriptor stands
 * for) and writes the records that the hooks would write.
 */
export class ScenarioPlayer {
  private readonly threads = new Map<number, Thread>();
  private next_ns = SCENARIO_START_NS;

  /** @param threads those that are there at the start */
  constructor(threads: readonly ScenarioThread[]) {
    const processes = new Map<number, Process>();
    // A thread that is not the leader shares what its process has, whoever comes first.
    const leadersFirst = [...threads].sort((a, b) => Number(isLeader(b)) - Number(isLeader(a)));
    for (const given of leadersFirst) {
      if (this.threads.has(given.tid)) {
        throw new ScenarioError('SCENARIO_INVALID', `there are two threads ${given.tid}`);
      }
      const pid = given.pid ?? given.tid;
      const process = processes.get(pid) ?? processOf(given);
      processes.set(pid, process);
      this.threads.set(given.tid, new Thread(given, process));
    }
  }

  /** Records of the processes that are there at the start, parents first. */
  startRecords(): Buffer[] {
    const told = new Set<number>();
    const records: Buffer[] = [];
    const tell = (thread: Thread) => {
      const process = thread.process;
      if (told.has(process.pid)) return;
      told.add(process.pid);
      const parent = this.threads.get(process.ptid);
      if (parent !== undefined) tell(parent);
      records.push(encodeRecord(this.programRecord('task', thread)));
    };
    for (const thread of this.threads.values()) tell(thread);
    return records;
  }

  /**
   * The records of one event; the last one is the event itself, those before it change state.
   *
   * @throws ScenarioError when the event makes no sense
   */
  play(event: ScenarioEvent): Buffer[] {
    const time_ns = event.ts ?? this.next_ns;
    this.next_ns = time_ns + SCENARIO_STEP_NS;
    const header = { time_ns };
    const thread = this.threads.get(event.tid) ?? Thread.unknown(event.tid);
    if (event.type === 'procexit') {
      const record = {
        kind: 'exit',
        header,
        task: this.task(thread),
        own: endOf(event.params),
      } as const;
      this.threads.delete(event.tid);
      return [encodeRecord(record)];
    }
    const call = givenCall(event.type, event.params);
    if (isExec(call) && call.ret >= 0) return [this.exec(thread, event, call, header)];
    const records: Buffer[] = [];
    const child = forkedBy(call, thread, this.threads, time_ns, event.params);
    if (child !== undefined) {
      records.push(encodeRecord({ kind: 'fork', header, task: this.task(child) }));
    }
    records.push(encodeRecord(this.callRecord(thread, call, event, header)));
    return records;
  }

  private exec(
    thread: Thread,
    event: ScenarioEvent,
    call: GivenCall,
    header: { time_ns: bigint },
  ): Buffer {
    applyExec(thread, event.params);
    const parts = this.programRecord('exec', thread);
    const filename = execFacts(event.params).filename;
    // The kernel's own record of an exec does not say which call it was; Falco's does.
    const type = call.name === 'execveat' ? { type: call.type } : {};
    return encodeRecord({ ...parts, ...type, header, texts: { ...parts.texts, filename } });
  }

  private callRecord(
    thread: Thread,
    call: GivenCall,
    event: ScenarioEvent,
    header: { time_ns: bigint },
  ): RecordParts {
    if (isExec(call)) call.claimed = execFacts(event.params).filename;
    beforeRecord(call, thread);
    const bases = {
      base: baseOf(thread, call.claimed, call.directory),
      base2: baseOf(thread, call.claimed2, call.directory2),
    };
    const opened = call.claimed === undefined ? undefined : resolvePath(bases.base, call.claimed);
    const found = objectFor(call, thread, opened);
    const described = found && objectOf(found.descriptor, found.fd);
    // An open that failed may still be known to be about a certain file.
    const object = described?.object ?? { fd: -1, dev: call.dev, inode: call.inode };
    const texts: Texts = {
      path: described?.path && bounded(described.path, MAX_PATH_BYTES),
      claimed: call.claimed && bounded(call.claimed, MAX_PATH_BYTES),
      base: bases.base,
      claimed2: call.claimed2 && bounded(call.claimed2, MAX_PATH_BYTES),
      base2: bases.base2,
      data: call.data && bounded(call.data, isTransfer(call) ? MAX_PAYLOAD_BYTES : MAX_DATA_BYTES),
    };
    const task = this.task(thread);
    afterCall(call, thread, found?.descriptor, opened);
    return {
      kind: 'call',
      type: call.type,
      header,
      task,
      call: {
        ret: call.ret,
        args: call.args.map((arg) => BigInt.asUintN(64, BigInt(arg))),
        extra: call.extra,
        extra2: call.extra2,
        number: call.type,
      },
      object,
      address: addressPart(call),
      texts: withUnixPath(texts, call, found?.descriptor),
    };
  }

  private programRecord(kind: 'exec' | 'task', thread: Thread): RecordParts {
    const { process } = thread;
    return {
      kind,
      task: this.task(thread),
      own: {
        argc: process.argv.length,
        inode: process.exe_inode,
        ctime_ns: process.exe_ctime_ns,
        mtime_ns: process.exe_mtime_ns,
        pid_ns_start_ns: process.pid_ns_start_ns,
        exe_flags: process.exe_flags,
      },
      texts: {
        exe: process.exepath,
        cwd: process.cwd,
        argv: bounded(area(process.argv), MAX_ARGV_BYTES),
        env: bounded(area(process.env), MAX_ARGV_BYTES),
        cgroup: process.cgroup,
      },
    };
  }

  private task(thread: Thread): Values {
    const { process } = thread;
    const parent = this.threads.get(process.ptid)?.process;
    return {
      pid: process.pid,
      tid: thread.tid,
      parent_pid: parent?.pid ?? process.ptid,
      start_ns: process.start_ns,
      parent_start_ns: parent?.start_ns ?? 0n,
      uid: thread.uid,
      gid: thread.gid,
      loginuid: thread.loginuid,
      cap_effective: thread.cap_effective,
      cap_permitted: thread.cap_permitted,
      cap_inheritable: thread.cap_inheritable,
      session: process.session,
      pgid: process.pgid,
      vpid: process.vpid,
      vtid: thread.vtid,
      vpgid: process.vpgid,
      tty: process.tty,
      pid_ns: process.pid_ns,
      mnt_ns: 1,
      comm: thread.comm,
    };
  }
}

// bpf/abi.h
const MAX_PATH_BYTES = 4096;
const MAX_ARGV_BYTES = 4096;
const MAX_DATA_BYTES = 256;
const MAX_PAYLOAD_BYTES = 80;

function isLeader(given: ScenarioThread): boolean {
  return given.pid === undefined || given.pid === given.tid;
}

function isExec(call: GivenCall): boolean {
  return call.name === 'execve' || call.name === 'execveat';
}

function isTransfer(call: GivenCall): boolean {
  return /^(p?readv?|p?writev?|send|recv)/.test(call.name);
}

function baseOf(
  thread: Thread,
  claimed: string | undefined,
  directory: number | undefined,
): string | undefined {
  if (claimed === undefined || directory === undefined || claimed.startsWith('/')) return undefined;
  if (directory === AT_FDCWD) return thread.process.cwd;
  return thread.process.descriptors.get(directory)?.path;
}

// The address that the call was given: of connect and bind their own, of a datagram its peer's.
function addressPart(call: GivenCall): Values {
  const given = call.address ?? peerOf(call);
  if (given?.end === undefined) return given === undefined ? {} : { family: given.family };
  const { family, end } = given;
  return { family, port: end.port, address: wide(end.address, family) };
}

function peerOf(call: GivenCall) {
  const tuple: GivenTuple | undefined = call.tuple;
  if (tuple === undefined || !/^(send|recv)/.test(call.name)) return undefined;
  const end = call.name.startsWith('send') ? tuple.destination : tuple.source;
  return { family: tuple.family, end };
}

function withUnixPath(texts: Texts, call: GivenCall, socket: Descriptor | undefined): Texts {
  const path = call.address?.path ?? call.tuple?.path;
  if (path === undefined) return texts;
  return { ...texts, claimed: texts.claimed ?? path, path: texts.path ?? (socket && path) };
}

function area(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\0`).join('');
}

function bounded(text: string, limit: number): string | { text: string; flags: number } {
  return text.length <= limit ? text : { text: text.slice(0, limit), flags: 1 };
}
