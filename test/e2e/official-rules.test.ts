// Falco's rule files, unmodified: each rule fires on an act that it is about, and nothing else does;
// a rule about containers stays silent when the same is done on the host, and the other way round.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { Act } from '../acts/acts.js';
import {
  HOSTS,
  OFFICIAL_ACTS,
  OFFICIAL_LEFT_OUT,
  OFFICIAL_STARTS,
  type OfficialAct,
  type PlaceName,
} from '../acts/official.js';
import { type Done, perform } from '../acts/perform.js';
import { type AlertLine, ROOT, RunningAgent } from './agent.js';
import { Docker, IMAGE, TAG } from './docker.js';

/** They are Falco's, and so not part of this repository. */
const RULES = join(ROOT, '..', 'shared', 'falco-rules');
const RUNC = join(import.meta.dirname, 'official-rules-runc.py');
const PLACES: readonly PlaceName[] = ['host', 'container', 'privileged'];
const USERS = `root:x:0:0::/root:/bin/sh
daemon:x:1:1::/:/bin/false
nobody:x:65534:65534::/:/bin/false
`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What tells whose alert it is; the outputs of the rules do not say. */
const WHOSE = ['proc.pid', 'proc.vpid', 'proc.apid[1]', 'proc.apid[2]', 'container.id'];
const WHO = ['proc.name', 'proc.exepath', 'proc.pname', 'user.name', 'container.image.repository'];

const LATE = { timeout: 10_000, interval: 100 };

let scratch: string;
let docker: Docker;
let agent: RunningAgent;
const containers = new Map<PlaceName, string>();

async function start(): Promise<void> {
  scratch = mkdtempSync(join(tmpdir(), 'saker-official-'));
  docker = await Docker.start('--add-runtime', `saker=${RUNC}`, '--default-runtime', 'saker');
  writeFileSync(join(scratch, 'hosts'), HOSTS);
  writeFileSync(join(scratch, 'resolv.conf'), 'nameserver 127.0.0.1\n'); // answers at once: no
  // The agent alone sees names of our own: it has a mount namespace with other files for them.
  const script = `
    mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf &&
    exec "$@"`;
  const fields = JSON.stringify([...WHOSE, ...WHO]);
  agent = await RunningAgent.startUnder(
    ['unshare', '--mount', 'sh', '-c', script, scratch],
    [RULES],
    '-o',
    'rules[].enable.rule=*',
    '-o',
    `append_output[].extra_fields=${fields}`,
  );
  writeFileSync(join(scratch, 'passwd'), USERS);
  writeFileSync(join(scratch, 'secret'), 'An artifact worth taking.\n');
  containers.set('container', startContainer('--security-opt', 'seccomp=unconfined'));
  containers.set('privileged', startContainer('--privileged'));
  await agent.settle();
}

// Python and the programs of the host are mounted, so that they are not part of the upper layer.
function startContainer(...options: string[]): string {
  const mounts = ['/usr', '/lib', '/lib64'].map((path) => `${path}:${path}:ro`);
  mounts.push(`${join(ROOT, 'test', 'acts')}:/acts:ro`);
  mounts.push(`${join(scratch, 'passwd')}:/etc/passwd:ro`, `${join(scratch, 'secret')}:/secret:ro`);
  const args = ['run', '-d', '--network', 'none', ...options];
  for (const mount of mounts) args.push('-v', mount);
  for (const path of ['/tmp', '/dev/shm']) args.push('--tmpfs', `${path}:exec,dev`);
  return docker.run(...args, `${IMAGE}:${TAG}`, 'sleep', '1000');
}

async function performInside(id: string, act: Act): Promise<Done> {
  const python = ['/usr/bin/python3', '-B', `/acts/${act.program}`, ...act.args];
  const args = ['exec', '-e', `PATH=${PATH}`, '-e', 'LANG=C.UTF-8', id, ...python];
  const { stdout } = await promisify(execFile)('docker', args, { timeout: 20_000 });
  const done: Done = JSON.parse(stdout);
  return done;
}

