// The load generator (load.c), built and run.

import { execFile, execFileSync } from 'node:child_process';
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
export function runLoad(operation: string, count: number, cpu: number, path?: string): LoadResult {
  const args = [operation, String(count), String(cpu)];
  if (path !== undefined) args.push(path);
  return JSON.parse(execFileSync(PROGRAM, args, { encoding: 'utf8' }));
}

/** Opens a file every 20 ms; resolves with the time of each call, nanoseconds since 1970. */
export function loadTimes(count: number, cpu: number, path: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    execFile(PROGRAM, ['timed', String(count), String(cpu), path], (error, stdout) => {
      if (error === null) resolve(stdout.trim().split('\n').map(Number));
      else reject(error);
    });
  });
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
