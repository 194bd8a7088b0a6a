// Fields of sockets: both ends, roles, names.
import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { NOWHERE } from '../../../src/decode/event.js';
import { callEvent, ip4, read } from './record.js';

const SOCKET = object_kind.OBJECT_SOCKET;
const TCP = {
  fd: 4,
  kind: SOCKET,
  family: 2,
  socket_type: 1,
  protocol: 6,
  local_address: ip4('10.1.2.3'),
  local_port: 40000,
  remote_address: ip4('93.184.216.34'),
  remote_port: 443,
};

test.each([0, -115])('a connect that returns %i has both ends', (ret) => {
  const event = callEvent('connect', {
    call: { ret, args: [4n] },
    object: { ...TCP, flags: object_flag.OBJECT_CONNECTED },
    address: { family: 2, port: 443, address: ip4('93.184.216.34') },
  });
  event.surroundings = {
    ...NOWHERE,
    isLocalAddress: (address) => address === String.fromCharCode(10, 1, 2, 3),
  };
  expect(read(event, 'fd.name')).toBe('10.1.2.3:40000->93.184.216.34:443');
  expect(read(event, 'fd.cip')).toBe('\x0a\x01\x02\x03');
  expect(read(event, 'fd.sip')).toBe('\x5d\xb8\xd8\x22');
  expect(read(event, 'fd.snet')).toBe('\x5d\xb8\xd8\x22');
  expect(read(event, 'fd.lip')).toBe('\x0a\x01\x02\x03');
  expect(read(event, 'fd.rport')).toBe(443);
  expect(read(event, 'fd.lport')).toBe(40000);
  expect(read(event, 'fd.port')).toEqual([40000, 443]);
  expect(read(event, 'fd.ip')).toHaveLength(2);
  expect(read(event, 'fd.type')).toBe('ipv4');
  expect(read(event, 'fd.l4proto')).toBe('tcp');
  expect(read(event, 'fd.sockfamily')).toBe('ip');
  expect(read(event, 'fd.connected')).toBe(true);
  expect(read(event, 'fd.name_changed')).toBe(true);
  expect(read(event, 'fd.is_server')).toBe(false);
  expect(read(event, 'evt.arg.tuple')).toBe('10.1.2.3:40000->93.184.216.34:443');
  expect(read(event, 'evt.arg.addr')).toBe('93.184.216.34:443');
  expect(read(event, 'evt.arg.fd')).toBe('<4t>10.1.2.3:40000->93.184.216.34:443');
});

test('a refused connect sets nothing, its name is what was tried', () => {
  const event = callEvent('connect', {
    call: { ret: -111, args: [4n] },
    object: { ...TCP, remote_port: 0, remote_address: ip4('0.0.0.0') },
    address: { family: 2, port: 443, address: ip4('93.184.216.34') },
  });
  expect(read(event, 'fd.sip')).toBeUndefined();
  expect(read(event, 'fd.rport')).toBeUndefined();
  expect(read(event, 'fd.connected')).toBe(false);
  expect(read(event, 'fd.name_changed')).toBe(false);
  expect(read(event, 'fd.l4proto')).toBe('<NA>');
  expect(read(event, 'fd.port')).toEqual([0, 0]);
  expect(read(event, 'fd.ip')).toEqual(['\0\0\0\0', '\0\0\0\0']);
  expect(read(event, 'fd.num')).toBe(4);
  expect(read(event, 'evt.res')).toBe('ECONNREFUSED');
  expect(read(event, 'evt.arg.fd')).toBe('<4>');
  expect(read(event, 'evt.arg.tuple')).toBe('10.1.2.3:40000->93.184.216.34:443');
  expect(read(event, 'fd.name')).toBe('10.1.2.3:40000->93.184.216.34:443');
});

test('a refused connect of a socket without a port of its own has no name', () => {
  const event = callEvent('connect', {
    call: { ret: -111, args: [4n] },
    object: { ...TCP, local_port: 0, remote_port: 0 },
    address: { family: 2, port: 443, address: ip4('93.184.216.34') },
  });
  expect(read(event, 'fd.name')).toBe('');
  expect(read(event, 'fd.nameraw')).toBe('');
  expect(read(event, 'evt.arg.tuple')).toBe('NULL');
});

