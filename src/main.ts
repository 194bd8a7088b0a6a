#!/usr/bin/env node
// The entry: hands argv to the command line and ends with its status.
import { main } from './cli/program.js';

let status = 0;
process.stdout.on('error', stopped);
process.stderr.on('error', () => {}); // there is nobody left to tell

status = await main(process.argv.slice(2));
// A file that took the last line badly says so after this line only.
const { errored } = process.stdout;
if (errored !== null) stopped(errored);
process.exit(status);

function stopped(error: NodeJS.ErrnoException): void {
  // `saker events | head`: the reader has enough. A command that runs until a signal ends as by one.
  if (error.code === 'EPIPE') {
    if (!process.emit('SIGTERM')) process.exit(status);
    return;
  }
  process.stderr.write(`saker: cannot write to standard output: ${error.message}\n`);
  process.exit(status || 1);
}