/** Does an act; the alerts are those of the acting process and of what it starts. */
async function alertsOf(place: PlaceName, act: Act): Promise<{ done: Done; alerts: AlertLine[] }> {
  const before = agent.alerts.length;
  const id = containers.get(place);
  const done = id === undefined ? await perform(act) : await performInside(id, act);
  await agent.settle();
  const alerts = agent.alerts.slice(before).filter(({ output_fields: fields }) => {
    // In a container nobody else is, besides the process that prepares the act.
    if (id !== undefined)
      return fields['container.id'] === id.slice(0, 12) && fields['proc.vpid'] !== done.ppid;
    return [fields['proc.pid'], fields['proc.apid[1]'], fields['proc.apid[2]']].includes(done.pid);
  });
  return { done, alerts };
}

function rulesOf(alerts: readonly AlertLine[]): string[] {
  return alerts.map((alert) => alert.rule).sort();
}

async function check(rule: string, place: PlaceName, row: OfficialAct): Promise<void> {
  const { done, alerts } = await alertsOf(place, row.act);
  expect(rulesOf(alerts)).toEqual([...(row[place] ?? [])].sort());
  const fields = alerts.find((alert) => alert.rule === rule)?.output_fields;
  if (fields === undefined) return;
  expect(fields).toMatchObject({
    'proc.name': done.comm,
    'proc.exepath': done.exe,
    'proc.pname': done.parent,
    'user.name': done.user,
    'container.image.repository': place === 'host' ? '' : IMAGE,
  });
  for (const [field, key] of Object.entries(row.shows ?? {}))
    expect(fields[field], field).toBe(done[key]);
}

const isThere = existsSync(RULES);
if (!isThere) process.stderr.write(`Falco's rules were not run: ${RULES} is not there.\n`);

describe.skipIf(!isThere)("Falco's rules", () => {
  beforeAll(start);

  afterAll(async () => {
    await agent?.stop();
    await docker?.close();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  });

  test('each rule has an act, or a reason why there is none', () => {
    const names = readdirSync(RULES)
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => {
        const items: { rule?: string }[] = parse(readFileSync(join(RULES, file), 'utf8'));
        return items.flatMap((item) => item.rule ?? []);
      });
    const tables = [OFFICIAL_ACTS, OFFICIAL_STARTS, OFFICIAL_LEFT_OUT];
    expect(tables.flatMap((table) => Object.keys(table)).sort()).toEqual(names.sort());
  });

  describe.each(Object.entries(OFFICIAL_ACTS))('%s', (rule, row) => {
    test('is told by one place at least', () => {
      expect(PLACES.some((place) => row[place]?.includes(rule))).toBe(true);
    });

    test.each(PLACES.filter((place) => row[place] !== undefined))('%s', async (place) => {
      await check(rule, place, row);
    });
  });

  describe.each(Object.entries(OFFICIAL_STARTS))('%s', (rule, row) => {
    test('fires when Docker starts the program', async () => {
      const before = agent.alerts.length;
      const id = startByDocker(row);
      const alerts = () =>
        agent.alerts
          .slice(before)
          .filter(({ output_fields: fields }) => fields['container.id'] === id.slice(0, 12))
          // runc prepares the container from inside: what it does there is not the act.
          .filter(({ output_fields: fields }) => !`${fields['proc.name']}`.startsWith('runc:'));
      const expected = [...row.fires].sort();
      await agent.settle();
      // What Docker knows of a container that begins may come later than the alerts that need it.
      await vi.waitFor(() => expect(rulesOf(alerts())).toEqual(expected), LATE);
      await agent.settle();
      expect(rulesOf(alerts())).toEqual(expected);
      const fields = alerts().find((alert) => alert.rule === rule)?.output_fields;
      expect(fields?.['proc.name']).toBe(row.argv[0]);
    });

    test('stays silent on the host', async () => {
      await check(rule, 'host', row.onHost);
    });
  });
});

function startByDocker(row: (typeof OFFICIAL_STARTS)[string]): string {
  if (row.run !== undefined) {
    const args = ['run', '-d', '--network', 'none', ...row.run, `${IMAGE}:${TAG}`, ...row.argv];
    const id = docker.run(...args);
    docker.run('wait', id);
    return id;
  }
  const id = containers.get('container') ?? '';
  docker.run('exec', ...(row.exec ?? []), id, ...row.argv);
  return id;
}
