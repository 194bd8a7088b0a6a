#!/usr/bin/env node
// The entry: hands argv to the command line and ends with its status.
import { main } from './cli/program.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  // `saker events | head`: the reader has enough. A command that runs until a signal ends as by one.
  if (!process.emit('SIGTERM')) process.exit(0);
});

process.exit(await main(process.argv.slice(2)));
