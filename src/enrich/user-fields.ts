// Readers of user.* and group.*.

import {
  type Account,
  type Event,
  NOT_AVAILABLE,
  oncePerEvent,
  type Reader,
} from '../decode/event.js';

/** Readers by field name. Without an entry 0 is root and any other number the text `<NA>`. */
export const USER_READERS: Readonly<Record<string, Reader>> = {
  'user.uid': (event) => event.task.uid,
  'user.name': oncePerEvent((event) => nameOf(event, event.task.uid)),
  'user.homedir': (event) =>
    account(event)?.home ?? (event.task.uid === 0 ? '/root' : NOT_AVAILABLE),
  'user.shell': (event) => account(event)?.shell ?? NOT_AVAILABLE,
  'user.loginuid': (event) => loginUid(event),
  'user.loginname': oncePerEvent((event) => nameOf(event, event.task.loginuid)),
  'group.gid': (event) => event.task.gid,
  'group.name': oncePerEvent((event) => {
    const gid = event.task.gid;
    const found = event.surroundings.group(gid, event.process);
    return found ?? (gid === 0 ? 'root' : NOT_AVAILABLE);
  }),
};

function account(event: Event): Account | undefined {
  return event.surroundings.user(event.task.uid, event.process);
}

function nameOf(event: Event, uid: number): string {
  const found = event.surroundings.user(uid, event.process);
  return found?.name ?? (uid === 0 ? 'root' : NOT_AVAILABLE);
}

// The kernel's unset value is -1 to rules.
function loginUid(event: Event): number {
  const loginuid = event.task.loginuid;
  return loginuid === 0xffff_ffff ? -1 : loginuid;
}
