// A rule field's reader on an event: what enrichment knows. The record's own fields are in
// decode/fields.ts; `fieldReader` here asks both.

import { oncePerEvent, type ProcessView, type Reader } from '../decode/event.js';
import { reader as recordReader } from '../decode/fields.js';
import { ancestor, ancestors } from './ancestors.js';
import { CONTAINER_READERS, containerReader } from './container-fields.js';
import { environment, PROC_READERS } from './proc-fields.js';
import { USER_READERS } from './user-fields.js';

/** The reader of any field; `undefined` for one that nothing has data for, known or not. */
export function fieldReader(name: string, argument?: string): Reader | undefined {
  return recordReader(name, argument) ?? reader(name, argument);
}

/**
 * The reader of a proc, thread, user, group, container or k8s field; the same function each time.
 *
 * @param argument the text between brackets
 */
export function reader(name: string, argument?: string): Reader | undefined {
  const key = argument === undefined ? name : `${name}[${argument}]`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const found = argument === undefined ? plainReader(name) : argumentReader(name, argument);
  if (found !== undefined) KNOWN.set(key, found);
  return found;
}

// Fields are named by rules, so this holds no more than the rules name.
const KNOWN = new Map<string, Reader>();

const PLAIN: Readonly<Record<string, Reader>> = {
  ...PROC_READERS,
  ...USER_READERS,
  ...CONTAINER_READERS,
};

const MAKES_TEXT = /^proc\.(cmdline|exeline|sname|loginshellid)$|_?gid\.|^container\.mounts$/;

// Of one process on the way up; the text and number forms of `proc.a...`.
const OF_ANCESTOR: Readonly<Record<string, (process: ProcessView) => string>> = {
  'proc.aname': (process) => process.comm,
  'proc.aexe': (process) => process.exe,
  'proc.aexepath': (process) => process.exepath,
  'proc.acmdline': (process) => process.cmdline,
  'proc.aargs': (process) => process.args,
};

function plainReader(name: string): Reader | undefined {
  if (name === 'proc.apid') {
    return oncePerEvent((event) => ancestors(event.process).map((process) => process.pid));
  }
  if (Object.hasOwn(OF_ANCESTOR, name)) {
    const read = OF_ANCESTOR[name];
    return read && oncePerEvent((event) => ancestors(event.process).map(read));
  }
  if (name === 'proc.aenv') {
    return oncePerEvent((event) => ancestors(event.process).map(environment));
  }
  if (!Object.hasOwn(PLAIN, name)) return undefined;
  const plain = PLAIN[name];
  return plain !== undefined && MAKES_TEXT.test(name) ? oncePerEvent(plain) : plain;
}

function argumentReader(name: string, argument: string): Reader | undefined {
  const index = /^\d{1,9}$/.test(argument) ? Number(argument) : undefined;
  if (Object.hasOwn(OF_ANCESTOR, name) && index !== undefined) {
    const read = OF_ANCESTOR[name];
    if (read === undefined) return undefined;
    return (event) => {
      const found = ancestor(event.process, index);
      return found === undefined ? undefined : read(found);
    };
  }
  switch (name) {
    case 'proc.apid':
      if (index === undefined) return undefined;
      return (event) => ancestor(event.process, index)?.pid;
    case 'proc.args':
      if (index === undefined) return undefined;
      return oncePerEvent((event) => event.process.argv[index + 1] ?? '');
    case 'proc.env':
      return oncePerEvent((event) => variable(event.process, argument) ?? '');
    case 'proc.aenv':
      return oncePerEvent((event) => ancestorVariable(event.process, argument, index));
    default:
      return containerReader(name, argument);
  }
}

/** The value of the first entry of that name, outer blanks trimmed. */
function variable(process: ProcessView, name: string): string | undefined {
  const entry = process.env.find((one) => one.startsWith(`${name}=`));
  return entry?.slice(name.length + 1).trim();
}

// A number is a distance; a name is looked for on the way up, nearest first.
function ancestorVariable(process: ProcessView, name: string, index: number | undefined): string {
  if (index !== undefined) {
    const one = ancestor(process, index);
    return one === undefined ? '' : environment(one);
  }
  for (const one of ancestors(process)) {
    const value = variable(one, name);
    if (value !== undefined) return value;
  }
  return '';
}
