// What the value of each field of a process is made from, as far as user space can tell the kernel filter
// about a process beforehand.

import { needsMetadata } from '../enrich/container-fields.js';
import type { FieldRef } from '../rules/ast.js';

/** Something about a process that user space knows. */
export type ProcessFact =
  | 'program'
  | 'comm'
  | 'uid'
  | 'names'
  | 'container'
  | 'metadata'
  | 'ancestors';

/** What the value of a field of a process is a function of; `undefined` when the kernel cannot know it. */
export function processFacts(field: FieldRef): readonly ProcessFact[] | undefined {
  const { name, argument } = field;
  if (ANCESTOR_FIELDS.has(name)) {
    // Distance 0 is the process itself, and a search by name begins at its parent.
    const distance = /^\d+$/.test(argument ?? '') ? Number(argument) : 1;
    if (distance === 0 || distance > MAX_DISTANCE) return undefined;
    return ['ancestors'];
  }
  if (PROGRAM_FIELDS.has(name)) return ['program'];
  switch (name) {
    case 'proc.name':
      return ['comm'];
    case 'proc.cmdline':
      return ['comm', 'program'];
    case 'user.uid':
      return ['uid'];
    case 'user.name':
    case 'user.homedir':
    case 'user.shell':
      return ['uid', 'names'];
    case 'container.id':
    case 'container.full_id':
      return ['container'];
    case 'container.duration':
    case 'container.start_ts':
      return undefined;
    default:
      return needsMetadata(name) ? ['container', 'metadata'] : undefined;
  }
}

/** Of ancestors that are told apart by number. */
const MAX_DISTANCE = 16;

const PROGRAM_FIELDS: ReadonlySet<string> = new Set([
  'proc.exe',
  'proc.exepath',
  'proc.args',
  'proc.exeline',
  'proc.cmdnargs',
  'proc.cmdlenargs',
  'proc.env',
  'proc.is_exe_writable',
  'proc.is_exe_upper_layer',
  'proc.is_exe_lower_layer',
  'proc.is_exe_from_memfd',
  'proc.exe_ino',
  'proc.exe_ino.ctime',
  'proc.exe_ino.mtime',
]);

const ANCESTOR_FIELDS: ReadonlySet<string> = new Set([
  'proc.pname',
  'proc.pexe',
  'proc.pexepath',
  'proc.pcmdline',
  'proc.aname',
  'proc.aexe',
  'proc.aexepath',
  'proc.acmdline',
  'proc.aargs',
  'proc.aenv',
]);
