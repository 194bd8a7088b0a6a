// The one list of what the value of each field is made from. A field that is not here, or not for a type
// of event, is unknown to the kernel filter.

import { directUse, isOpen, isOpenOrCreat } from '../decode/descriptors.js';
import { Group, groupOf } from '../decode/network.js';
import { sourcesOf } from '../decode/param-sources.js';
import { type Param, paramsOf } from '../decode/params.js';
import { isAimed } from '../decode/target.js';
import { typesOf } from '../decode/types.js';
import type { FieldRef } from '../rules/ast.js';
import { eventName, eventNamed } from '../rules/events.js';

/** What the kernel filter may know about a call. */
export const CALL_FACTS = [
  // The return value, and the return value where it is an error.
  'result',
  'failure',
  // Whether it made the file, in which layer it lies, whether it worked: what an open found.
  'opened',
  // The flags of an open, `extra`, and the mode that it asked for.
  'flags',
  'mode',
  'arg0',
  'arg1',
  'arg2',
  'arg3',
  'arg4',
  'arg5',
  // Kind of the object, how it was opened, and the name of an anonymous inode.
  'kind',
  // Family, type, protocol and role of a socket; addresses and ports of a socket and of the call.
  'socket',
  'ends',
  // The object's path as `fd.name`, `fd.directory`, `fd.filename`.
  'name',
  'directory',
  'filename',
  // The paths of a call that worked.
  'worked_paths',
] as const;

export type CallFact = (typeof CALL_FACTS)[number];

/** Which text a field shows of a path that the kernel looks up. */
export interface TextRole {
  source: 'path' | 'claimed';
  part: 'whole' | 'directory' | 'filename';
  /** It may be missing although there is such a path. */
  maybe_missing: boolean;
  /** Doubled slashes and dots are as the caller wrote them. */
  is_raw: boolean;
}

/**
 * What the value of a field is a function of, for events of a type.
 *
 * @returns nothing but the type when it is empty; `undefined` when the kernel cannot know it
 */
export function callFacts(field: FieldRef, type: number): readonly CallFact[] | undefined {
  const { name } = field;
  if (OF_TYPE.has(name) || name.startsWith('evt.type.is')) return [];
  if (/^evt\.(raw)?arg(\.|$)/.test(name)) return argFacts(field, type);
  if (name.startsWith('fd.')) return descriptorFacts(name, type);
  switch (name) {
    case 'evt.rawres':
    case 'evt.res':
    case 'evt.failed':
    case 'evt.count.error':
      return ['result'];
    case 'evt.category':
      return isIoCategory(type) ? undefined : [];
    case 'evt.count.error.file':
    case 'evt.count.error.net':
    case 'evt.count.error.memory':
    case 'evt.count.error.other':
      return directUse(type) === undefined ? ['result'] : undefined;
    case 'evt.buffer':
    case 'evt.buflen':
      return isTransferType(type) ? undefined : [];
    case 'evt.is_syslog':
      return groupOf(type) === Group.SEND ? undefined : [];
    case 'evt.is_open_read':
    case 'evt.is_open_write':
      return isOpen(type) ? ['flags'] : [];
    case 'evt.is_open_exec':
      if (!isOpenOrCreat(type)) return [];
      return isOpen(type) ? ['flags', 'mode'] : ['arg1'];
    case 'evt.is_open_create':
      return isOpenOrCreat(type) ? ['result', 'opened', 'flags'] : [];
    case 'fs.path.name':
    case 'fs.path.nameraw':
      return ONE_PATH.has(type) ? worked(type) : [];
    case 'fs.path.source':
    case 'fs.path.sourceraw':
    case 'fs.path.target':
    case 'fs.path.targetraw':
      return TWO_PATHS.has(type) ? worked(type) : [];
    case 'evt.abspath':
    case 'evt.abspath.src':
    case 'evt.abspath.dst':
      return hasAbsolutePath(name, type) ? undefined : [];
    case 'target.pid':
    case 'target.name':
    case 'target.exepath':
      return isAimed(type) ? undefined : [];
    default:
      return undefined;
  }
}

