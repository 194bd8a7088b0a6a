// A host with a shell, on which scenarios are played.

import type { Event } from '../../../src/decode/event.js';
import type { ScenarioThread } from '../../../src/decode/scenario-thread.js';
import { fieldReader } from '../../../src/enrich/fields.js';
import { ScenarioHost } from '../../../src/enrich/scenario.js';

export const INIT: ScenarioThread = {
  tid: 1,
  comm: 'init',
  exe: '/sbin/init',
  exepath: '/sbin/init',
};
export const SHELL: ScenarioThread = {
  tid: 20,
  ptid: 1,
  comm: 'bash',
  exe: '-bash',
  exepath: '/usr/bin/bash',
  args: ['-l'],
  cwd: '/home/u',
  uid: 1000,
  gid: 1000,
  sid: 20,
  pgid: 20,
  vpgid: 20,
  fds: [
    { fd: 7, type: 'dir', name: '/etc/app' },
    { fd: 8, type: 'file', name: '/tmp/log' },
    { fd: 9, type: 'pipe', name: '' },
  ],
};

/** A host on which the shell runs, as process 20, under init. */
export function host(): ScenarioHost {
  return new ScenarioHost({
    threads: [SHELL, INIT],
    users: new Map([[1000, { name: 'u', home: '/home/u', shell: '/bin/bash' }]]),
  });
}

/** Plays calls of the shell, or of the thread named first, and gives the last event. */
export function play(
  on: ScenarioHost,
  ...calls: [type: string, params: object, tid?: number][]
): Event {
  let last: Event | undefined;
  for (const [type, params, tid = 20] of calls) {
    last = on.play({ type, tid, params: { ...params } });
  }
  if (last === undefined) throw new Error('nothing was played');
  return last;
}

/** A field of an event, as rules see it. */
export function read(event: Event, field: string, argument?: string): unknown {
  return fieldReader(field, argument)?.(event);
}
