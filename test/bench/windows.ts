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
/** Windows at full speed that a figure should rest on, and how often it is tried for. */
const ENOUGH = 200;
const MOST_RUNS = 6;
/** Fewer tell nothing: what else ran meanwhile is in each of them. */
const FEWEST = 20;
const RUN_S = 0.25;

interface Window {
  probe_ns: number;
  ns_per_op: number;
}

/** Windows of several loads, each by who watched. */
export class WindowFigures {
  readonly #taken = new Map<string, Window[]>();
  /** The shortest probes that were seen, nanoseconds. */
  #best_ns = Number.POSITIVE_INFINITY;

  /**
   * Runs an operation on processor `cpu`, until enough windows were at full speed or it was tried long enough.
   *
   * @param count operations of a window, which should take some hundred microseconds
   */
  measure(variant: string, operation: string, count: number, cpu: number): void {
    const key = `${variant} ${operation}`;
    const taken = this.#taken.get(key) ?? [];
    this.#taken.set(key, taken);
    const before = taken.length;
    for (let run = 0; run < MOST_RUNS; run++) {
      const windows = runWindows(operation, count, cpu);
      const probes = windows.map(({ probe_ns }) => probe_ns);
      this.#best_ns = Math.min(this.#best_ns, quantile(probes, BEST_SHARE));
      taken.push(...windows);
      if (this.#atFullSpeed(taken.slice(before)).length >= ENOUGH) return;
    }
  }

  /** Median of the windows at full speed, nanoseconds of an operation; NaN where they were too few to say. */
  of(variant: string, operation: string): number {
    const counted = this.#atFullSpeed(this.#of(variant, operation));
    if (counted.length < FEWEST) return Number.NaN;
    return median(counted.map(({ ns_per_op }) => ns_per_op));
  }

  /** The same of all windows. */
  ofAll(variant: string, operation: string): number {
    return median(this.#of(variant, operation).map(({ ns_per_op }) => ns_per_op));
  }

  /** Part of all windows that were at full speed. */
  share(): number {
    const all = [...this.#taken.values()].flat();
    return this.#atFullSpeed(all).length / all.length;
  }

  #of(variant: string, operation: string): readonly Window[] {
    return this.#taken.get(`${variant} ${operation}`) ?? [];
  }

  #atFullSpeed(windows: readonly Window[]): Window[] {
    return windows.filter(({ probe_ns }) => probe_ns <= FULL_SPEED * this.#best_ns);
  }
}

function runWindows(operation: string, count: number, cpu: number): Window[] {
  const args = ['-w', String(count), operation, String(-RUN_S), String(cpu)];
  return runLines(args).map((line) => {
    const [probe_ns = 0, window_ns = 0] = line.split(' ').map(Number);
    return { probe_ns, ns_per_op: window_ns / count };
  });
}
