// Whether the kernel holds a test exactly before an operation is done: on which fact it rests there, or
// why it cannot be decided.

import type { Check, FieldRef } from '../rules/ast.js';
import { callFacts, paramOf, sourceOf } from './dimensions.js';
import { type Atom, Truth } from './kleene.js';
import { constants } from './listed.js';
import type { Operation, PathField } from './operations.js';
import { processFacts } from './process-facts.js';
import { isErrorTest } from './results.js';
import { agreed, type SyntheticCall } from './synthetic.js';
import { literalHead } from './texts.js';
import { argumentPart, errorsIn } from './verdict-arguments.js';
import { netPart } from './verdict-net.js';
import { isEquality, type Part, type PartKind, refused } from './verdict-part.js';
import { exactText, isListed, KIN } from './verdict-texts.js';

/** On what a test rests when an operation is about to be done by a call of this type. */
export function partOf(atom: Atom, operation: Operation, type: number, calls: SyntheticCall): Part {
  const [field, other] = atom.fields;
  if (field === undefined) return refused('it reads nothing');
  if (other !== undefined) return refused('two fields are compared with one another');
  if (atom.check.left.kind !== 'field') return refused('the kernel has no transformers');
  const path = operation.paths[field.name] ?? argumentPath(field, operation, type);
  if (path !== undefined) return pathPart(path, atom.check);
  const argument = operation.hasArguments ? argumentPart(field, atom.check, type) : undefined;
  if (argument !== undefined) return argument;
  const net = netPart(field, atom.check, operation, type);
  if (net !== undefined) return net;
  const facts = callFacts(field, type);
  if (facts?.every((fact) => fact === 'result' || fact === 'failure') === true)
    return resultPart(atom, type, operation, calls);
  if (isMode(field)) return operation.hasMode ? { kind: 'mode' } : known(Truth.FALSE);
  if (isKind(field) && operation.hasKind) return { kind: 'kind' };
  if (field.name.startsWith('target.') && !operation.hasTarget)
    return refused('whom a call was aimed at the kernel does not keep');
  return (
    kinPart(field, atom.check) ??
    processPart(field, atom.check, operation) ??
    refused(adviceOn(field, operation))
  );
}

function resultPart(atom: Atom, type: number, { result }: Operation, calls: SyntheticCall): Part {
  if (result === 'fails' && !isErrorTest(atom.check))
    return refused('of the result of a call that failed the kernel decides single errors');
  const events = resultsOf(atom.check, result).map((ret) => ({ ret }));
  const truths = agreed([atom.index], sparse(atom), type, events, calls);
  const truth = truths.get(atom.index) ?? Truth.UNKNOWN;
  if (truth !== Truth.UNKNOWN) return known(truth);
  return result === 'fails'
    ? { kind: 'result' }
    : refused('the result is not known before the operation is done');
}

// What the operation may return, as far as a test may tell that apart. Without us it would work.
function resultsOf(check: Check, result: Operation['result']): number[] {
  if (typeof result === 'number') return [result];
  if (result === 'fails') {
    const { values, other } = errorsIn([check]);
    return [...values, other];
  }
  const named = constants(check).filter((text) => /^\d{1,15}$/.test(text));
  return [...RESULTS, ...named.flatMap((text) => [Number(text), Number(text) + 1])];
}

// By its place among all, where `agreed` looks for it.
function sparse(atom: Atom): Atom[] {
  const atoms: Atom[] = [];
  atoms[atom.index] = atom;
  return atoms;
}

const RESULTS = [0, 3, 4, 1023, 65_535];

// Parameters that are paths as the record has them, made absolute.
function argumentPath(
  field: FieldRef,
  { hasArguments }: Operation,
  type: number,
): PathField | undefined {
  const param = hasArguments ? paramOf(field, type) : undefined;
  if (param === undefined) return undefined;
  const source = sourceOf(type, param);
  if (source !== 'path' && source !== 'path2') return undefined;
  return { object: source === 'path' ? 1 : 2, part: 'whole' };
}

function pathPart({ object, part }: PathField, check: Check): Part {
  const test = exactText(check);
  const at = object === 1 ? '' : '2';
  if (test === undefined)
    return refused(
      'the kernel decides whole paths, beginnings (startswith, pmatch without a pattern) and ends ' +
        'of the last component (endswith)',
    );
  if (test.texts.some((text) => text.length > MAX_TEXT_BYTES))
    return refused(`a text is longer than ${MAX_TEXT_BYTES} bytes`);
  switch (test.kind) {
    case 'suffix':
      if (part === 'directory') return refused('of a directory the kernel decides the whole');
      if (test.texts.some((text) => text.slice(1).includes('/') || text.length > MAX_LAST_TEXT))
        return refused(
          `the kernel decides ends within the last component, of at most ${MAX_LAST_TEXT} bytes`,
        );
      return { kind: `last${at}` };
    case 'paths':
      if (part !== 'whole') return refused('of a part of the path the kernel decides the whole');
      if (test.texts.some((text) => !literalHead(text).whole))
        return refused('the kernel knows no patterns; name the paths or their beginnings');
      return { kind: `path${at}` };
    case 'prefix':
      if (part !== 'whole') return refused('of a part of the path the kernel decides the whole');
      return { kind: `path${at}` };
    default:
      if (part === 'whole') return { kind: `path${at}` };
      if (part === 'directory') return { kind: `directory${at}` };
      if (test.texts.some((text) => text.length > MAX_LAST_TEXT))
        return refused(`a name is longer than ${MAX_LAST_TEXT} bytes`);
      return { kind: `last${at}` };
  }
}

