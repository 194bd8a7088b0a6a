// The load generator (load.c), built and run.

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const PROGRAM = 'build/bench/load';
const MOST_OUTPUT_BYTES = 1 << 26;

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
  /** Of the process itself: what others take of the processor is not in it. */
  cpu_ns_per_op: number;
}

/** Runs an operation `count` times on processor `cpu` and waits for its end. */
export function runLoad(operation: string, count: number, cpu: number, path?: string): LoadResult {
  const args = [operation, String(count), String(cpu)];
  if (path !== undefined) args.push(path);
  return JSON.parse(execFileSync(PROGRAM, args, { encoding: 'utf8' }));
}

/** Runs the generator with these arguments; the lines that it prints. */
export function runLines(args: readonly string[]): string[] {
  const said = execFileSync(PROGRAM, args, { encoding: 'utf8', maxBuffer: MOST_OUTPUT_BYTES });
  return said.trim().split('\n');
}

/**
 * Runs an operation for some seconds, while this process goes on.
 *
 * @param rate operations a second, 0 for as many as there can be
 */
export async function runFor(
  operation: string,
  duration_s: number,
  cpu: number,
  rate = 0,
  ...path: readonly string[]
): Promise<LoadResult> {
  const paced = rate === 0 ? [] : ['-r', String(rate)];
  return JSON.parse(await output([...paced, operation, String(-duration_s), String(cpu), ...path]));
}

/** Opens a file every 20 ms; resolves with the time of each call, nanoseconds since 1970. */
export async function loadTimes(count: number, cpu: number, path: string): Promise<number[]> {
  const lines = await output(['timed', String(count), String(cpu), path]);
  return lines.trim().split('\n').map(Number);
}

/** The middle of some figures; 0 of none. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = sorted.length / 2;
  return ((sorted[Math.ceil(at) - 1] ?? 0) + (sorted[Math.floor(at)] ?? 0)) / 2;
}

/** The figure below which `share` of all lie. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function output(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(PROGRAM, args, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