/** How a field shows a path that the kernel looks up, for events of a type. */
export function textRoles(field: FieldRef, type: number): readonly TextRole[] {
  const { name } = field;
  const roles: TextRole[] = [];
  const add = (source: 'path' | 'claimed', part: TextRole['part'] = 'whole', more = {}): void => {
    roles.push({ source, part, maybe_missing: false, is_raw: false, ...more });
  };
  const isUser = directUse(type) !== undefined;
  switch (name) {
    case 'fd.name':
      if (isUser) add('path');
      if (isOpenOrCreat(type)) add('claimed');
      break;
    case 'fd.directory':
      if (isUser) add('path', 'directory');
      if (isOpenOrCreat(type)) add('claimed', 'directory');
      break;
    case 'fd.filename':
      if (isUser) add('path', 'filename', { maybe_missing: true });
      break;
    case 'fd.nameraw':
      if (isOpenOrCreat(type)) add('claimed', 'whole', { is_raw: true });
      else if (isUser) add('path');
      break;
    case 'fs.path.name':
      if (OPENS.has(type)) add('path');
      if (ONE_PATH.has(type) && !SECOND_IS_PATH.has(type))
        add('claimed', 'whole', { maybe_missing: true });
      break;
    case 'fs.path.nameraw':
      if (ONE_PATH.has(type) && !SECOND_IS_PATH.has(type))
        add('claimed', 'whole', { maybe_missing: true, is_raw: true });
      break;
    case 'fs.path.source':
      if (RENAMES.has(type)) add('claimed', 'whole', { maybe_missing: true });
      break;
    case 'fs.path.target':
      if (TWO_PATHS.has(type) && !RENAMES.has(type))
        add('claimed', 'whole', { maybe_missing: true });
      break;
    case 'evt.abspath':
    case 'evt.abspath.src':
      if (hasAbsolutePath(name, type)) add('claimed');
      break;
    default: {
      const param = paramOf(field, type);
      if (param === undefined) break;
      const source = sourceOf(type, param);
      if (source === 'path') add('claimed');
      if (source === 'claimed' && SYMLINKS.has(type)) add('claimed');
      if (source === 'object_path') add('path');
    }
  }
  return roles;
}

/** The parameter that `evt.arg` or `evt.rawarg` names, for events of a type. */
export function paramOf(field: FieldRef, type: number): Param | undefined {
  const dotted = /^evt\.(?:raw)?arg\.(.+)$/.exec(field.name)?.[1];
  const wanted = dotted ?? (/^evt\.(?:raw)?arg$/.test(field.name) ? field.argument : undefined);
  if (wanted === undefined) return undefined;
  const params = paramsOf(type);
  return /^\d+$/.test(wanted)
    ? params[Number(wanted)]
    : params.find((param) => param.name === wanted);
}

/** Where a parameter comes from, in the words of decode/param-sources.ts; `undefined` when it is not captured. */
export function sourceOf(type: number, param: Param): string | undefined {
  return sourcesOf(eventName(type)).get(param.name);
}

function argFacts(field: FieldRef, type: number): readonly CallFact[] | undefined {
  const param = paramOf(field, type);
  if (param === undefined) return [];
  if (param.name === 'ID') return [];
  if (param.name === 'nativeID' || OWN_PARAMETERS.has(type)) return undefined;
  const source = sourceOf(type, param);
  if (source === undefined) return [];
  const isRaw = field.name.startsWith('evt.rawarg');
  if (source === 'ret') return isRaw ? ['result'] : ['failure'];
  if (source === 'open') return ['flags', 'opened'];
  const arg = ARGUMENTS.find((one) => source.replace(/\..*$/, '') === `a${one.slice(3)}`);
  if (arg === undefined) return undefined;
  // Shown by what they mean to the host: a descriptor's object, a process's or user's name.
  if (!isRaw && (param.type === 'FD' || param.type === 'PID')) return undefined;
  if (!isRaw && (param.type === 'UID' || param.type === 'GID')) return undefined;
  return [arg];
}

