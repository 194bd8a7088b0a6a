// A whole agent that protects itself: who reaches for it is told of in an alert, and refused by kernels
// that can. It is started from a shell in its cgroup, which may end it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { probeFeatures } from '../../src/bpf/features.js';
import { cgroup2Mount } from '../../src/bpf/host.js';
import { type AlertLine, RunningAgent } from './agent.js';

const TAMPERED = 'Saker: tampering attempted';
const cgroup = join(cgroup2Mount() ?? '', 'saker-protected');
const LAUNCH = `
echo 0 >"$1/cgroup.procs"
fifo=$2
shift 2
"$@" &
echo $! >"$fifo.pid"
read -r _ <"$fifo"
kill -TERM $!
wait $!
`;

let canDeny = false;
let folder = '';
let agent: RunningAgent;
let pid = 0;

beforeAll(async () => {
  canDeny = probeFeatures().features.get('lsm')?.available === true;
  folder = mkdtempSync(join(tmpdir(), 'saker-protect-'));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('rules.yaml'), '[]');
  writeFileSync(at('saker.yaml'), 'enforcement: {protect_agent: true}');
  execFileSync('mkfifo', [at('end')]);
  mkdirSync(cgroup, { recursive: true });
  const launch = ['/bin/bash', '-c', LAUNCH, 'launch', cgroup, at('end')];
  agent = await RunningAgent.startUnder(launch, [at('rules.yaml')], '-c', at('saker.yaml'));
  pid = Number(readFileSync(at('end.pid'), 'utf8'));
}, 240_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmdirSync(cgroup);
});

/** Sends a signal as somebody else, and says whether that was possible. */
function signal(name: string): boolean {
  return spawnSync('/bin/sh', ['-c', `kill -${name} ${pid}`]).status === 0;
}

async function attempts(): Promise<AlertLine[]> {
  await agent.settle();
  return agent.alerts.filter(({ rule }) => rule === TAMPERED);
}

test('a signal to the agent raises an alert that names the sender', async () => {
  expect(signal('USR1')).toBe(!canDeny);
  const [alert] = await attempts();
  expect(alert).toMatchObject({
    priority: 'Critical',
    source: 'internal',
    output_fields: { what: 'signal 10', name: 'sh', uid: 0, times: 1 },
  });
  expect(alert?.output_fields.denied).toBe(canDeny ? 'yes' : 'no');
});

test('to ask whether the agent is there is no attempt', async () => {
  const before = await attempts();
  expect(signal('0')).toBe(true);
  expect(await attempts()).toHaveLength(before.length);
});

test('kill -9 is refused where the kernel can refuse, and the agent goes on', async () => {
  if (!canDeny) return;
  expect(signal('KILL')).toBe(false);
  await agent.settle();
});

const MEMORY = 'memory or descriptors of the agent';
const REACHES = {
  ptrace: 'libc.ptrace(0x4206, pid, 0, 0)', // PTRACE_SEIZE does not stop it
  process_vm_readv: 'libc.syscall(310, pid, vector, 1, vector, 1, 0)',
  mem: "open(f'/proc/{pid}/mem', 'rb')",
};
const REACH = `
import ctypes, struct, sys
libc, pid = ctypes.CDLL(None, use_errno=True), int(sys.argv[1])
text = ctypes.create_string_buffer(8)
vector = struct.pack('QQ', ctypes.addressof(text), 8)
`;

test('who reaches for its memory is told of, by all ways in', async () => {
  const [first, ...others] = Object.values(REACHES);
  reach(first ?? '');
  const told = (await attempts()).filter(({ output_fields: { what } }) => what === MEMORY);
  expect(told).toMatchObject([{ output_fields: { name: 'reacher', uid: 0 } }]);
  for (const way of others) reach(way);
  // The others of a kind are told as a number, later.
  await vi.waitFor(
    async () => {
      const all = (await attempts()).filter(({ output_fields: { what } }) => what === MEMORY);
      const times = all.map(({ output_fields }) => Number(output_fields.times));
      expect(times.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(3);
    },
    { timeout: 30_000, interval: 500 },
  );
});

test('who reaches for others, or asks what the agent is, is not told of', async () => {
  const before = (await attempts()).length;
  reach(
    "libc.ptrace(0x4206, 1 << 22, 0, 0); open('/proc/self/mem', 'rb'); open(f'/proc/{pid}/stat')",
  );
  expect(await attempts()).toHaveLength(before);
});

function reach(way: string): void {
  const script = join(folder, 'reacher');
  writeFileSync(script, `#!/usr/bin/python3\n${REACH}\n${way}\n`, { mode: 0o755 });
  spawnSync(script, [String(pid)]);
}

test('a shell of its own cgroup ends it', async () => {
  writeFileSync(join(folder, 'end'), '\n');
  const ending = agent.ended;
  expect(await ending).toMatchObject({ status: 0, signal: null });
  expect(existsProcess(pid)).toBe(false);
});

function existsProcess(one: number): boolean {
  return spawnSync('/bin/sh', ['-c', `kill -0 ${one}`]).status === 0;
}
