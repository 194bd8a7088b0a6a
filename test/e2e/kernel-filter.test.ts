// The kernel filter takes nothing away: the same acts, seen by an agent with it and by one without, give
// the same alerts, with our rules and with Falco's, on the host and in containers.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTS, type Act } from '../acts/acts.js';
import { HOSTS, OFFICIAL_ACTS, type PlaceName } from '../acts/official.js';
import { perform } from '../acts/perform.js';
import { ROOT, SHIPPED_RULES } from './agent.js';
import { Docker, IMAGE, TAG } from './docker.js';
import { FilterPair } from './filter-pair.js';

/** They are Falco's, and so not part of this repository. */
const FALCO = join(ROOT, '..', 'shared', 'falco-rules');
const RUNC = join(import.meta.dirname, 'official-rules-runc.py');
const LONG = 240_000;
const USERS = `root:x:0:0::/root:/bin/sh
daemon:x:1:1::/:/bin/false
nobody:x:65534:65534::/:/bin/false
`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function agree(pair: FilterPair, containers: readonly string[] = []): number {
  const { filtered, whole } = pair.alerts(process.pid, containers);
  expect(filtered.map(({ rule }) => rule)).toEqual(whole.map(({ rule }) => rule));
  expect(filtered).toEqual(whole);
  return whole.length;
}

async function expectFiltering(pair: FilterPair): Promise<void> {
  const { plan, seen, filtered, lost } = await pair.counts();
  expect(plan).toBeGreaterThan(0);
  expect(lost).toBe(0);
  expect(filtered).toBeGreaterThan(seen / 2);
}

describe('our rules', () => {
  let pair: FilterPair;
  beforeAll(async () => {
    pair = await FilterPair.start([SHIPPED_RULES]);
  }, LONG);
  afterAll(async () => {
    await pair?.stop();
  });

  test('give the same alerts on all acts', { timeout: LONG }, async () => {
    for (const { fires, nearly } of Object.values(ACTS)) {
      await perform(fires);
      await perform(nearly);
    }
    await pair.settle();
    expect(agree(pair)).toBeGreaterThanOrEqual(Object.keys(ACTS).length);
    await expectFiltering(pair);
  });
});

const isThere = existsSync(FALCO);
if (!isThere) process.stderr.write(`Falco's rules were not run: ${FALCO} is not there.\n`);

describe.skipIf(!isThere)("Falco's rules", () => {
  let scratch: string;
  let docker: Docker;
  let pair: FilterPair;
  const containers = new Map<PlaceName, string>();

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'saker-filter-'));
    docker = await Docker.start('--add-runtime', `saker=${RUNC}`, '--default-runtime', 'saker');
    writeFileSync(join(scratch, 'hosts'), HOSTS);
    writeFileSync(join(scratch, 'resolv.conf'), 'nameserver 127.0.0.1\n'); // answers at once: no
    writeFileSync(join(scratch, 'passwd'), USERS);
    writeFileSync(join(scratch, 'secret'), 'An artifact worth taking.\n');
    // The agents alone see names of our own: they have a mount namespace with other files for them.
    const script = `
      mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf &&
      exec "$@"`;
    pair = await FilterPair.start(
      [FALCO],
      ['-o', 'rules[].enable.rule=*'],
      ['unshare', '--mount', 'sh', '-c', script, scratch],
      ['proc.name', 'proc.exepath', 'user.name', 'container.image.repository'],
    );
    containers.set('container', startContainer('--security-opt', 'seccomp=unconfined'));
    containers.set('privileged', startContainer('--privileged'));
    await pair.begin();
  }, LONG);

  afterAll(async () => {
    await pair?.stop();
    await docker?.close();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }, LONG);

  // Python and the programs of the host are mounted, so that they are not part of the upper layer.
  function startContainer(...options: string[]): string {
    const mounts = ['/usr', '/lib', '/lib64'].map((path) => `${path}:${path}:ro`);
    mounts.push(`${join(ROOT, 'test', 'acts')}:/acts:ro`);
    mounts.push(`${join(scratch, 'passwd')}:/etc/passwd:ro`);
    mounts.push(`${join(scratch, 'secret')}:/secret:ro`);
    const args = ['run', '-d', '--network', 'none', ...options];
    for (const mount of mounts) args.push('-v', mount);
    for (const path of ['/tmp', '/dev/shm']) args.push('--tmpfs', `${path}:exec,dev`);
    return docker.run(...args, `${IMAGE}:${TAG}`, 'sleep', '1000');
  }

  async function performAt(place: PlaceName, act: Act): Promise<void> {
    const id = containers.get(place);
    if (id === undefined) {
      await perform(act);
      return;
    }
    const python = ['/usr/bin/python3', '-B', `/acts/${act.program}`, ...act.args];
    const args = ['exec', '-e', `PATH=${PATH}`, '-e', 'LANG=C.UTF-8', id, ...python];
    await promisify(execFile)('docker', args, { timeout: 20_000 });
  }

  test.each<PlaceName>(['host', 'container', 'privileged'])(
    'give the same alerts on all acts: %s',
    { timeout: LONG },
    async (place) => {
      const acts = Object.values(OFFICIAL_ACTS).filter((row) => row[place] !== undefined);
      for (const { act } of acts) await performAt(place, act);
      await pair.settle();
      const fired = acts.filter((row) => (row[place] ?? []).length > 0).length;
      expect(agree(pair, [...containers.values()])).toBeGreaterThanOrEqual(fired);
      await expectFiltering(pair);
    },
  );
});
