// Where the path of an event's descriptor lies in the record, so that it can be looked up without making a
// text of it. What these find is what the readers of fd.name, fd.directory and fd.filename make.

import { TextPlace } from './cursor.js';
import {
  descriptorEntry,
  descriptorUse,
  isDirectoryEntry,
  isOpenOrCreat,
  isPathEntry,
} from './descriptors.js';
import type { Event } from './event.js';
import { isPlainPath } from './file.js';

/** `fd.name`. */
export function locatePath(event: Event, place: TextPlace): boolean {
  const found = pathOf(event);
  if (found === undefined) return false;
  place.memory = found.memory;
  place.start = found.start;
  place.end = found.end;
  return true;
}

/** `fd.directory`, but for the root, which is not part of every path in it. */
export function locateDirectory(event: Event, place: TextPlace): boolean {
  const found = pathOf(event);
  if (found === undefined) return false;
  place.memory = found.memory;
  place.start = found.start;
  place.end = found.isDirectory ? found.end : found.last - 1;
  return found.isDirectory || place.end > place.start;
}

/** `fd.filename`, but for that of the root. */
export function locateFilename(event: Event, place: TextPlace): boolean {
  const found = pathOf(event);
  if (found === undefined || found.isDirectory || !found.hasEntry) return false;
  place.memory = found.memory;
  place.start = found.last;
  place.end = found.end;
  return found.last < found.end;
}

class PathPlace extends TextPlace {
  /** Where the last component begins; the start of a path without a slash. */
  last = 0;
  /** Opened as a directory: it is one's own `fd.directory`. */
  isDirectory = false;
  /** The descriptor is there. */
  hasEntry = false;
}

// Looked for once per event, for all three.
let serial = -1;
let isFound = false;
const PATH = new PathPlace();

function pathOf(event: Event): PathPlace | undefined {
  if (serial !== event.serial) {
    serial = event.serial;
    isFound = find(event, PATH);
  }
  return isFound ? PATH : undefined;
}

function find(event: Event, path: PathPlace): boolean {
  const call = descriptorEntry(event);
  path.hasEntry = call !== undefined;
  path.isDirectory = call !== undefined && isDirectoryEntry(call);
  const isThere =
    call === undefined
      ? locateClaimed(event, path)
      : (path.isDirectory || isPathEntry(call)) && call.locatePath(path);
  if (isThere) path.last = lastComponent(path);
  return isThere;
}

// A failed open is about the path that the caller wrote, if that needs no change to be a path.
function locateClaimed(event: Event, place: TextPlace): boolean {
  const { call } = event;
  if (call === undefined || descriptorUse(event) === undefined) return false;
  return isOpenOrCreat(event.type) && call.locateClaimed(place) && isPlainPath(place);
}

function lastComponent({ memory, start, end }: TextPlace): number {
  let at = end;
  while (at > start && memory[at - 1] !== SLASH) at -= 1;
  return at;
}

const SLASH = 47;
