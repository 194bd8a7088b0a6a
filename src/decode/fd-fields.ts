// Readers of fd.* that are about the descriptor itself: number, type, name, device.

import { typeNumber } from '../rules/events.js';
import {
  descriptorEntry,
  descriptorNumber,
  descriptorType,
  descriptorUse,
  isDirectoryEntry,
  isLowerLayer,
  isOpenOrCreat,
  isPathEntry,
  isUpperLayer,
  objectOf,
} from './descriptors.js';
import type { Event, Reader, Value } from './event.js';
import { collapseSlashes, directoryOf, filenameOf, resolvePath } from './file.js';
import { refusedTuple, socketName } from './network.js';
import { locateDirectory, locateFilename, locatePath } from './path-place.js';

/** Readers by field name; those of a socket's ends are in socket-fields.ts. */
export const FD_READERS: Readonly<Record<string, Reader>> = {
  'fd.num': descriptorNumber,
  'fd.type': (event) => typeOf(event)?.[0],
  'fd.typechar': (event) => typeOf(event)?.[1] ?? descriptorUse(event)?.fallback,
  'fd.name': Object.assign(name, { locate: locatePath }),
  'fd.nameraw': rawName,
  'fd.directory': Object.assign(directory, { locate: locateDirectory }),
  'fd.filename': Object.assign(filename, { locate: locateFilename }),
  'fd.uid': (event) => {
    const number = descriptorNumber(event);
    return number === undefined ? undefined : `${event.task.tid}${number}`;
  },
  'fd.containername': (event) => withContainer(event, name(event)),
  'fd.containerdirectory': (event) => withContainer(event, directory(event)),
  'fd.dev': (event) => fileCall(event)?.object_dev,
  'fd.dev.major': (event) => major(fileCall(event)?.object_dev),
  'fd.dev.minor': (event) => minor(fileCall(event)?.object_dev),
  'fd.ino': (event) => fileCall(event)?.object_inode,
  'fd.is_upper_layer': (event) => layer(event, isUpperLayer),
  'fd.is_lower_layer': (event) => layer(event, isLowerLayer),
};

/**
 * The path argument of the call as an absolute path, `undefined` when there is none.
 *
 * Where the kernel did not say what it is relative to, it is the process's working directory, unless
 * the call named a descriptor: then nobody knows.
 */
export function claimedPath(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined) return undefined;
  const claimed = call.claimed;
  return claimed === undefined
    ? undefined
    : resolvePath(call.base ?? workingDirectory(event, DIRECTORY[event.type]), claimed);
}

/** The second path argument, as `claimedPath`. */
export function claimedPath2(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined) return undefined;
  const claimed = call.claimed2;
  return claimed === undefined
    ? undefined
    : resolvePath(call.base2 ?? workingDirectory(event, DIRECTORY2[event.type]), claimed);
}

/** What the descriptor in an argument stands for, where a relative path of the call begins there. */
export function pathBase(event: Event, argument: number): string | undefined {
  if (argument < 0) return undefined;
  if (DIRECTORY[event.type] === argument) return event.call?.base;
  return DIRECTORY2[event.type] === argument ? event.call?.base2 : undefined;
}

/** `fd.name` of a call's entry, `undefined` without one. */
export function entryName(event: Event): string | undefined {
  const call = descriptorEntry(event);
  if (call === undefined) return undefined;
  if (isPathEntry(call)) return call.path ?? '';
  switch (descriptorType(call)[1]) {
    case '4':
    case '6':
    case 'u':
      return socketName(event);
    case 'm':
      return call.path ?? '';
    default:
      return '';
  }
}

/** The working directory where the call's path is relative to it; `argument` may say otherwise. */
function workingDirectory(event: Event, argument: number | undefined): string | undefined {
  if (argument !== undefined && event.call?.argInt(argument) !== AT_FDCWD) return undefined;
  return event.process.cwd;
}

const AT_FDCWD = -100;

// Which argument names the directory of a path, by type, for the first and the second path.
const DIRECTORY = argumentsOf(
  'openat:0 openat2:0 unlinkat:0 mkdirat:0 mknodat:0 fchmodat:0 fchownat:0 newfstatat:0 execveat:0 renameat:0 renameat2:0 linkat:0',
);
const DIRECTORY2 = argumentsOf('renameat:2 renameat2:2 linkat:2 symlinkat:1');

function argumentsOf(list: string): readonly (number | undefined)[] {
  const found: (number | undefined)[] = [];
  for (const entry of list.split(' ')) {
    const [name = '', index = ''] = entry.split(':');
    const type = typeNumber(name);
    if (type !== undefined) found[type] = Number(index);
  }
  return found;
}

function typeOf(event: Event): readonly [string, string] | undefined {
  const call = descriptorEntry(event);
  return call === undefined ? undefined : descriptorType(call);
}

function name(event: Event): string | undefined {
  if (descriptorUse(event) === undefined) return undefined;
  return refusedTuple(event) ?? entryName(event) ?? nameWithoutEntry(event);
}

// A failed open still says which file it was about; other events without an entry have an empty name.
function nameWithoutEntry(event: Event): string | undefined {
  return isOpenOrCreat(event.type) ? claimedPath(event) : '';
}

function rawName(event: Event): string | undefined {
  if (descriptorUse(event) === undefined) return undefined;
  const call = event.call;
  if (call === undefined) return undefined;
  if (isOpenOrCreat(event.type)) {
    const claimed = call.claimed ?? call.path;
    return claimed === undefined ? undefined : collapseSlashes(claimed);
  }
  const entry = descriptorEntry(event);
  if (entry === undefined) return '';
  return isPathEntry(entry) ? entry.path : '';
}

function directory(event: Event): string | undefined {
  if (descriptorUse(event) === undefined) return undefined;
  const call = descriptorEntry(event);
  if (call === undefined) {
    const known = nameWithoutEntry(event);
    return known === undefined ? undefined : directoryOf(known);
  }
  if (!isPathEntry(call)) return undefined;
  const path = call.path ?? '';
  return isDirectoryEntry(call) ? path : directoryOf(path);
}

function filename(event: Event): string | undefined {
  const call = descriptorEntry(event);
  if (call === undefined || !isPathEntry(call) || isDirectoryEntry(call)) return undefined;
  return filenameOf(call.path ?? '');
}

function withContainer(event: Event, text: string | undefined): string | undefined {
  const id = event.process.container?.id;
  return text === undefined || id === undefined ? undefined : `${id}:${text}`;
}

function fileCall(event: Event) {
  const call = objectEntry(event);
  return call !== undefined && isPathEntry(call) ? call : undefined;
}

function objectEntry(event: Event) {
  return objectOf(event) && descriptorEntry(event);
}

function layer(event: Event, test: typeof isUpperLayer): Value {
  const call = objectEntry(event);
  return call === undefined ? undefined : test(call);
}

// new_encode_dev(), include/linux/kdev_t.h
function major(dev: number | undefined): number | undefined {
  return dev === undefined ? undefined : (dev & 0xfff00) >>> 8;
}

function minor(dev: number | undefined): number | undefined {
  return dev === undefined ? undefined : (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}
