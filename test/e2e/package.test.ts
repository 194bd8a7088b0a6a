// What `npm pack` makes runs on a host without compiler or build step, with the powers that the
// systemd unit leaves and no more; and the files of packaging/ say what they should.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config.js';
import { loadRules } from '../../src/rules/file.js';
import { ROOT } from './agent.js';
import { command } from './daemon.js';
import { Program } from './program.js';

let folder = '';
let main = '';
// No compiler, no clang, no bpftool: node, and nothing else.
const PATH = dirname(process.execPath);

/** No other process sleeps for just so long, and this one ends if nobody kills it. */
const SLEEP = '29.4637';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-package-'));
  // Scripts of packages are not run: what they would build is not needed.
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const name = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  const install = ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'];
  execFileSync('npm', [...install, join(folder, name)], { cwd: folder, stdio: 'ignore' });
  main = join(folder, 'node_modules', '.bin', 'saker');
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the package holds what it needs to run, and no source', () => {
  const inside = readdirSync(join(folder, 'node_modules', 'saker')).sort();
  const wanted = ['README.md', 'dist', 'docs', 'package.json', 'packaging', 'rules'];
  expect(inside.filter((name) => name !== 'CHANGELOG.md')).toEqual(wanted);
  expect(existsSync(join(folder, 'node_modules/saker/dist/saker.bpf.o'))).toBe(true);
  expect(existsSync(join(folder, 'node_modules/typescript'))).toBe(false);
});

test('it tells its version and checks rules without privilege', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await command(process.execPath, [main, '--version'], { PATH })).toBe(version);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  const out = await command('setpriv', [...nobody, process.execPath, main, 'validate']);
  expect(out).toContain('valid: ');
});

test('it watches with the powers that the systemd unit leaves', async () => {
  const unit = readFileSync(join(ROOT, 'packaging', 'saker.service'), 'utf8');
  const powers = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1] ?? '';
  const set = powers.split(' ').map((name) => `+${name.replace('CAP_', '').toLowerCase()}`);
  expect(set.length).toBeGreaterThan(3);
  const bounding = `--bounding-set=-all,${set.join(',')}`;
  const socket = join(folder, 'agent.sock');
  const secret = join(folder, 'secret-of-the-test');
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    JSON.stringify([
      {
        rule: 'Opened',
        desc: 'd',
        condition: `evt.type in (open, openat) and fd.name = ${secret}`,
        output: '%fd.name',
        priority: 'NOTICE',
      },
      {
        rule: 'Killed',
        desc: 'd',
        condition: `evt.type = execve and proc.name = sleep and proc.args = ${SLEEP}`,
        output: '%proc.args',
        priority: 'NOTICE',
        action: 'kill',
      },
    ]),
  );
  const agent = new Program(
    'setpriv',
    [
      bounding,
      '--no-new-privs',
      process.execPath,
      main,
      ...['run', '--json', '-r', rules, '--socket', socket, '-o', 'enforcement.mode=on'],
    ],
    { PATH: `${PATH}:/usr/bin` },
  );
  try {
    await agent.hear('watching');
    writeFileSync(secret, '');
    await agent.see('"rule":"Opened"');
    const stats = await command(process.execPath, [main, 'stats', '--json', '--socket', socket]);
    expect(JSON.parse(stats).alerts).toMatchObject({ Opened: 1 });
    // Of another user: for root's own it needs no power.
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const sleeper = spawn('setpriv', [...nobody, 'sleep', SLEEP], { stdio: 'ignore' });
    const [, signal] = await once(sleeper, 'exit');
    expect(signal).toBe('SIGKILL');
  } finally {
    expect(await agent.stop()).toBe(0);
  }
  expect(agent.stdout).toContain('"rule":"Saker: stopped"');
});

test('systemd takes the unit, and finds it well locked', async () => {
  const unit = readFileSync(join(ROOT, 'packaging', 'saker.service'), 'utf8');
  const there = join(folder, 'saker.service');
  writeFileSync(there, unit.replace('ExecStart=saker ', `ExecStart=${main} `));
  await command('systemd-analyze', ['verify', there]);
  const security = await command('systemd-analyze', ['security', '--offline=true', there]);
  const level = Number(/exposure level for saker.service: ([\d.]+)/.exec(security)?.[1]);
  expect(level).toBeLessThan(4);
});

test('the example configurations are ones', () => {
  const environment = { KAFKA_BROKER: 'localhost:9092' };
  for (const name of ['saker.yaml', 'compose-saker.yaml']) {
    const text = readFileSync(join(ROOT, 'packaging', name), 'utf8');
    expect(parseConfig(text, name, [], environment).status.enabled).toBe(true);
  }
});

interface Kubernetes {
  kind: string;
  data?: Record<string, string>;
  spec?: { template: { spec: PodSpec } };
}
interface PodSpec {
  containers: { args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
  volumes: { name: string }[];
}

test('the objects for Kubernetes hold a configuration and rules that load, where they are mounted', () => {
  const text = readFileSync(join(ROOT, 'packaging', 'kubernetes.yaml'), 'utf8');
  const objects = parseAllDocuments(text).map((one): Kubernetes => one.toJS());
  const data = objects.flatMap((one) => Object.entries(one.data ?? {}));
  const files = new Map(data);
  const config = parseConfig(files.get('saker.yaml') ?? '', 'saker.yaml', [], {});
  const set = loadRules([{ name: 'local.yaml', text: files.get('local.yaml') ?? '' }]);
  expect(set.errors).toEqual([]);
  const pod = objects.find(({ kind }) => kind === 'DaemonSet')?.spec?.template.spec;
  const [container] = pod?.containers ?? [];
  const paths = container?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
  expect(paths).toContain(config.rules_files?.[0]);
  expect(paths).toContain(dirname(container?.args.at(-1) ?? ''));
  const volumes = pod?.volumes.map(({ name }) => name) ?? [];
  for (const { name } of container?.volumeMounts ?? []) expect(volumes).toContain(name);
});

test('docker-compose.yml names the files that there are, and every service that others wait for', () => {
  const compose: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
    readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'),
  );
  const { services, volumes } = compose;
  expect(services.saker).toMatchObject({ privileged: true, pid: 'host' });
  for (const { volumes: mounts = [], depends_on = {} } of Object.values(services)) {
    for (const name of Object.keys(depends_on)) expect(services).toHaveProperty(name);
    for (const mount of mounts) {
      const [from = ''] = mount.split(':');
      if (from.startsWith('.')) expect(existsSync(join(ROOT, from)), from).toBe(true);
      else if (!from.startsWith('/')) expect(volumes).toHaveProperty(from);
    }
  }
});

interface Service {
  volumes?: string[];
  depends_on?: Record<string, unknown>;
}
