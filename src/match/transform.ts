// Fields and transformer calls as readers: what stands on either side of an operator.

import { addressText } from '../decode/address.js';
import type { Event, Reader, Value } from '../decode/event.js';
import type { FieldRef, Operand, TransformerArg, TransformerCall } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import { isList, lowerAscii, upperAscii } from './operators.js';

/** Gives the reader of a field; `undefined` for a field that has no source. */
export type Resolve = (field: FieldRef) => Reader | undefined;

/**
 * Makes the reader of a field or call. A field without a source makes a reader that always says
 * missing; a call with a missing argument is missing too.
 */
export function operandReader(operand: Operand, resolve: Resolve): Reader {
  if (operand.kind === 'field') return resolve(operand) ?? missing;
  const [first, second] = operand.args;
  switch (operand.name) {
    case 'val':
      return argReader(first, resolve);
    case 'tolower':
      return ofText(argReader(first, resolve), lowerAscii);
    case 'toupper':
      return ofText(argReader(first, resolve), upperAscii);
    case 'basename':
      return ofText(argReader(first, resolve), (text) => text.slice(text.lastIndexOf('/') + 1));
    case 'b64':
      return ofText(argReader(first, resolve), decodeBase64);
    case 'len':
      return lengthReader(argReader(first, resolve));
    case 'concat':
      return joinReader(() => '', operand.args, resolve);
    case 'join':
      return joinReader(argReader(first, resolve), second === undefined ? [] : [second], resolve);
    default:
      return getoptReader(operand, resolve);
  }
}

/**
 * Base64 with or without padding as a byte string; `undefined` when the text is not base64.
 */
export function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bare = text.replace(/=+$/, '');
  if (bare.length % 4 === 1) return undefined;
  if (bare.length !== text.length && text.length % 4 !== 0) return undefined;
  return Buffer.from(bare, 'base64').toString('latin1');
}

/**
 * Scans arguments as getopt does: option letters, each followed by its value if it takes one, up to
 * the first argument that is no option or to `--`. An unknown letter gives `?`, a missing value the
 * empty text alone; arguments that begin with two dashes are passed over.
 *
 * @returns the last value by letter (its own letter for an option without value), and all in order
 */
export function scanOptions(
  args: readonly string[],
  options: string,
): { values: Map<string, string>; all: string[] } {
  const takes = optionLetters(options);
  const values = new Map<string, string>();
  const all: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--' || arg.length < 2 || !arg.startsWith('-')) break;
    if (arg.startsWith('--')) continue;
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at);
      const kind = takes.get(letter);
      if (kind === undefined) all.push('?');
      if (kind === 'alone') {
        values.set(letter, letter);
        all.push(letter);
      }
      if (kind === undefined || kind === 'alone') continue;
      const attached = arg.slice(at + 1);
      const value = attached !== '' || kind === 'may' ? attached : args[++index];
      values.set(letter, value ?? '');
      if (value === undefined) all.push('');
      else all.push(letter, value);
      break;
    }
  }
  return { values, all };
}

const missing: Reader = () => undefined;

function argReader(arg: TransformerArg | undefined, resolve: Resolve): Reader {
  if (arg === undefined) return missing;
  switch (arg.kind) {
    case 'text':
    case 'number': {
      const text = toBytes(arg.value);
      return () => text;
    }
    case 'list': {
      const items = arg.items.map((item) => textReader(item, resolve));
      return (event) => allOf(items, event);
    }
    case 'field':
    case 'transformer':
      return operandReader(arg, resolve);
  }
}

// The value as the text that join and a list show.
function textReader(arg: TransformerArg, resolve: Resolve): (event: Event) => string | undefined {
  const read = argReader(arg, resolve);
  const isAddress = arg.kind === 'field' && isAddressField(arg);
  return (event) => {
    const value = read(event);
    if (value === undefined || isList(value)) return undefined;
    if (typeof value !== 'string') return String(value);
    return isAddress ? addressText(value) : value;
  };
}

function textOrListReader(arg: TransformerArg, resolve: Resolve): Reader {
  const read = argReader(arg, resolve);
  const text = textReader(arg, resolve);
  return (event) => {
    const value = read(event);
    return isList(value) ? value : text(event);
  };
}

function isAddressField(field: FieldRef): boolean {
  const typed = operandType(field);
  return 'type' in typed && typeKind(typed.type) === 'address';
}

function allOf(
  items: readonly ((event: Event) => string | undefined)[],
  event: Event,
): string[] | undefined {
  const texts: string[] = [];
  for (const item of items) {
    const text = item(event);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

function ofText(read: Reader, change: (text: string) => string | undefined): Reader {
  return (event) => {
    const value = read(event);
    if (typeof value === 'string') return change(value);
    if (!isList(value)) return undefined;
    return value.flatMap((item) => (typeof item === 'string' ? (change(item) ?? []) : []));
  };
}

function lengthReader(read: Reader): Reader {
  return (event) => {
    const value = read(event);
    return typeof value === 'string' || isList(value) ? value.length : undefined;
  };
}

function joinReader(separator: Reader, args: readonly TransformerArg[], resolve: Resolve): Reader {
  const parts = args.map((arg) =>
    arg.kind === 'list' ? argReader(arg, resolve) : textOrListReader(arg, resolve),
  );
  return (event): Value => {
    const between = separator(event);
    if (typeof between !== 'string') return undefined;
    const texts: string[] = [];
    for (const part of parts) {
      const value = part(event);
      if (value === undefined) return undefined;
      if (isList(value)) for (const item of value) texts.push(String(item));
      else texts.push(String(value));
    }
    return texts.join(between);
  };
}

function getoptReader(call: TransformerCall, resolve: Resolve): Reader {
  const [list, options] = call.args;
  const readList = argReader(list, resolve);
  const readOptions = argReader(options, resolve);
  const letter = call.argument;
  return (event): Value => {
    const args = readList(event);
    const known = readOptions(event);
    if (!isList(args) || typeof known !== 'string') return undefined;
    const found = scanOptions(args.map(String), known);
    return letter === undefined ? found.all : found.values.get(letter);
  };
}

function optionLetters(options: string): Map<string, 'alone' | 'must' | 'may'> {
  const takes = new Map<string, 'alone' | 'must' | 'may'>();
  const text = options.replace(/^[+\-:]+/, '');
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === ':') continue;
    const colons = /^:{0,2}/.exec(text.slice(at + 1))?.[0].length ?? 0;
    takes.set(letter, colons === 0 ? 'alone' : colons === 1 ? 'must' : 'may');
  }
  return takes;
}
