// Connections, datagrams and addresses that rules deny, by real processes.

import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verdict_operation } from '../../src/abi/layout.js';
import { Denier } from './deny-harness.js';
import { holdings, nativeNumber, warmHoldings } from './harness.js';
import { Python } from './python.js';

const CONNECTS = 'evt.type = connect and fd.type in (ipv4, ipv6)';
let denier: Denier;
let python: Python;
let before: ReturnType<typeof holdings>;
let server: Server;
let receiver: Socket;
let port = 0;

/** The line that connects to an address. */
function connect(address: string, to = port, family = 'AF_INET'): string {
  return `socket.socket(socket.${family}).connect(('${address}', ${to}))`;
}

const DENIED = '1'; // EPERM

describe('the network', () => {
  beforeAll(async () => {
    before = warmHoldings();
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => server.listen({ port: 0, host: '::' }, done));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    receiver = createSocket('udp4');
    await new Promise<void>((done) => receiver.bind(port, '127.77.0.1', done));
    denier = new Denier();
    python = new Python();
  });

  beforeEach(() => {
    denier.tellings();
  });

  afterAll(async () => {
    await python.close();
    denier.close();
    server.close();
    receiver.close();
    expect(holdings()).toEqual(before);
  });

  test('an address that a rule names cannot be connected to, another can', async () => {
    denier.use(`${CONNECTS} and fd.sip = 127.77.0.1`);
    const { said, pid } = await python.run(connect('127.77.0.1'), connect('127.77.0.2'));
    expect(said).toEqual([DENIED, 'done']);
    expect(denier.tell()).toEqual([
      expect.objectContaining({
        pid,
        ret: -1n,
        type: nativeNumber('connect'),
        operation: verdict_operation.VERDICT_CONNECT,
        denied: 1n,
        address: '127.77.0.1',
        port,
      }),
    ]);
    expect(denier.count()).toMatchObject({ denied: 1n, audited: 0n });
  });

  test('in audit the connection is made, and it is told', async () => {
    denier.use({ condition: `${CONNECTS} and fd.sip = 127.77.0.1`, mode: 'audit' });
    expect((await python.run(connect('127.77.0.1'))).said).toEqual(['done']);
    expect(denier.tell()).toEqual([expect.objectContaining({ ret: 0n, audited: 1n, port })]);
  });

  test('IPv4 in IPv6 is IPv4, and IPv6 is itself', async () => {
    denier.use(`${CONNECTS} and fd.snet = 127.77.0.0/30`, `${CONNECTS} and fd.sip = "::1"`);
    const addresses = ['::ffff:127.77.0.1', '::ffff:127.77.0.4', '::1'];
    expect(
      (await python.run(...addresses.map((one) => connect(one, port, 'AF_INET6')))).said,
    ).toEqual([DENIED, 'done', DENIED]);
    expect(denier.tell().map(({ denied, address }) => [denied, address])).toEqual([
      [1n, '127.77.0.1'],
      [2n, '::1'],
    ]);
  });

  test('the longest listed network decides, and a negation holds for all others', async () => {
    denier.use(
      `${CONNECTS} and fd.snet = 127.77.0.0/16 and not fd.snet in ("127.77.1.0/24", "127.77.2.7/32")`,
    );
    const addresses = ['127.77.0.1', '127.77.1.1', '127.77.2.7', '127.77.2.8'];
    expect((await python.run(...addresses.map((one) => connect(one)))).said).toEqual([
      DENIED,
      'done',
      'done',
      DENIED,
    ]);
  });

  test('ports and protocols are told apart', async () => {
    denier.use(`${CONNECTS} and fd.sport = ${port} and fd.l4proto = tcp`);
    const datagram = `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.77.0.1', ${port}))`;
    const lines = [connect('127.77.0.1'), datagram, connect('127.77.0.1', 1)];
    expect((await python.run(...lines)).said).toEqual([DENIED, 'done', '111']);
  });

  test('the name of the process counts', async () => {
    denier.use(`${CONNECTS} and proc.name = evil`);
    const renamed = `open('/proc/self/comm', 'w').write('evil'); ${connect('127.77.0.1')}`;
    expect((await python.run(connect('127.77.0.1'), renamed)).said).toEqual(['done', DENIED]);
  });

  test('TCP Fast Open is no way round', async () => {
    denier.use(`${CONNECTS} and fd.sport = ${port}`);
    const open = `socket.socket().sendto(b'x', socket.MSG_FASTOPEN, ('127.77.0.1', ${port}))`;
    expect((await python.run(open)).said).toEqual([DENIED]);
    expect(denier.tell()).toEqual([
      expect.objectContaining({ type: nativeNumber('connect'), address: '127.77.0.1', port }),
    ]);
  });

  test('Multipath TCP is no way round', async () => {
    denier.use(`${CONNECTS} and fd.sport = ${port} and fd.l4proto = tcp`);
    const open = 'socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)';
    const { said } = await python.run(open, `${open}.connect(('127.77.0.1', ${port}))`);
    const [made, connected] = said;
    // EPROTONOSUPPORT where it is switched off
    expect(connected).toBe(made === 'done' ? DENIED : '93');
  });

  test('datagrams are denied with and without a connection', async () => {
    denier.use(
      `evt.type in (connect, sendto, sendmsg) and fd.type in (ipv4, ipv6) and fd.sip = 127.77.0.1`,
    );
    const to = `('127.77.0.1', ${port})`;
    const datagram = 'socket.socket(socket.AF_INET, socket.SOCK_DGRAM)';
    const mapped = `socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::ffff:127.77.0.1', ${port}))`;
    const lines = [
      `${datagram}.sendto(b'x', ${to})`,
      `${datagram}.sendmsg([b'x'], [], 0, ${to})`,
      `${datagram}.connect(${to})`,
      `s = ${datagram}; s.bind(('127.77.0.9', 0)); s.sendto(b'x', ${to})`,
      mapped,
      `${datagram}.sendto(b'x', ('127.77.0.2', ${port}))`,
    ];
    expect((await python.run(...lines)).said).toEqual([
      DENIED,
      DENIED,
      DENIED,
      DENIED,
      DENIED,
      'done',
    ]);
    const operations = denier.tell().map(({ operation }) => operation);
    const { VERDICT_CONNECT, VERDICT_SEND } = verdict_operation;
    expect(operations).toEqual([
      VERDICT_SEND,
      VERDICT_SEND,
      VERDICT_CONNECT,
      VERDICT_SEND,
      VERDICT_SEND,
    ]);
  });

  test('an own address is denied by its port', async () => {
    denier.use(`evt.type = bind and fd.type in (ipv4, ipv6) and fd.sport = 4444`);
    const lines = [
      `socket.socket().bind(('127.77.0.1', 4444))`,
      `socket.socket(socket.AF_INET6).bind(('::', 4444))`,
      `socket.socket().bind(('127.77.0.1', 4445))`,
    ];
    expect((await python.run(...lines)).said).toEqual([DENIED, DENIED, 'done']);
    expect(denier.tell().map(({ address, port: own }) => [address, own])).toEqual([
      ['127.77.0.1', 4444],
      ['::', 4444],
    ]);
  });

  test('a port that the kernel is to choose is not known', async () => {
    const condition = `evt.type = bind and fd.type in (ipv4, ipv6) and fd.sport = 4444`;
    denier.use({ condition });
    const line = `socket.socket().bind(('127.77.0.1', 0))`;
    expect((await python.run(line)).said).toEqual(['done']);
    expect(denier.count()).toMatchObject({ denied: 0n, error_allowed: 1n });
    denier.use({ condition, denyOnError: true });
    expect((await python.run(line)).said).toEqual([DENIED]);
    expect(denier.count()).toMatchObject({ denied: 1n, error_denied: 1n });
  });

  test('sockets are denied by their family', async () => {
    denier.use('evt.type = socket and evt.arg.domain = AF_INET6 and proc.name = python3');
    const lines = ['socket.socket(socket.AF_INET6)', 'socket.socket(socket.AF_INET)'];
    expect((await python.run(...lines)).said).toEqual([DENIED, 'done']);
    expect(denier.tell()).toEqual([
      expect.objectContaining({ operation: verdict_operation.VERDICT_SOCKET, denied: 1n }),
    ]);
  });

  test('ten thousand denials are counted, and one more is denied', async () => {
    denier.use(`${CONNECTS} and fd.sport = ${port}`);
    const many = `
s = socket.socket()
for i in range(10000):
    try:
        s.connect(('127.77.0.1', ${port})); print('let pass')
    except PermissionError: pass`;
    expect((await python.run(many, connect('127.77.0.1'))).said).toEqual(['done', DENIED]);
    const { denied, untold, lost } = denier.count();
    expect(denied).toBe(10_001n);
    expect(BigInt(denier.tellings()) + untold + lost).toBe(10_001n);
  });
});