test('an accepted socket has the server on this side', () => {
  const event = callEvent('accept4', {
    call: { ret: 9, args: [3n] },
    object: {
      ...TCP,
      fd: 9,
      flags: object_flag.OBJECT_ACCEPTED | object_flag.OBJECT_CONNECTED,
      local_port: 22,
      remote_port: 51000,
    },
  });
  expect(read(event, 'fd.name')).toBe('93.184.216.34:51000->10.1.2.3:22');
  expect(read(event, 'fd.sport')).toBe(22);
  expect(read(event, 'fd.cport')).toBe(51000);
  expect(read(event, 'fd.is_server')).toBe(true);
  expect(read(event, 'fd.num')).toBe(9);
});

test('a bound socket has a server side only', () => {
  const event = callEvent('listen', {
    call: { ret: 0, args: [4n, 5n] },
    object: {
      ...TCP,
      flags: object_flag.OBJECT_BOUND,
      local_address: ip4('0.0.0.0'),
      local_port: 8080,
    },
  });
  expect(read(event, 'fd.name')).toBe('0.0.0.0:8080');
  expect(read(event, 'fd.sport')).toBe(8080);
  expect(read(event, 'fd.cip')).toBeUndefined();
  expect(read(event, 'fd.lport')).toBeUndefined();
  expect(read(event, 'fd.connected')).toBe(false);
});

test('datagrams: the client sends first, unless its owner bound the socket', () => {
  const parts = {
    call: { ret: 5, args: [4n] },
    object: { ...TCP, socket_type: 2, protocol: 17, remote_port: 0 },
    address: { family: 2, port: 53, address: ip4('8.8.8.8') },
  };
  const sent = callEvent('sendto', parts);
  expect(read(sent, 'fd.sport')).toBe(53);
  expect(read(sent, 'fd.connected')).toBe(true);
  expect(read(sent, 'fd.l4proto')).toBe('udp');
  const bound = callEvent('recvfrom', {
    ...parts,
    object: { ...parts.object, flags: object_flag.OBJECT_BOUND },
  });
  bound.peer_changed = true;
  expect(read(bound, 'fd.sport')).toBe(40000);
  expect(read(bound, 'fd.cport')).toBe(53);
  expect(read(bound, 'fd.connected')).toBe(false);
  expect(read(bound, 'fd.name_changed')).toBe(true);
});

test('IPv4-mapped sockets are IPv4', () => {
  const mapped = (text: string) => `${'\0'.repeat(10)}\xff\xff${ip4(text).slice(0, 4)}`;
  const event = callEvent('connect', {
    call: { ret: 0, args: [4n] },
    object: {
      ...TCP,
      family: 10,
      local_address: mapped('10.1.2.3'),
      remote_address: mapped('1.2.3.4'),
    },
  });
  expect(read(event, 'fd.type')).toBe('ipv4');
  expect(read(event, 'fd.sip')).toBe('\x01\x02\x03\x04');
  expect(read(event, 'fd.name')).toBe('10.1.2.3:40000->1.2.3.4:443');
});

test('a unix socket shows both socks and the path', () => {
  const event = callEvent('connect', {
    call: { ret: 0, args: [4n] },
    object: { fd: 4, kind: SOCKET, family: 1, sock: 0xabcn, peer_sock: 0xdefn },
    texts: { claimed: '/run/docker.sock' },
  });
  expect(read(event, 'fd.name')).toBe('abc->def /run/docker.sock');
  expect(read(event, 'fd.sockfamily')).toBe('unix');
  expect(read(event, 'fd.sip')).toBeUndefined();
  expect(read(event, 'fd.port')).toBeUndefined();
});

test('a packet socket is of no known type', () => {
  const event = callEvent('socket', {
    call: { ret: 4, args: [17n, 3n, 768n] },
    object: { fd: 4, kind: SOCKET, family: 17, socket_type: 3 },
  });
  expect(read(event, 'evt.arg.domain')).toBe('AF_PACKET');
  expect(read(event, 'fd.type')).toBe('<NA>');
  expect(read(event, 'fd.typechar')).toBe('o');
  expect(read(event, 'fd.name')).toBe('');
});

test('a raw socket is raw whatever its protocol is', () => {
  const ends = { local_address: ip4('10.1.2.3'), remote_address: ip4('10.1.2.4') };
  const event = callEvent('connect', {
    call: { ret: 0n, args: [4n, 0n, 0n, 0n, 0n, 0n] },
    object: {
      kind: object_kind.OBJECT_SOCKET,
      family: 2,
      socket_type: 3,
      protocol: 6,
      fd: 4,
      ...ends,
    },
  });
  expect(read(event, 'fd.l4proto')).toBe('raw');
});
