// Event types by name, for the tables of the decoder and for the stages after it.

import { typeNumber } from '../rules/events.js';

/** The numbers of events whose names stand with blanks between; names of other hosts are left out. */
export function typesOf(names: string): Set<number> {
  const types = new Set<number>();
  for (const name of names.split(' ')) {
    const type = typeNumber(name);
    if (type !== undefined) types.add(type);
  }
  return types;
}

/** What a successful exec is called, whichever call made it. */
export const EXECVE = typeNumber('execve') ?? 0;

/** The other call, where a record says that it was this one. */
export const EXECVEAT = typeNumber('execveat');

/** Calls after which a process's working directory is another one. */
export const DIRECTORY_CHANGES = typesOf('chdir fchdir');
