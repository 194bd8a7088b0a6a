// The command line inside the test's own process: what it prints, and its status.
import { main } from '../../../src/cli/program.js';

/** What became of one command. */
export interface Ran {
  status: number;
  out: string;
  err: string;
}

/** Runs one command to its end. */
export async function saker(...args: string[]): Promise<Ran> {
  const result = { status: 0, out: '', err: '' };
  result.status = await main(args, {
    out: (text) => {
      result.out += text;
    },
    err: (text) => {
      result.err += text;
    },
  });
  return result;
}
