// The sensor's priority, also where the kernel shares processors between sessions before it looks at nice.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPILED } from './harness.js';

const AUTOGROUP = '/proc/self/autogroup';
const RAISE = `
  const { raisePriority } = await import(${JSON.stringify(join(COMPILED, 'bpf/priority.js'))});
  const { readFileSync } = await import('node:fs');
  const refused = raisePriority(-15);
  const stat = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  const group = readFileSync('${AUTOGROUP}', 'latin1');
  console.log(JSON.stringify({ refused, nice: Number(stat[16]), group: Number(group.split(' ')[2]) }));
`;

/** The nice value of our own session, as it is shown; kernels that do not share by session show nothing. */
function sessionNice(): number | null {
  const nice = Number(readFileSync(AUTOGROUP, 'latin1').split(' ')[2]);
  return Number.isNaN(nice) ? null : nice;
}

/** What a process of its own says after it has raised its priority. */
async function raised(leadsSession: boolean): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', RAISE], {
    detached: leadsSession, // setsid(2)
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return JSON.parse(said);
}

test.skipIf(!existsSync(AUTOGROUP))(
  'a process that leads its session raises it as a whole',
  async () => {
    expect(await raised(true)).toEqual({ nice: -15, group: -20 });
  },
);

test.skipIf(!existsSync(AUTOGROUP))(
  'one that does not leaves the session of others as it is',
  async () => {
    const before = sessionNice();
    expect(await raised(false)).toEqual({ nice: -15, group: before });
  },
);
