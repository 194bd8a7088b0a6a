// Readers of fs.path.*: what a call that names files did, where it worked.

import { typeNumber } from '../rules/events.js';
import { type Event, oncePerEvent, type Reader } from './event.js';
import { claimedPath, claimedPath2 } from './fd-fields.js';
import { typesOf } from './types.js';

/**
 * Readers by field name. Falco's names for links are kept: source of a link is the new path and
 * target the old one. Other than in Falco a relative name is always made absolute where the kernel
 * or the process says what it is relative to.
 */
export const PATH_READERS: Readonly<Record<string, Reader>> = {
  'fs.path.name': oncePerEvent((event) => pathOf(event, ONE)?.full),
  'fs.path.nameraw': (event) => pathOf(event, ONE)?.raw,
  'fs.path.source': oncePerEvent((event) => sideOf(event, 'source', true)),
  'fs.path.sourceraw': (event) => sideOf(event, 'source', false),
  'fs.path.target': oncePerEvent((event) => sideOf(event, 'target', true)),
  'fs.path.targetraw': (event) => sideOf(event, 'target', false),
};

function pathOf(event: Event, types: Set<number>) {
  const call = event.call;
  if (call === undefined || !types.has(event.type)) return undefined;
  if (call.is_attempt && event.type !== MOUNT) return { full: call.path, raw: call.claimed };
  if (OPENS.has(event.type) ? call.ret === -1 : call.ret < 0) return undefined;
  // A mount has its directory in the second place, behind the device.
  if (event.type === MOUNT) return { full: claimedPath2(event), raw: call.claimed2 };
  const opened = OPENS.has(event.type) && call.ret >= 0 ? call.path : undefined;
  return { full: opened ?? claimedPath(event), raw: call.claimed ?? opened };
}

function sideOf(event: Event, side: 'source' | 'target', full: boolean): string | undefined {
  const call = event.call;
  if (call === undefined || (call.ret < 0 && !call.is_attempt)) return undefined;
  const isRename = RENAMES.has(event.type);
  const isSymlink = SYMLINKS.has(event.type);
  if (!isRename && !isSymlink && !LINKS.has(event.type)) return undefined;
  const first = (side === 'source') === isRename;
  if (!full) return first ? call.claimed : call.claimed2;
  // The target of a symbolic link is a text, not a path of its own.
  if (first && isSymlink) return call.claimed;
  return first ? claimedPath(event) : claimedPath2(event);
}

const OPENS = typesOf('open openat openat2');
const ONE = typesOf(
  'open openat openat2 mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat mount umount umount2 quotactl',
);
const RENAMES = typesOf('rename renameat renameat2');
const LINKS = typesOf('link linkat');
const SYMLINKS = typesOf('symlink symlinkat');
const MOUNT = typeNumber('mount');
