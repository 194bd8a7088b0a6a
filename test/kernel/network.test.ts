// Records of calls on sockets: who is client and who is server, addresses, the first bytes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { object_flag, object_kind, span_flag } from '../../src/abi/layout.js';
import { act, attach, type Done, type Sensor } from './harness.js';
import { type PlainRecord, textOf } from './harness-record.js';
import { objectOf, partOf, spanFlags } from './record-parts.js';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;
const ECONNREFUSED = -111n;
const { OBJECT_ACCEPTED, OBJECT_BOUND, OBJECT_CONNECTED } = object_flag;

let sensor: Sensor;
let folder: string;

beforeAll(() => {
  sensor = attach({
    syscalls: [
      ...['socket', 'socketpair', 'connect', 'bind', 'listen', 'accept4', 'dup'],
      ...['sendto', 'sendmsg', 'recvfrom'],
    ],
  });
});
afterAll(() => sensor.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-network-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function roleOf(record: PlainRecord): number {
  return Number(objectOf(record).flags) & (OBJECT_ACCEPTED | OBJECT_BOUND | OBJECT_CONNECTED);
}

/** The oldest record of this call on that descriptor. */
function callOn(done: Done, type: string, fd: unknown): PlainRecord {
  for (const passed: PlainRecord[] = []; ; ) {
    const record = sensor.next('call', done.pid, type);
    if (objectOf(record).fd === fd) {
      sensor.records.push(...passed);
      return record;
    }
    passed.push(record);
  }
}

test.each([
  ['4', AF_INET, '7f000001'.padEnd(32, '0')],
  ['6', AF_INET6, '1'.padStart(32, '0')],
])(
  'both ends of a TCP connection over IPv%s know their role, in later calls too',
  async (version, family, loopback) => {
    const done = await act('kernel/tcp', version);
    const ends = { local_address: loopback, remote_address: loopback, family };

    const connect = callOn(done, 'connect', done.client_fd);
    expect(partOf(connect, 'call').ret).toBe(0n);
    expect(partOf(connect, 'address')).toMatchObject({
      family,
      port: done.listener_port,
      address: loopback,
    });
    expect(objectOf(connect)).toMatchObject({
      ...ends,
      kind: object_kind.OBJECT_SOCKET,
      socket_state: TCP_ESTABLISHED,
      socket_type: 1,
      protocol: 6,
      local_port: done.client_port,
      remote_port: done.listener_port,
    });
    const accept = callOn(done, 'accept4', done.server_fd);
    expect(partOf(accept, 'call').ret).toBe(BigInt(done.server_fd ?? -1));
    expect(objectOf(accept)).toMatchObject({
      ...ends,
      local_port: done.listener_port,
      remote_port: done.client_port,
    });

    const later = (key: string): PlainRecord => callOn(done, 'dup', done[`${key}_fd`]);
    expect(objectOf(later('listener')).socket_state).toBe(TCP_LISTEN);
    expect([connect, accept].map(roleOf)).toEqual([
      OBJECT_CONNECTED,
      OBJECT_CONNECTED | OBJECT_ACCEPTED,
    ]);
    expect(roleOf(later('client'))).toBe(OBJECT_CONNECTED);
    expect(roleOf(later('server'))).toBe(OBJECT_CONNECTED | OBJECT_ACCEPTED);
    expect(roleOf(later('bound'))).toBe(OBJECT_CONNECTED | OBJECT_BOUND);
    expect(roleOf(later('listened'))).toBe(OBJECT_CONNECTED | OBJECT_BOUND);

    expect(textOf(callOn(done, 'sendto', done.client_fd), 'data')).toBe('how do you do');
    expect(textOf(callOn(done, 'recvfrom', done.server_fd), 'data')).toBe('how do you do');
  },
);

test('a connection that is refused has the address that was asked for, and no peer', async () => {
  const done = await act('kernel/tcp', '4');
  for (;;) {
    const record = sensor.next('call', done.pid, 'connect');
    if (partOf(record, 'call').ret !== ECONNREFUSED) continue;
    expect(partOf(record, 'address').port).toBe(done.silent_port);
    expect(roleOf(record)).toBe(0);
    return;
  }
});

test('datagrams have the address they go to or come from, and their first bytes', async () => {
  const done = await act('kernel/datagram', folder);
  const sendto = sensor.next('call', done.pid, 'sendto');
  expect(partOf(sendto, 'address')).toMatchObject({ family: AF_INET, port: done.receiver_port });
  expect(textOf(sendto, 'data')).toBe('first');
  const recvfrom = sensor.next('call', done.pid, 'recvfrom');
  expect(partOf(recvfrom, 'address')).toMatchObject({ family: AF_INET, port: done.sender_port });
  expect(roleOf(recvfrom)).toBe(OBJECT_BOUND);
  expect(textOf(recvfrom, 'data')).toBe('first');
  const sendmsg = sensor.next('call', done.pid, 'sendmsg');
  expect(partOf(sendmsg, 'address')).toMatchObject({ family: AF_INET, port: done.receiver_port });
  expect(textOf(sendmsg, 'data')).toBe(`abcde${'x'.repeat(75)}`);
  expect(spanFlags(sendmsg, 'data') & span_flag.SPAN_CUT).not.toBe(0);
});

test('unix sockets have the path of the name they are bound to, or their peer is', async () => {
  const done = await act('kernel/datagram', folder);
  const named = [join(folder, 'socket'), '@saker abstract'];
  const claims = ['./socket', '@saker abstract'];
  const unix = (type: string): PlainRecord => {
    for (;;) {
      const record = sensor.next('call', done.pid, type);
      if (objectOf(record).family === AF_UNIX) return record;
    }
  };
  for (const [place, path] of named.entries()) {
    const bind = unix('bind');
    expect([textOf(bind, 'path'), textOf(bind, 'claimed')]).toEqual([path, claims[place]]);
    const connect = unix('connect');
    expect([textOf(connect, 'path'), textOf(connect, 'claimed')]).toEqual([path, claims[place]]);
    const accept = unix('accept4');
    expect(textOf(accept, 'path')).toBe(path);
    expect([bind, connect, accept].map(roleOf)).toEqual([
      OBJECT_BOUND,
      OBJECT_CONNECTED,
      OBJECT_CONNECTED | OBJECT_ACCEPTED,
    ]);
    expect(objectOf(accept).sock).toBe(objectOf(connect).peer_sock);
    expect(objectOf(accept).peer_sock).toBe(objectOf(connect).sock);
  }
});

test('socketpair has both descriptors', async () => {
  const done = await act('kernel/datagram', folder);
  const record = sensor.next('call', done.pid, 'socketpair');
  expect(objectOf(record)).toMatchObject({ fd: done.pair0, family: AF_UNIX });
  expect(partOf(record, 'call').extra).toBe(
    BigInt(done.pair0 ?? 0) | (BigInt(done.pair1 ?? 0) << 32n),
  );
});
