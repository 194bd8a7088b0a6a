// Which processors our threads run on: sched_getcpu(3), sched_setaffinity(2).
import { libc } from './libc.js';

const nativeGetcpu = libc.func('int sched_getcpu()');
const nativeGet = libc.func('int sched_getaffinity(int tid, size_t bytes, void *mask)');
const nativeSet = libc.func('int sched_setaffinity(int tid, size_t bytes, void *mask)');

/** As many as a kernel may be built for (CONFIG_NR_CPUS). */
const MOST_PROCESSORS = 8192;

/** The number of the processor that runs this; a moment later it may be another one. */
export function currentProcessor(): number {
  return nativeGetcpu() as number;
}

/** A set of processors, a bit for each. */
export class ProcessorSet {
  private constructor(private readonly mask: Buffer) {}

  /**
   * Those that a thread may run on; none where the kernel does not say.
   *
   * @param tid 0: the calling thread
   */
  static of(tid: number): ProcessorSet {
    const mask = Buffer.alloc(MOST_PROCESSORS / 8);
    nativeGet(tid, mask.length, mask);
    return new ProcessorSet(mask);
  }

  has(processor: number): boolean {
    return ((this.mask[processor >> 3] ?? 0) & (1 << (processor & 7))) !== 0;
  }

  /** A set of its own, of all the others. */
  without(processor: number): ProcessorSet {
    const mask = Buffer.from(this.mask);
    if (this.has(processor))
      mask[processor >> 3] = (mask[processor >> 3] ?? 0) & ~(1 << (processor & 7));
    return new ProcessorSet(mask);
  }

  /**
   * A thread of ours runs on these alone from now on; if it runs on another it moves at once.
   *
   * @param tid 0: the calling thread
   * @returns false, and nothing has changed, where the host has none of them or the thread has ended
   */
  hold(tid: number): boolean {
    return (nativeSet(tid, this.mask.length, this.mask) as number) >= 0;
  }
}
