// Performs an act and returns what it says it did.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Act } from './acts.js';

/** What an act reports; acts add keys of their own. */
export interface Done {
  pid: number;
  ppid: number;
  comm: string;
  parent: string;
  exe: string;
  user: string;
  [key: string]: string | number | string[];
}

const LIMIT_MS = 20_000;

/**
 * Performs an act with the system's Python, whatever is first in PATH.
 *
 * @throws when the act could not do what it is for, with what it wrote to stderr.
 */
export function perform(act: Act): Promise<Done> {
  const program = join(import.meta.dirname, act.program);
  // Rules trust some programs by what started them: an act starts as plainly as possible.
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  const args = ['-B', program, ...act.args];
  return new Promise((resolve, reject) => {
    execFile('/usr/bin/python3', args, { env, timeout: LIMIT_MS }, (problem, stdout, stderr) => {
      if (problem === null && stdout.startsWith('{')) {
        const done: Done = JSON.parse(stdout);
        resolve(done);
        return;
      }
      const why = stderr || problem?.message || 'it said nothing';
      reject(new Error(`${act.program} ${act.args.join(' ')}: ${why}`));
    });
  });
}
