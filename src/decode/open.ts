// Flags and mode that an open asked for, wherever the call keeps them.

import { object_flag } from '../abi/layout.js';
import { typeNumber } from '../rules/events.js';
import type { CallCursor } from './call.js';
import type { Event } from './event.js';

/** What the caller of an open asked for, in the kernel's numbers. */
export interface OpenArguments {
  flags: number;
  mode: number;
  /** The call made the file. */
  created: boolean;
}

/**
 * Flags and mode of the open family and creat; `undefined` for other events. openat2 has them in
 * a struct of the caller: the kernel side puts flags into `extra` and mode into `extra2`.
 */
export function openArguments(event: Event): OpenArguments | undefined {
  const call = event.call;
  if (call === undefined || !askedFor(event.type, call)) return undefined;
  // Whether the file that the caller wrote was there before is not known: it may have been made.
  found.created =
    call.claim === undefined
      ? (call.object_flags & object_flag.OBJECT_CREATED) !== 0
      : (found.flags & O_CREAT) !== 0;
  return found;
}

function askedFor(type: number, call: CallCursor): boolean {
  switch (type) {
    case OPEN:
      found.flags = call.argInt(1);
      found.mode = call.argU32(2);
      return true;
    case OPENAT:
      found.flags = call.argInt(2);
      found.mode = call.argU32(3);
      return true;
    case OPENAT2:
      found.flags = call.extraLow;
      found.mode = call.extra2Low;
      return true;
    case OPEN_BY_HANDLE_AT:
      found.flags = call.argInt(2);
      found.mode = 0;
      return true;
    case CREAT:
      found.flags = O_CREAT_FLAGS;
      found.mode = call.argU32(1);
      return true;
    default:
      return false;
  }
}

// Reused: the caller reads it before the next event.
const found: OpenArguments = { flags: 0, mode: 0, created: false };
const OPEN = typeNumber('open');
const OPENAT = typeNumber('openat');
const OPENAT2 = typeNumber('openat2');
const OPEN_BY_HANDLE_AT = typeNumber('open_by_handle_at');
const CREAT = typeNumber('creat');
const O_CREAT = 0o100;
const O_CREAT_FLAGS = 0o1101; // O_CREAT | O_WRONLY | O_TRUNC
