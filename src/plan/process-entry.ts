// Writes what user space knows of a process to the kernel: one entry of map process_bits, reached through
// a pidfd. The kernel side holds it against the process itself each time it reads it, so that an entry
// that comes late, for an earlier program or an earlier owner of the pid, has no effect.

import { process_entry } from '../abi/layout.js';
import type { Control } from '../bpf/control.js';
import { errnoNumber, nativeError } from '../bpf/errno.js';
import { libbpf } from '../bpf/libbpf.js';
import { closeFd } from '../bpf/libc.js';
import type { BpfMap } from '../bpf/map.js';
import { openPidfd } from '../bpf/pidfd.js';
import type { ProcessBits } from './kernel-plan.js';

/** `epoch` of an entry whose bits do not depend on ancestors. */
export const NO_EPOCH = 0xffff_ffff_ffff_ffffn;

/** `struct process_entry`: the bits of one process, and what makes them hold. */
export interface ProcessEntry {
  start_ns: bigint;
  exec_id: bigint;
  cgroup_id: bigint;
  /** Up to which changes of ancestors were seen (see epochs.ts), or NO_EPOCH. */
  epoch: bigint;
  plan: number;
  /** Effective. */
  uid: number;
  /** Of the leader; a byte string. */
  comm: string;
  bits: ProcessBits;
}

/** What became of the writes. */
export interface ProcessEntryCounts {
  written: number;
  /** The process had ended. */
  gone: number;
  /** The kernel had no memory for it, or no room for a descriptor: the process counts as all ones. */
  refused: number;
}

/** The map process_bits; the map itself belongs to the object. */
export class ProcessEntries {
  readonly counts: ProcessEntryCounts = { written: 0, gone: 0, refused: 0 };
  // Kept: an entry costs no allocation.
  private readonly key = Buffer.alloc(4);
  private readonly value = Buffer.from(new ArrayBuffer(process_entry.size));
  private readonly words = new BigUint64Array(this.value.buffer, 0, process_entry.size / 8);

  constructor(
    private readonly map: BpfMap,
    private readonly control: Pick<Control, 'entryChanged'>,
  ) {}

  /**
   * Puts an entry in the place of the process's last one.
   *
   * @returns false when nothing was written, which is counted: without an entry all clauses stay open
   * @throws BpfError when the kernel refuses for a reason that is neither the process's nor the host's
   */
  write(pid: number, entry: ProcessEntry): boolean {
    this.fill(entry);
    const result = this.atProcess(pid, (fd) => {
      this.key.writeInt32LE(fd);
      return libbpf().bpf_map_update_elem(this.map.fd, this.key, this.value, 0);
    });
    return this.count(result, pid);
  }

  /** Takes a process's entry away; one that has none, or has ended, is no error. */
  remove(pid: number): void {
    const result = this.atProcess(pid, (fd) => {
      this.key.writeInt32LE(fd);
      return libbpf().bpf_map_delete_elem(this.map.fd, this.key);
    });
    if (result < 0 && !GONE.has(-result)) throw this.refusal(pid, result);
  }

  private fill(entry: ProcessEntry): void {
    const { words, value } = this;
    words[process_entry.start_ns / 8] = entry.start_ns;
    words[process_entry.exec_id / 8] = entry.exec_id;
    words[process_entry.cgroup_id / 8] = entry.cgroup_id;
    words[process_entry.epoch / 8] = entry.epoch;
    value.writeUInt32LE(entry.plan, process_entry.plan);
    value.writeUInt32LE(entry.uid, process_entry.uid);
    const { at, count } = process_entry.comm;
    value.fill(0, at, at + count);
    value.write(entry.comm, at, count - 1, 'latin1');
    words.set(entry.bits.bits, process_entry.bits.at / 8);
    words.set(entry.bits.fixed_bits, process_entry.fixed_bits.at / 8);
    words.set(entry.bits.child_bits, process_entry.child_bits.at / 8);
    words.set(entry.bits.kinless_bits, process_entry.kinless_bits.at / 8);
  }

  /** Runs `action` on a descriptor of the process; its result, or the negative error number. */
  private atProcess(pid: number, action: (pidfd: number) => number): number {
    const pidfd = openPidfd(pid);
    if (pidfd < 0) return pidfd;
    try {
      return action(pidfd);
    } finally {
      this.control.entryChanged();
      closeFd(pidfd);
    }
  }

  private count(result: number, pid: number): boolean {
    const { counts } = this;
    if (result >= 0) {
      counts.written += 1;
      return true;
    }
    if (GONE.has(-result)) counts.gone += 1;
    else if (SHORT.has(-result)) counts.refused += 1;
    else throw this.refusal(pid, result);
    return false;
  }

  private refusal(pid: number, result: number): Error {
    return nativeError('BPF_MAP', `entry of process ${pid} in map ${this.map.name}`, result);
  }
}

/** EINVAL: the number belongs to a thread now, its process has ended. ENOENT: no entry, or no task any more. */
const GONE = errorSet('ESRCH', 'ENOENT', 'EINVAL');
/** EAGAIN, EBUSY: somebody else changes the storage of that task at this moment. */
const SHORT = errorSet('ENOMEM', 'EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE');

function errorSet(...names: string[]): ReadonlySet<number | undefined> {
  return new Set(names.map((name) => errnoNumber(name)));
}
