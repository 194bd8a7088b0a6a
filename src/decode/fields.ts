// A rule field's reader on an event: what the record itself says. Process, user and container
// fields are in enrich/fields.ts.

import {
  absolutePathReader,
  argReader,
  argsReader,
  rawArgReader,
  typeIsReader,
} from './arg-fields.js';
import { oncePerEvent, type Reader } from './event.js';
import { EVENT_READERS } from './evt-fields.js';
import { FD_READERS } from './fd-fields.js';
import { PATH_READERS } from './path-fields.js';
import { SOCKET_READERS } from './socket-fields.js';
import { TARGET_READERS } from './target.js';

/**
 * The reader of a field; the same function each time, so that what it remembers is shared.
 *
 * @param name with or without what follows `evt.arg.`
 * @param argument the text between brackets, or the name behind `evt.arg.`
 * @returns `undefined` for a field that no record has data for, known or not
 */
export function reader(name: string, argument?: string): Reader | undefined {
  const key = argument === undefined ? name : `${name}[${argument}]`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const found = find(name, argument);
  if (found !== undefined) KNOWN.set(key, found);
  return found;
}

// Fields are named by rules, so this holds no more than the rules name.
const KNOWN = new Map<string, Reader>();

function find(name: string, argument: string | undefined): Reader | undefined {
  for (const [prefix, make] of WITH_ARGUMENT) {
    if (name === prefix) return make(argument ?? '');
    if (argument === undefined && name.startsWith(`${prefix}.`)) {
      return make(name.slice(prefix.length + 1));
    }
  }
  if (argument !== undefined) return undefined;
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  return plain !== undefined && MAKES_TEXT.has(name) ? oncePerEvent(plain) : plain;
}

const WITH_ARGUMENT: readonly (readonly [string, (argument: string) => Reader | undefined])[] = [
  ['evt.arg', argReader],
  ['evt.rawarg', rawArgReader],
  ['evt.abspath', absolutePathReader],
  ['evt.type.is', typeIsReader],
];

const PLAIN: Readonly<Record<string, Reader>> = {
  ...EVENT_READERS,
  ...FD_READERS,
  ...SOCKET_READERS,
  ...PATH_READERS,
  ...TARGET_READERS,
  'evt.args': argsReader,
  'evt.info': argsReader,
};

const MAKES_TEXT = new Set([
  'fd.name',
  'fd.nameraw',
  'fd.directory',
  'fd.filename',
  'fd.containername',
  'fd.containerdirectory',
  'fd.type',
  'fd.typechar',
  'fd.ip',
  'fd.net',
  'fd.port',
  'fd.cip',
  'fd.sip',
  'fd.lip',
  'fd.rip',
  'fd.cnet',
  'fd.snet',
  'fd.lnet',
  'fd.rnet',
  'fd.cport',
  'fd.sport',
  'fd.lport',
  'fd.rport',
  'fd.l4proto',
]);
