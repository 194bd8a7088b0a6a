// Rules about whom a signal or tracing is aimed at, in a real agent: what their alerts say of him.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasLsm } from '../kernel/deny-harness.js';
import { nativeNumber } from '../kernel/harness.js';
import { Python } from '../kernel/python.js';
import { RunningAgent } from './agent.js';

let folder = '';
let agent: RunningAgent;
let interpreter: Python;
/** Was there before the agent. */
let early: ChildProcess;
const children: ChildProcess[] = [];
const at = (name: string): string => join(folder, name);
const long = (value: number | undefined): string => `ctypes.c_long(${value})`;
const AIMED = `evt.type in (kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, ptrace,
  process_vm_readv, process_vm_writev, pidfd_send_signal)`;

function rule(name: string, condition: string, action = 'notify'): object {
  const output = '%evt.type to %target.pid %target.name %target.exepath';
  return { rule: name, desc: 'd', condition, output, priority: 'WARNING', action };
}

async function started(program: string): Promise<ChildProcess> {
  const child = spawn(program, ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  children.push(child);
  return child;
}

/** Does something, and gives what alerts of that rule say of it. */
async function told(name: string, ...lines: string[]): Promise<{ said: string[]; told: string[] }> {
  const from = agent.alerts.length;
  const { said } = await interpreter.run(...lines);
  await agent.settle();
  const alerts = agent.alerts.slice(from).filter((alert) => alert.rule === name);
  const told = alerts.map(
    ({ output_fields: of }) =>
      `${of['evt.type']} to ${of['target.pid']} ${of['target.name']} ${of['target.exepath']}`,
  );
  return { said, told };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-target-'));
  for (const name of ['victim', 'kept']) copyFileSync('/bin/sleep', at(name));
  early = await started(at('victim'));
  interpreter = new Python();
  const rules = [
    rule('Program', `${AIMED} and target.exepath = ${at('victim')}`),
    rule('First', 'evt.type = kill and target.pid = 1 and proc.name = python3'),
    rule('Killed', `evt.type = kill and target.name = victim and evt.arg.sig = SIGSYS`, 'kill'),
  ];
  if (hasLsm)
    rules.push(rule('Kept', `evt.type = kill and target.exepath = ${at('kept')}`, 'deny'));
  writeFileSync(at('rules.yaml'), JSON.stringify(rules));
  writeFileSync(at('saker.yaml'), JSON.stringify({ enforcement: { mode: 'on' } }));
  agent = await RunningAgent.start([at('rules.yaml')], '-c', at('saker.yaml'));
}, 120_000);

afterAll(async () => {
  await interpreter?.close();
  await agent?.stop(); // until then one of the children cannot be killed
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('alerts name the process, its name and its program, for every call that has its number', async () => {
  const { pid } = early;
  const late = await started(at('victim'));
  const info = `ctypes.create_string_buffer(b'\\0' * 8 + b'\\xff' * 4, 128)`;
  const iov = '(ctypes.c_size_t * 2)(ctypes.addressof(b), 1)';
  const copy = `b = ctypes.create_string_buffer(1)\ncall(${nativeNumber('process_vm_readv')}, ${pid}, ${iov}, ${long(1)}, ${iov}, ${long(1)}, ${long(0)})`;
  const found = await told(
    'Program',
    `os.kill(${pid}, 0)`,
    `os.kill(${late.pid}, 0)`,
    `call(${nativeNumber('tkill')}, ${pid}, 0)`,
    `call(${nativeNumber('tgkill')}, ${pid}, ${pid}, 0)`,
    `call(${nativeNumber('rt_sigqueueinfo')}, ${pid}, 0, ${info})`,
    copy,
    `call(${nativeNumber('ptrace')}, ${long(0x4206)}, ${long(pid)}, 0, 0)`,
    // Not said: groups, descriptors, numbers of others.
    `os.kill(-os.getpgid(${pid}), 0)`,
    `signal.pidfd_send_signal(os.pidfd_open(${pid}), 0)`,
    'os.kill(os.getpid(), 0)',
  );
  const of = (type: string, number = pid): string => `${type} to ${number} victim ${at('victim')}`;
  expect(found.told).toEqual([
    ...[of('kill'), of('kill', late.pid), of('tkill'), of('tgkill'), of('rt_sigqueueinfo')],
    ...[of('process_vm_readv'), of('ptrace')],
  ]);
  expect(found.said.filter((one) => one === 'done')).toHaveLength(9); // its memory has no such address
});

test('who is killed by it is named all the same', async () => {
  const late = await started(at('victim'));
  const gone = once(late, 'exit');
  const { told: alerts } = await told('Program', `os.kill(${late.pid}, signal.SIGKILL)`);
  await gone;
  expect(alerts).toEqual([`kill to ${late.pid} victim ${at('victim')}`]);
});

test('numbers of another pid namespace are nobody on the host', async () => {
  const inside = `
libc.unshare(0x20000000)
child = os.fork()
if child: os.waitpid(child, 0)
else: os.kill(1, 0)`;
  expect((await told('First', 'os.kill(1, 0)')).told).toHaveLength(1);
  const { said, told: alerts } = await told('First', inside);
  expect(said).toContain('done');
  expect(alerts).toEqual([]);
});

test('a rule that kills is decided in user space', async () => {
  const { said, told: alerts } = await told(
    'Killed',
    `other = os.fork()
if not other: os.kill(${early.pid}, signal.SIGSYS) or signal.pause()
raise OSError(os.waitpid(other, 0)[1], 'ended by')`,
  );
  expect(said).toEqual(['9']);
  expect(alerts).toEqual([`kill to ${early.pid} victim ${at('victim')}`]);
});

test.skipIf(!hasLsm)('of a signal that was denied the alert names the target', async () => {
  const kept = await started(at('kept'));
  const found = await told(
    'Kept',
    `os.kill(${kept.pid}, signal.SIGTERM)`,
    `signal.pidfd_send_signal(os.pidfd_open(${kept.pid}), signal.SIGTERM)`,
  );
  const to = `to ${kept.pid} kept ${at('kept')}`;
  expect(found).toEqual({ said: ['1', '1'], told: [`kill ${to}`, `pidfd_send_signal ${to}`] });
});
