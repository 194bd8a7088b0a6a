// The agent attaches to what its rules need, and to nothing else.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MAIN } from './agent.js';

test('without a rule that needs a system call no hook is at system calls', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saker-hooks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const rule = (name: string, condition: string): string =>
    `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: "%proc.pid"\n  priority: INFO\n`;
  const exit = rule('Exit', 'evt.type = procexit and proc.name = nobody');
  const open = rule('Open', 'evt.type in (open, openat, openat2) and fd.name = /nobody');
  const hooksFor = async (text: string): Promise<number> => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, text);
    const args = ['run', '-r', file, '-o', `control_socket=${join(folder, 'socket')}`];
    const child = spawn(process.execPath, [MAIN, ...args]);
    let said = '';
    const hooks = new Promise<number>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /"hooks":(\d+)/.exec(said);
        if (found !== null) resolve(Number(found[1]));
      });
      child.once('exit', () => reject(new Error(said)));
    });
    const count = await hooks;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
    return count;
  };
  const alone = await hooksFor(exit);
  expect(await hooksFor(exit + open)).toBe(alone + 1);
});
