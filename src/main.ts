#!/usr/bin/env node
// The entry: hands argv to the command line and ends with its status.
import { errorLines, exitStatusOf } from './cli/failure.js';

let status = 0;
process.stdout.on('error', stopped);
process.stderr.on('error', () => {}); // there is nobody left to tell

status = await run();
// A file that took the last line badly says so after this line only.
const { errored } = process.stdout;
if (errored !== null) stopped(errored);
process.exit(status);

async function run(): Promise<number> {
  try {
    const { main } = await import('./cli/program.js');
    return await main(process.argv.slice(2));
  } catch (error) {
    // Not even the command line could be loaded: packages are missing.
    for (const line of errorLines(error)) process.stderr.write(`${line}\n`);
    return exitStatusOf(error);
  }
}

function stopped(error: NodeJS.ErrnoException): void {
  // `saker events | head`: the reader has enough. A command that runs until a signal ends as by one.
  if (error.code === 'EPIPE') {
    if (!process.emit('SIGTERM')) process.exit(status);
    return;
  }
  process.stderr.write(`saker: cannot write to standard output: ${error.message}\n`);
  process.exit(status || 1);
}
