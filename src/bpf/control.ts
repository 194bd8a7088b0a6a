// The words that user space and the hooks share through mapped memory (`struct control`): which system
// calls are wanted, whether the reader sleeps, and the number of the plan.

import { abi_limit, control } from '../abi/layout.js';
import type { Mapping } from './libc.js';
import type { BpfMap } from './map.js';

/** System call numbers by ABI: position is the i386 number, value the native one or `undefined`. */
export type Ia32Numbers = readonly (number | undefined)[];

/** i386 calls that multiplex others: wanted as soon as one of theirs is (see `struct control`). */
const IA32_SOCKETCALL = 102;
const IA32_IPC = 117;

/** Mapped `struct control`. Writes are seen by the hooks at once, without a system call. */
export class Control {
  private readonly mapping: Mapping;
  private readonly words: BigUint64Array;
  private readonly ints: Int32Array;

  constructor(map: BpfMap) {
    this.mapping = map.memory();
    this.words = new BigUint64Array(this.mapping.bytes, 0, Math.floor(control.size / 8));
    this.ints = new Int32Array(this.mapping.bytes, 0, Math.floor(control.size / 4));
  }

  /**
   * Says which native system calls are wanted, in both ABIs. Bits that stay are never off for a moment.
   *
   * @param multiplexed whether one of the calls can also be made through socketcall or ipc
   */
  want(
    natives: ReadonlySet<number>,
    ia32: Ia32Numbers,
    multiplexed: { socketcall: boolean; ipc: boolean },
  ): void {
    const ia32Numbers = new Set<number>();
    for (const [number, native] of ia32.entries()) {
      if (native !== undefined && natives.has(native)) ia32Numbers.add(number);
    }
    if (multiplexed.socketcall) ia32Numbers.add(IA32_SOCKETCALL);
    if (multiplexed.ipc) ia32Numbers.add(IA32_IPC);
    this.setBits(control.wanted.at / 8, natives);
    this.setBits(control.wanted_ia32.at / 8, ia32Numbers);
  }

  /** Of these native system calls everything is sent, whatever the plan says. */
  set unfiltered(natives: ReadonlySet<number>) {
    this.setBits(control.unfiltered.at / 8, natives);
  }

  /** How many changes among processes that have children there were; see `struct process_entry`. */
  get epoch(): bigint {
    return Atomics.load(this.words, control.epoch / 8);
  }

  /** Ends what rests on the ancestors of any process; returns the new epoch. */
  raiseEpoch(): bigint {
    return Atomics.add(this.words, control.epoch / 8, 1n) + 1n;
  }

  /** To be said after each change of map process_bits: hooks keep what they read there last. */
  entryChanged(): void {
    Atomics.add(this.words, control.entries / 8, 1n);
  }

  /** The plan in force, whose number every record carries from now on; 0: none. */
  set plan(plan: number) {
    Atomics.store(this.ints, control.plan / 4, plan | 0);
  }

  get plan(): number {
    return Atomics.load(this.ints, control.plan / 4) >>> 0;
  }

  /** The plan of verdicts in force; 0: none, nothing is denied. */
  set verdicts(plan: number) {
    Atomics.store(this.ints, control.verdicts / 4, plan | 0);
  }

  get verdicts(): number {
    return Atomics.load(this.ints, control.verdicts / 4) >>> 0;
  }

  /** True while hooks must wake the reader. A full barrier, as the protocol of the ring needs. */
  set reader_asleep(asleep: boolean) {
    Atomics.store(this.ints, control.reader_asleep / 4, asleep ? 1 : 0);
  }

  get reader_asleep(): boolean {
    return Atomics.load(this.ints, control.reader_asleep / 4) !== 0;
  }

  /** Gives the memory back. May be called twice. */
  close(): void {
    this.mapping.close();
  }

  private setBits(firstWord: number, numbers: ReadonlySet<number>): void {
    for (let word = 0; word < abi_limit.SYSCALL_WORDS; word++) {
      let bits = 0n;
      for (let bit = 0; bit < 64; bit++) {
        if (numbers.has(64 * word + bit)) bits |= 1n << BigInt(bit);
      }
      Atomics.store(this.words, firstWord + word, bits);
    }
  }
}