function descriptorFacts(name: string, type: number): readonly CallFact[] | undefined {
  const use = directUse(type);
  if (use === undefined) return FD_FIELDS.test(name) ? [] : undefined;
  switch (name) {
    case 'fd.num': {
      if (use.creates) return PAIRS.has(type) ? ['failure'] : ['result'];
      return ARGUMENTS[use.arg] === undefined ? undefined : [ARGUMENTS[use.arg] ?? 'result'];
    }
    case 'fd.type':
    case 'fd.typechar':
    case 'fd.sockfamily':
    case 'fd.l4proto':
      return ['kind', 'socket'];
    case 'fd.filename':
      return ['kind', 'filename'];
    case 'fd.directory':
      return ['kind', 'directory'];
    case 'fd.name':
      return ['kind', 'name'];
    case 'fd.is_server':
      return ['kind', 'socket', 'ends'];
    default:
      return END_FIELDS.test(name) ? ['kind', 'socket', 'ends'] : undefined;
  }
}

function worked(type: number): readonly CallFact[] | undefined {
  return OPENS.has(type) ? undefined : ['result', 'worked_paths'];
}

function isIoCategory(type: number): boolean {
  return eventNamed(eventName(type))?.category.startsWith('io_') === true;
}

function isTransferType(type: number): boolean {
  const group = groupOf(type);
  return group === Group.SEND || group === Group.RECEIVE;
}

function hasAbsolutePath(name: string, type: number): boolean {
  if (name === 'evt.abspath') return ABSOLUTE.has(type);
  if (name === 'evt.abspath.src') return RENAMES.has(type) || LINKS.has(type);
  return RENAMES.has(type) || LINKS.has(type) || SYMLINKS.has(type);
}

const ARGUMENTS = ['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5'] as const;

const OF_TYPE: ReadonlySet<string> = new Set([
  'evt.type',
  'syscall.type',
  'evt.dir',
  'evt.source',
  'evt.is_async',
  'evt.count',
  'evt.count.exit',
  'evt.is_io',
  'evt.is_io_read',
  'evt.is_io_write',
  'evt.io_dir',
  'evt.is_wait',
]);

// Fields that are missing for types without a descriptor.
const FD_FIELDS =
  /^fd\.(?!uid$)(num|type|typechar|name|nameraw|directory|filename|containername|containerdirectory|dev|dev\.major|dev\.minor|ino|is_upper_layer|is_lower_layer|l4proto|sockfamily|is_server|connected|name_changed|ip|net|port|proto|[cslr](ip|net|port|proto)|[cslr]ip\.name)$/;
const END_FIELDS = /^fd\.([cslr]?(ip|net|port|proto)|[cslr]ip\.name)$/;

// Their parameters come from the process.
const OWN_PARAMETERS = typesOf('execve execveat clone clone3 fork vfork');
const OPENS = typesOf('open openat openat2');
const ONE_PATH = typesOf(
  'open openat openat2 mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat mount umount umount2 quotactl',
);
// Of a mount the directory is the second path.
const SECOND_IS_PATH = typesOf('mount');
const RENAMES = typesOf('rename renameat renameat2');
const LINKS = typesOf('link linkat');
const SYMLINKS = typesOf('symlink symlinkat');
const TWO_PATHS = new Set([...RENAMES, ...LINKS, ...SYMLINKS]);
const ABSOLUTE = typesOf(
  'open openat openat2 creat mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat mknod mknodat chdir chroot stat lstat newfstatat access',
);
const PAIRS = typesOf('pipe pipe2 socketpair');
