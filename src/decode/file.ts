// Paths as text: a path argument made absolute, the parts of a path, doubled slashes.

import type { TextPlace } from './cursor.js';

/**
 * Joins a path argument with what it is relative to, and takes out `.`, `..` and doubled slashes.
 *
 * Purely textual, so a symbolic link on the way is not followed; an absolute path ignores the
 * base. A slash at the end goes, as everywhere in Falco. A result over 1024 bytes becomes the text
 * that Falco shows instead.
 *
 * @param base absolute; `undefined` where the kernel could not tell
 */
export function resolvePath(base: string | undefined, path: string): string {
  if (path.charCodeAt(0) === SLASH) return limit(isPlain(path) ? path : normalise(path));
  if (base === undefined) return limit(UNKNOWN_BASE + path);
  const joined = base.endsWith('/') ? base + path : `${base}/${path}`;
  return limit(isPlain(joined) ? joined : normalise(joined));
}

/** Whether a path is absolute and `resolvePath` would leave it as it is; it may say no too often. */
export function isPlainPath({ memory, start, end }: TextPlace): boolean {
  if (start >= end || end - start > LIMIT_BYTES || memory[start] !== SLASH) return false;
  if (end - start > 1 && memory[end - 1] === SLASH) return false;
  for (let at = start + 1; at < end; at += 1) {
    if (memory[at - 1] !== SLASH) continue;
    if (memory[at] === SLASH || memory[at] === DOT) return false;
  }
  return true;
}

/** Up to the last slash; `/` for what lies directly under the root or has no slash. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash > 0 ? path.slice(0, slash) : '/';
}

/** After the last slash; `/` for the root itself. */
export function filenameOf(path: string): string {
  return path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1);
}

/** One slash for each run of them; dot segments stay. */
export function collapseSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}

/** Stands for a directory nobody knows; glued to the name without a slash. */
const UNKNOWN_BASE = '<UNKNOWN>';
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';
const LIMIT_BYTES = 1024; // SCAP_MAX_PATH_SIZE in falcosecurity/libs
const SLASH = 47;
const DOT = 46;

// Most paths need no change; finding that out costs one pass and makes nothing.
function isPlain(path: string): boolean {
  const length = path.length;
  if (length > 1 && path.charCodeAt(length - 1) === SLASH) return false;
  let at = path.indexOf('/');
  while (at >= 0 && at + 1 < length) {
    const next = path.charCodeAt(at + 1);
    if (next === SLASH || next === DOT) return false;
    at = path.indexOf('/', at + 1);
  }
  return true;
}

function normalise(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

function limit(path: string): string {
  return path.length > LIMIT_BYTES ? TOO_LONG : path;
}
