// Readers of evt.arg, evt.rawarg, evt.args, evt.info and evt.abspath.

import { typeNumber } from '../rules/events.js';
import { type Event, oncePerEvent, type Reader, type Value } from './event.js';
import { claimedPath, claimedPath2 } from './fd-fields.js';
import { paramPair, paramText } from './param-text.js';
import { type Param, paramsOf, rawPath } from './params.js';
import { typesOf } from './types.js';

/** The text of a parameter by name or by number; `undefined` when the name is empty. */
export function argReader(argument: string): Reader | undefined {
  const find = finder(argument);
  return (
    find &&
    oncePerEvent((event) => {
      const param = find(event.type);
      return param === undefined ? undefined : paramText(event, param);
    })
  );
}

/** The typed value of a parameter; a path as the caller wrote it. */
export function rawArgReader(argument: string): Reader | undefined {
  const find = finder(argument);
  return (
    find &&
    ((event) => {
      const param = find(event.type);
      return param && (rawPath(event, param) ?? param.read(event));
    })
  );
}

/** All parameters, `name=value` with blanks between; empty for calls of which only the number is known. */
export const argsReader: Reader = oncePerEvent((event) => {
  const params = paramsOf(event.type);
  if (params[0]?.type === 'SYSCALLID') return '';
  return params.map((param) => paramPair(event, param)).join(' ');
});

/**
 * The absolute path that an event is about.
 *
 * @param side `''`, or `src` and `dst` for the events that have two
 */
export function absolutePathReader(side: string): Reader | undefined {
  switch (side.replace(/^\./, '')) {
    case '':
      return oncePerEvent((event) =>
        PATH_EVENTS.has(event.type) ? claimedPath(event) : undefined,
      );
    case 'src':
      return oncePerEvent((event) =>
        TWO_PATH_EVENTS.has(event.type) ? claimedPath(event) : undefined,
      );
    case 'dst':
      return oncePerEvent((event) =>
        TWO_PATH_EVENTS.has(event.type) || SYMLINK_EVENTS.has(event.type)
          ? claimedPath2(event)
          : undefined,
      );
    default:
      return undefined;
  }
}

/** `evt.type.is.NAME`: 1 for events of that name, else 0. */
export function typeIsReader(name: string): Reader | undefined {
  const type = typeNumber(name.replace(/^\./, ''));
  return type === undefined ? undefined : (event: Event): Value => (event.type === type ? 1 : 0);
}

type Finder = (type: number) => Param | undefined;

// Looked up once per event type: the names of a rule do not change.
function finder(argument: string): Finder | undefined {
  const name = argument.replace(/^\./, '');
  if (name === '') return undefined;
  const index = /^\d+$/.test(name) ? Number(name) : undefined;
  const known: (Param | null)[] = [];
  return (type) => {
    const found = known[type];
    if (found !== undefined) return found ?? undefined;
    const params = paramsOf(type);
    const param = index === undefined ? params.find((one) => one.name === name) : params[index];
    known[type] = param ?? null;
    return param;
  };
}

const PATH_EVENTS = typesOf(
  'open openat openat2 creat mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat mknod mknodat chdir chroot stat lstat newfstatat access',
);
const TWO_PATH_EVENTS = typesOf('rename renameat renameat2 link linkat');
const SYMLINK_EVENTS = typesOf('symlink symlinkat');
