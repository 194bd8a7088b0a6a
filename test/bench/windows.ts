// Costs of one operation from many short windows, of which only those count in which the processor had its
// core to itself.
//
// A virtual processor is one thread of a core; the other thread may be another machine's, and is busy for
// milliseconds at a time, unseen. Everything takes some 1.4 times as long then, and what the agent adds twice
// as long, so that medians of whole rounds differ by which state each round met. A piece of work next to each
// window tells.

import { median, quantile, runLines } from './load.js';

/** Probes at most this much longer than the best were made with the core to itself; others take half more. */
const FULL_SPEED = 1.05;
/** The best probe of a run: one in two hundred is quicker. */
const BEST_SHARE = 0.005;
/** Fewer windows at full speed tell nothing: what else ran meanwhile is in each of them. */
const FEWEST = 20;
/** The first 50 to 75 ms of a program, in which nothing is told of it yet, are a small part of that. */
const RUN_S = 1.5;

/** What stands before the operation of a figure about the first moments of a program. */
const EARLY = 'early ';
/** After that time, at the earliest, the kernel filter is told of a program. */
const EARLY_S = 0.05;
const EARLY_RUNS = 12;

interface Window {
  probe_ns: number;
  ns_per_op: number;
}

/** Windows of several loads, each by who watched. */
export class WindowFigures {
  /** By operation, then by who watched. */
  readonly #taken = new Map<string, Map<string, Window[]>>();
  /**
   * The shortest probes that were seen next to an operation, nanoseconds. Next to one that starts a program
   * they are longer than next to others, because it leaves the caches cold.
   */
  readonly #best_ns = new Map<string, number>();

  /**
   * Runs an operation on processor `cpu`.
   *
   * @param count operations of a window, which should take some hundred microseconds
   */
  measure(variant: string, operation: string, count: number, cpu: number): void {
    this.#take(variant, operation, runWindows(operation, count, RUN_S, cpu));
  }

  /** The same in new programs, of each its first 50 ms. */
  measureEarly(variant: string, operation: string, count: number, cpu: number): void {
    for (let run = 0; run < EARLY_RUNS; run++)
      this.#take(variant, EARLY + operation, runWindows(operation, count, EARLY_S, cpu));
  }

  /**
   * Median of the windows at full speed, nanoseconds of an operation; of all of them for all variants, where
   * `isWhole`.
   */
  of(variant: string, operation: string): number {
    const windows = this.#variants(operation).get(variant) ?? [];
    const counted = this.isWhole(operation) ? windows : this.#atFullSpeed(operation, windows);
    return counted.length === 0 ? Number.NaN : median(counted.map(({ ns_per_op }) => ns_per_op));
  }

  /** What a variant adds to nobody watching, nanoseconds. */
  added(variant: string, operation: string): number {
    return this.of(variant, operation) - this.of('bare', operation);
  }

  /** The same of the first 50 ms of a program. */
  addedEarly(variant: string, operation: string): number {
    return this.added(variant, EARLY + operation);
  }

  /** Whether some variant had too few windows at full speed, so that all windows count. */
  isWhole(operation: string): boolean {
    return [...this.#variants(operation).values()].some(
      (windows) => this.#atFullSpeed(operation, windows).length < FEWEST,
    );
  }

  /** Median of all windows. */
  ofAll(variant: string, operation: string): number {
    const windows = this.#variants(operation).get(variant) ?? [];
    return median(windows.map(({ ns_per_op }) => ns_per_op));
  }

  /** Part of all windows that were at full speed. */
  share(): number {
    let all = 0;
    let counted = 0;
    for (const [operation, variants] of this.#taken)
      for (const windows of variants.values()) {
        all += windows.length;
        counted += this.#atFullSpeed(operation, windows).length;
      }
    return counted / all;
  }

  #take(variant: string, operation: string, windows: readonly Window[]): void {
    const variants = this.#variants(operation);
    this.#taken.set(operation, variants);
    variants.set(variant, [...(variants.get(variant) ?? []), ...windows]);
    const best_ns = quantile(
      windows.map(({ probe_ns }) => probe_ns),
      BEST_SHARE,
    );
    const before_ns = this.#best_ns.get(operation) ?? Number.POSITIVE_INFINITY;
    this.#best_ns.set(operation, Math.min(before_ns, best_ns));
  }

  #variants(operation: string): Map<string, Window[]> {
    return this.#taken.get(operation) ?? new Map();
  }

  #atFullSpeed(operation: string, windows: readonly Window[]): Window[] {
    const most_ns = FULL_SPEED * (this.#best_ns.get(operation) ?? Number.NaN);
    return windows.filter(({ probe_ns }) => probe_ns <= most_ns);
  }
}

function runWindows(operation: string, count: number, duration_s: number, cpu: number): Window[] {
  const args = ['-w', String(count), operation, String(-duration_s), String(cpu)];
  return runLines(args).map((line) => {
    const [probe_ns = 0, window_ns = 0] = line.split(' ').map(Number);
    return { probe_ns, ns_per_op: window_ns / count };
  });
}
