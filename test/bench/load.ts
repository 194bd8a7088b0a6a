// The load generator (load.c), built and run.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const PROGRAM = 'build/bench/load';

/** Compiles the generator; a second call is cheap. */
export function buildLoad(): void {
  mkdirSync('build/bench', { recursive: true });
  execFileSync('cc', ['-O2', '-static', '-o', PROGRAM, 'test/bench/load.c']);
}

/** What one run of the generator measured. */
export interface LoadResult {
  operation: string;
  count: number;
  wall_ns: number;
  ns_per_op: number;
}

/** Runs an operation `count` times on processor `cpu` and waits for its end. */
export function runLoad(
  operation: string,
  count: number,
  cpu: number,
  argument?: string,
): LoadResult {
  return JSON.parse(loadText(operation, count, cpu, argument));
}

/** The generator's output as text, for the operation `timed`: one CLOCK_REALTIME a line. */
export function loadText(operation: string, count: number, cpu: number, argument?: string): string {
  const args = [operation, String(count), String(cpu)];
  if (argument !== undefined) args.push(argument);
  return execFileSync(PROGRAM, args, { encoding: 'utf8' });
}

/** The middle of some figures; 0 of none. */
export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}

/** The figure below which `share` of all lie. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
