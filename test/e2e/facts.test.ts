// Rules about what has to be found out: the hash of a program, and lists of indicators that change.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { RunningAgent } from './agent.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-facts-'));
const hashes = join(folder, 'hashes.txt');
const paths = join(folder, 'paths.txt');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program of its own: a copy of another with something behind its end. */
function program(name: string, from: string, end = name): { path: string; sha256: string } {
  const path = join(folder, name);
  copyFileSync(from, path);
  appendFileSync(path, end);
  return { path, sha256: sha256(path) };
}

// A second source: what coreutils say.
function sha256(path: string): string {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
}

function rules(name: string, items: readonly object[]): string {
  const path = join(folder, name);
  const whole = items.map((item) => ({ desc: 'test', priority: 'WARNING', ...item }));
  writeFileSync(path, JSON.stringify(whole));
  return path;
}

const started = `evt.type = execve and proc.exepath startswith ${folder}/`;

/** Rules that fired for a field's value, each as often as it did. */
function rulesOf(agent: RunningAgent, value: string, field = 'proc.exepath'): string[] {
  return agent
    .of(field, value)
    .map(({ rule }) => rule)
    .sort();
}

/** Waits until exactly these rules have fired for a program; decisions take their time. */
async function told(agent: RunningAgent, path: string, ...wanted: string[]): Promise<void> {
  const all = wanted.sort();
  await vi.waitFor(() => expect(rulesOf(agent, path)).toEqual(all), {
    timeout: 20_000,
    interval: 50,
  });
}

test('a list of hashes names exactly the programs that have them, by whatever name', async () => {
  const listed = program('listed', '/bin/true');
  const other = program('other', '/bin/true', 'x');
  const renamed = join(folder, 'harmless');
  copyFileSync(listed.path, renamed);
  writeFileSync(hashes, `# known to be bad\n${listed.sha256.toUpperCase()}\n`);
  const agent = await RunningAgent.start([
    rules('hashes.json', [
      {
        rule: 'Listed program',
        condition: `${started} and file.sha256[exepath] in lookup(${hashes})`,
        output: '%proc.exepath %file.sha256[exepath]',
      },
      {
        rule: 'Program that is not listed',
        condition: {
          all: [
            { fact: 'evt.type', operator: '=', value: 'execve' },
            { fact: 'proc.exepath', operator: 'startswith', value: `${folder}/` },
            { not: { fact: 'file.sha256[exepath]', operator: 'lookup', value: hashes } },
          ],
        },
        output: '%proc.exepath',
      },
      {
        rule: 'One program',
        condition: `${started} and file.sha256[exepath] = ${listed.sha256}`,
        output: '%proc.exepath',
      },
    ]),
  ]);
  for (const path of [listed.path, other.path, renamed]) execFileSync(path);
  await told(agent, listed.path, 'Listed program', 'One program');
  await told(agent, renamed, 'Listed program', 'One program');
  await told(agent, other.path, 'Program that is not listed');
  const [alert] = agent.of('proc.exepath', renamed).filter(({ rule }) => rule === 'Listed program');
  expect(alert?.output_fields['file.sha256[exepath]']).toBe(listed.sha256);
  expect(alert?.output).toContain(`${renamed} ${listed.sha256}`);
  expect(alert?.saker).toMatchObject({ pid: expect.any(Number) });

  // The list changes while the agent runs.
  writeFileSync(hashes, `${other.sha256}\n`);
  for (const path of [listed.path, other.path]) execFileSync(path);
  const ofListed = ['Listed program', 'One program', 'One program', 'Program that is not listed'];
  const ofOther = ['Listed program', 'Program that is not listed'];
  await told(agent, other.path, ...ofOther);
  await told(agent, listed.path, ...ofListed);

  // A program that removes itself is hashed as long as it runs.
  const fleeting = program('fleeting', '/bin/bash');
  appendFileSync(hashes, `${fleeting.sha256}\n`);
  // The shell waits: without a command behind it, the shell would become the one that sleeps.
  spawnSync(fleeting.path, ['-c', `rm ${fleeting.path}; sleep 2; true`]);
  await told(agent, fleeting.path, 'Listed program');

  const ending = await agent.stop();
  expect(ending.status).toBe(0);
  expect(ending.stderr).toMatch(/Listed program/);
  // Nothing came late.
  expect(rulesOf(agent, listed.path)).toEqual(ofListed);
  expect(rulesOf(agent, other.path)).toEqual(ofOther);
});

test('values of an event are looked up in a list: paths, addresses, files that are read', async () => {
  const listed = program('by-path', '/bin/true');
  const other = program('by-no-path', '/bin/true');
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'content');
  writeFileSync(paths, `${listed.path}\n${join(folder, 'never')}\n`);
  writeFileSync(hashes, `${createHash('sha256').update('content').digest('hex')}\n`);
  const agent = await RunningAgent.start([
    rules('paths.json', [
      {
        rule: 'Listed path',
        condition: `${started} and proc.exepath in lookup(${paths})`,
        output: '%proc.exepath',
      },
      {
        rule: 'Any program',
        condition: started,
        output: '%proc.exepath %file.sha256[exepath]',
      },
      {
        rule: 'Listed content read',
        condition:
          `evt.type in (open, openat) and fd.name startswith ${folder}/ and ` +
          `file.sha256[fd.name] in lookup(${hashes})`,
        output: '%fd.name',
      },
    ]),
  ]);
  execFileSync(listed.path);
  readFileSync(secret);
  readFileSync(paths);
  execFileSync(other.path);
  await told(agent, listed.path, 'Any program', 'Listed path');
  await told(agent, other.path, 'Any program');
  await vi.waitFor(() => expect(agent.of('fd.name', secret).length).toBe(1), { timeout: 20_000 });
  expect((await agent.stop()).status).toBe(0);
  expect(agent.of('fd.name', paths)).toEqual([]);
  expect(rulesOf(agent, other.path)).toEqual(['Any program']);
});

test('where only the first rule counts, one that asks lets the next have its turn', async () => {
  const listed = program('first', '/bin/true');
  const other = program('second', '/bin/true');
  writeFileSync(hashes, `${listed.sha256}\n`);
  const agent = await RunningAgent.start(
    [
      rules('first.json', [
        {
          rule: 'Listed program',
          condition: `${started} and file.sha256[exepath] in lookup(${hashes})`,
          output: '%proc.exepath',
        },
        { rule: 'Any program', condition: started, output: '%proc.exepath' },
        { rule: 'Never reached', condition: started, output: '%proc.exepath' },
      ]),
    ],
    '-o',
    'rule_matching=first',
  );
  for (const path of [listed.path, other.path]) execFileSync(path);
  await told(agent, listed.path, 'Listed program');
  await told(agent, other.path, 'Any program');
  expect((await agent.stop()).status).toBe(0);
  expect(rulesOf(agent, listed.path)).toEqual(['Listed program']);
  expect(rulesOf(agent, other.path)).toEqual(['Any program']);
});
