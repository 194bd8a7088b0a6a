// Which rules about sockets the kernel decides alone, and by what.

import { expect, test } from 'vitest';
import { verdict_operation } from '../../../src/abi/layout.js';
import { ExactRules } from '../../../src/plan/exact.js';
import { lsmRules } from '../../../src/plan/verdict-programs.js';
import { planVerdicts } from '../../../src/plan/verdicts.js';
import { parseCondition } from '../../../src/rules/parser.js';

const INTERNET = 'fd.type in (ipv4, ipv6)';

function partsOf(condition: string): string[][] {
  const found = new ExactRules().clauses(parseCondition(condition));
  if ('message' in found) throw new Error(found.message);
  return found.map(({ parts }) => [...parts.keys()]);
}

function refusal(condition: string): string {
  const found = new ExactRules().clauses(parseCondition(condition));
  return 'message' in found ? found.message : '';
}

function planOf(condition: string) {
  const rule = { rule: 0, mode: 'on' as const, denyOnError: false };
  const { plan, refused } = planVerdicts([{ ...rule, condition: parseCondition(condition) }]);
  expect([...refused.values()]).toEqual([]);
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

test.each([
  ['evt.type = connect and fd.sip = 10.0.0.1', ['server']],
  ['evt.type = connect and fd.rip = 10.0.0.1 and fd.rport != 53', ['remote', 'remote_port']],
  [`evt.type = connect and ${INTERNET} and fd.l4proto = udp`, ['socket']],
  ['evt.type = bind and fd.port = 4444 and proc.name = nc', ['comm', 'server_port']],
  ['evt.type = connect and fd.snet in (10.0.0.0/8, "2001:db8::/32")', ['server']],
  ['evt.type = sendto and fd.sport = 53', ['server_port']],
  ['evt.type = listen and fd.sport != 22 and fd.type = ipv4', ['server_port', 'socket']],
  ['evt.type = socket and evt.arg.domain in (AF_PACKET, AF_NETLINK)', ['number']],
  ['evt.type in (kill, tkill, tgkill) and evt.arg.sig = SIGKILL', ['number']],
  ['evt.type = bpf and evt.rawarg.cmd != 5', ['number']],
  ['evt.type = umount2 and fs.path.name startswith /srv', ['path']],
])('%s is decided', (condition, parts) => {
  expect(partsOf(condition)).toEqual([parts]);
});

test.each([
  ['evt.type = connect and fd.lip = 10.0.0.1', /only the other end is known: fd.sip/],
  ['evt.type = connect and fd.port = 53', /only the other end is known/],
  ['evt.type = bind and fd.rport = 53', /only the own end is known: fd.sip/],
  ['evt.type = connect and fd.sport > 1024', /single values/],
  ['evt.type = connect and fd.name contains evil', /does not hold it/],
  ['evt.type = kill and evt.arg[2] = SIGKILL', /of a named argument/],
  ['evt.type = kill and evt.arg.sig contains KILL', /of a named argument/],
  ['evt.type = ptrace and evt.rawarg.pid = 1', /rawarg.pid = 1' cannot be decided/],
  ['evt.type = delete_module and proc.name = rmmod', /cannot be denied/],
])('%s is not decided', (condition, message) => {
  expect(refusal(condition)).toMatch(message);
});

test('the longest network decides: each has its own set', () => {
  const { net } = planOf(
    'evt.type = connect and fd.snet = 10.0.0.0/8 and not fd.snet in (10.1.0.0/16, 10.1.2.3/32)',
  );
  const sets = net.server.networks.map(({ network, bits }) => [network.bits, bits]);
  expect(sets).toEqual([
    [8, 1n],
    [16, 0n],
    [32, 0n],
  ]);
  expect(net.server).toMatchObject({ other_v4: 0n, other_v6: 0n, no_address: 0n });
});

test('what is not said of a socket without addresses is true of it', () => {
  const { net } = planOf('evt.type = connect and not fd.sip = 10.0.0.1');
  expect(net.server).toMatchObject({ other_v4: 1n, other_v6: 1n, no_address: 1n });
});

test('one clause is about connecting and sending', () => {
  const condition = `evt.type in (connect, sendto) and fd.sip = 10.0.0.1`;
  expect([...planOf(condition).operations.keys()]).toEqual([
    verdict_operation.VERDICT_CONNECT,
    verdict_operation.VERDICT_SEND,
  ]);
  expect(partsOf(condition)).toHaveLength(1);
});

test.each([
  ['evt.type = connect and fd.sip = 10.0.0.1', false],
  [`evt.type = connect and ${INTERNET} and proc.name = nc`, false],
  ['evt.type in (connect, sendto) and fd.sport = 53', false],
  ['evt.type = bind and fd.sport = 53', false],
  ['evt.type = connect and proc.name = nc', true],
  ['evt.type = connect and not fd.sip = 10.0.0.1', true],
  ['evt.type = connect and fd.type = unix', true],
  ['evt.type = sendto and fd.sip = 10.0.0.1', true],
  ['evt.type in (open, connect) and proc.name = nc', true],
])('%s needs LSM hooks: %s', (condition, needs) => {
  expect([...lsmRules(planOf(condition))]).toEqual(needs ? [0] : []);
});
