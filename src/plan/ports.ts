// Classes of ports, at either end of a socket.

import { object_kind } from '../abi/layout.js';
import type { Check } from '../rules/ast.js';
import { ClassBits } from './classes.js';
import { type Counted, constants, listedTable } from './listed.js';
import { ACCEPTS, type CallInput, CONNECTS, maskOf, rests } from './results.js';
import type { CallFacts } from './synthetic.js';

/**
 * By port.
 *
 * The port of the server, or of either side. A connect whose socket has no peer yet goes by the address
 * that it was given, so port 0 says nothing.
 */
export function portTables(input: CallInput): Counted[] {
  const { type, atoms } = input;
  const isConnect = CONNECTS.has(type);
  if (!isConnect && !ACCEPTS.has(type)) return [];
  const tables: (Counted | undefined)[] = [];
  for (const side of ['remote', 'local'] as const) {
    const isServer = (side === 'remote') === isConnect;
    const mine = (atom: number): boolean =>
      rests(input, atom, OF_ENDS) &&
      isPortTest(atoms[atom]?.check, isServer ? /^fd\.s?port$/ : /^fd\.c?port$/);
    const ports = new ClassBits(input.entries, mine, input.all).atoms;
    const numbers = [...ports].flatMap((atom) => portsIn(atoms[atom]?.check));
    // Tests of either side: one port at the other side that makes each true, and one that makes none.
    const either = [...ports].filter((atom) => isPortTest(atoms[atom]?.check, /^fd\.port$/));
    const telling = either.flatMap((atom) => portsIn(atoms[atom]?.check).slice(0, 1));
    const others = [...new Set([...telling, unlisted(numbers)])];
    const make = (port: number): CallFacts[] =>
      others.flatMap((other) =>
        [0, -115, -111].flatMap((ret) => ends(side, port, other, ret, type)),
      );
    const values = new Map([...new Set(numbers)].map((one) => [BigInt(one), make(one)]));
    values.delete(0n);
    const source = side === 'remote' ? 'object_remote_port' : 'object_local_port';
    tables.push(listedTable(input, source, mine, values, make(unlisted(numbers)), [0n]));
  }
  return tables.filter((table) => table !== undefined);
}

function ends(
  side: 'remote' | 'local',
  port: number,
  other: number,
  ret: number,
  type: number,
): CallFacts[] {
  const found = {
    kind: object_kind.OBJECT_SOCKET,
    family: 2,
    ret,
    remote_port: side === 'remote' ? port : other,
    local_port: side === 'local' ? port : other,
  };
  // An accept that failed has no socket.
  return ACCEPTS.has(type) && ret < 0 ? [{ ret }] : [found];
}

function isPortTest(check: Check | undefined, fields: RegExp): boolean {
  if (check?.left.kind !== 'field' || !fields.test(check.left.name)) return false;
  if (check.modifier !== undefined || check.right?.kind === 'transformer') return false;
  if (!['=', '==', '!=', 'in'].includes(check.operator)) return false;
  return constants(check).every((text) => /^\d{1,5}$/.test(text) && Number(text) < 65536);
}

function portsIn(check: Check | undefined): number[] {
  return constants(check).map(Number);
}

function unlisted(numbers: readonly number[]): number {
  let port = 40_000;
  while (numbers.includes(port)) port += 1;
  return port;
}

const OF_ENDS = maskOf(['kind', 'socket', 'ends']);
