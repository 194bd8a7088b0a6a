// Keeps the agent off the processor that runs what it watches, while others are idle.
import { readdirSync } from 'node:fs';
import { currentTid } from '../bpf/priority.js';
import { currentProcessor, ProcessorSet } from '../bpf/processor.js';

/** Between two looks; a move takes some 50 us. */
const LOOK_MS = 100;

/**
 * The scheduler leaves a thread that wakes on the processor where it ran last, where it finds no idle one. In a
 * virtual machine none counts as idle: one that halts may have been given to somebody else
 * (available_idle_cpu(), kernel/sched/core.c). So an agent that once came to run on the processor of a load stays
 * there, above it, beside an idle one; and V8's threads, which compile and collect garbage for it, too.
 *
 * The thread that reads records may run anywhere at all times, and is moved only if it runs where its records come
 * from. The others are kept off that processor until the records come from another one, but for the main thread:
 * what it starts would be kept off as well, and it has what the agent as a whole was given.
 */
export class Aside {
  private readonly tid = currentTid();
  private off = -1;
  private lookedMs = 0;

  /** Records came from this processor; said by the thread that made this object. */
  from(processor: number, nowMs: number): void {
    if (nowMs - this.lookedMs < LOOK_MS) return;
    this.lookedMs = nowMs;
    const moves = currentProcessor() === processor;
    if (!moves && this.off === processor) return;
    const allowed = ProcessorSet.of(process.pid);
    const others = allowed.without(processor);
    if (moves && others.hold(0)) allowed.hold(0);
    if (this.off === processor) return;
    this.off = processor;
    for (const tid of readdirSync('/proc/self/task').map(Number))
      if (tid !== this.tid && tid !== process.pid) others.hold(tid);
  }
}