// Programs and names of the process and those it comes from.
function kinPart(field: FieldRef, check: Check): Part | undefined {
  const { name, argument } = field;
  const isList = name === 'proc.aname' || name === 'proc.aexepath';
  const kind = KIN[name];
  if (kind === undefined) return undefined;
  if (isList && argument !== undefined)
    return refused('the kernel asks whether some ancestor is so; leave out the brackets');
  if (isList) {
    // A list is compared by each of its elements: one that is equal is enough.
    return isListed(check) ? { kind } : refused('of ancestors the kernel decides = and in');
  }
  const test = exactText(check);
  if (test === undefined || test.kind === 'paths')
    return refused('of a program the kernel decides =, in, !=, startswith, and ends of its name');
  if (kind === 'pcomm' || kind === 'target_comm')
    return test.kind === 'equal' || test.kind === 'differs'
      ? { kind }
      : refused('the kernel decides whole names (=, in, !=)');
  const part = pathPart({ object: 1, part: 'whole' }, check);
  if (part.kind === 'refused') return part;
  return { kind: (part.kind === 'last' ? ENDS[kind] : undefined) ?? kind };
}

function processPart(field: FieldRef, check: Check, operation: Operation): Part | undefined {
  if (field.name === 'container.id') return containerPart(check);
  if (field.name === 'target.pid') return numberPart('target_pid', check);

  const facts = processFacts(field)?.join() ?? (field.name === 'group.gid' ? 'gid' : undefined);
  switch (facts) {
    case 'comm': {
      if (operation.isExec)
        return refused('the name that a new program will have is not certain; proc.exepath is');
      const test = exactText(check);
      if (test?.kind === 'equal' || test?.kind === 'differs' || test?.kind === 'exists')
        return { kind: 'comm' };
      return refused('the kernel decides whole names (=, in, !=)');
    }
    case 'uid':
    case 'gid':
      return numberPart(facts, check);
    default:
      return undefined;
  }
}

function numberPart(kind: PartKind, check: Check): Part {
  return isEquality(check) ? { kind } : refused('the kernel decides whole numbers (=, in, !=)');
}

function containerPart(check: Check): Part {
  const test = exactText(check);
  const isHost = test?.texts.every((text) => text === 'host') === true;
  return isHost && (test.kind === 'equal' || test.kind === 'differs')
    ? { kind: 'container' }
    : refused(
        'the kernel tells the host from containers: container.id = host, container.id != host',
      );
}

function isMode({ name }: FieldRef): boolean {
  return name === 'evt.is_open_read' || name === 'evt.is_open_write';
}

function isKind({ name }: FieldRef): boolean {
  return name === 'fd.type' || name === 'fd.typechar';
}

/** What the author could write in its place. */
function adviceOn(field: FieldRef, operation: Operation): string {
  const paths = Object.keys(operation.paths);
  const { name } = field;
  if (/^proc\.(cmdline|args|exeline|cmdnargs|env|exe)$/.test(name))
    return 'what a process was started with is not kept in the kernel; proc.name is';
  if (/^(evt\.(raw)?arg|fd\.nameraw|fs\.path\.\w*raw)/.test(name))
    return paths.length === 0
      ? 'the caller may change its arguments while they are looked at'
      : `the caller may change its arguments while they are looked at; ${paths.join(', ')} name the object`;
  if (/^(fd|fs\.path)\./.test(name) && paths.length > 0)
    return `of the object of this operation (${operation.name}) the kernel knows ${paths.join(', ')}`;
  return 'the kernel does not hold it; `action: kill` and `action: notify` take any field';
}

function known(truth: Truth): Part {
  return { kind: 'known', truth };
}

/** What rests on the end of a program's path, which has a table of its own. */
const ENDS: Readonly<Partial<Record<PartKind, PartKind>>> = {
  exe: 'exe_last',
  pexe: 'pexe_last',
  target: 'target_last',
};

/** A prefix that ends in a slash takes one more than what was written. */
const MAX_TEXT_BYTES = 246;
const MAX_LAST_TEXT = 62;
