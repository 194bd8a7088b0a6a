// Alerts of containers that nobody knew before: they have the name and the image of their own
// container, whenever the runtime answers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { type AlertLine, RunningAgent } from './agent.js';
import { until } from './container-metadata.js';
import { type Runtime, startDocker, TEST_IMAGE } from './runtimes.js';

// Programs of the image are links to busybox: argv[0] tells them apart.
const RULES = `
- rule: Program of the image
  desc: The condition needs what Docker knows.
  condition: evt.type = execve and proc.name = echo and container.image.repository = saker-test
  output: "%container.name %container.image.repository %container.image.tag %proc.args"
  priority: NOTICE
- rule: Program of another image
  desc: The same from the other side; true as well while nothing is known.
  condition: >
    evt.type = execve and proc.name = echo and container.id != host
    and not container.image.repository in (saker-test, second-test)
  output: "%container.name %proc.args"
  priority: NOTICE
- rule: Program with the power of root
  desc: Fields that only Docker can fill.
  condition: >
    evt.type = execve and proc.name = id and container.privileged = true
    and container.mount.dest[/var/tmp] = /host and k8s.ns.name = shop
  output: "%container.mounts %k8s.pod.name"
  priority: NOTICE
- rule: Program of any image
  desc: Only the output needs what Docker knows.
  condition: evt.type = execve and proc.name = echo and container.id != host
  output: "%proc.args %container.image.repository %proc.pname %proc.aname %user.name"
  priority: NOTICE
`;
const SECOND_IMAGE = 'second-test:2.0';

let docker: Runtime;
let folder: string;
let rules: string;
let agent: RunningAgent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-alerts-'));
  rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULES);
  docker = await startDocker();
  await docker.run('tag', TEST_IMAGE, SECOND_IMAGE);
  agent = await RunningAgent.start([rules], ...asking(docker.socket));
});

afterAll(async () => {
  await agent?.stop();
  await docker?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Options with which nobody but one Docker is asked. */
function asking(socket: string, wait_ms = 20_000): string[] {
  return [
    `container_engines.docker.sockets[]=${socket}`,
    'container_engines.podman.enabled=false',
    'container_engines.cri.enabled=false',
    'container_engines.containerd.enabled=false',
    `container_wait_ms=${wait_ms}`,
  ].flatMap((option) => ['-o', option]);
}

/** Starts a container that prints the text and ends. */
function say(text: string, ...options: string[]): Promise<string> {
  const [image = TEST_IMAGE] = options.splice(0, 1);
  return docker.run('run', '--rm', '--network=none', ...options, image, 'echo', text);
}

/** Alerts of programs that were given the text, once there are so many. */
async function told(text: string, count: number, by = agent): Promise<AlertLine[]> {
  const found = () => by.alerts.filter((alert) => alert.output.includes(text));
  await until(() => found().length >= count);
  await by.settle();
  return found();
}

/** A socket that takes every question and never answers; `taken` is called for each connection. */
function startSilent(path: string, taken = () => {}): Server {
  const server = createServer((connection) => {
    taken();
    connection.on('error', () => {}); // whoever gives up may do so in any way
  });
  return server.listen(path);
}

const FIRST = {
  'container.image.repository': 'saker-test',
  'container.image.tag': '1.0',
};

test('the first program of a fresh container is judged with its image', async () => {
  await say('fresh', TEST_IMAGE, '--name=first-of-all');
  const alerts = await told('fresh', 2);
  expect(alerts.map((alert) => alert.rule)).toEqual([
    'Program of the image',
    'Program of any image',
  ]);
  for (const alert of alerts)
    expect(alert.output_fields).toMatchObject({ ...FIRST, 'container.name': 'first-of-all' });
  expect(alerts[0]?.output).toContain('first-of-all saker-test 1.0 fresh');
});

test('every alert tells its container, without a word in the configuration', async () => {
  await say('suggested', TEST_IMAGE, '--name=named');
  const [alert] = await told('suggested', 2);
  expect(alert?.output).toMatch(
    / container_id=[0-9a-f]{12} container_name=named container_image_repository=saker-test container_image_tag=1\.0 k8s_pod_name=<NA> k8s_ns_name=<NA>$/,
  );
});

test('what a container may do and sees of the host can be asked for', async () => {
  const run = ['run', '--rm', '--network=none', '--name=mighty', '-v', '/var/tmp:/host'];
  run.push('--label=io.kubernetes.pod.namespace=shop', '--label=io.kubernetes.pod.name=web-0');
  await docker.run(...run, TEST_IMAGE, 'id');
  await docker.run(...run, '--privileged', TEST_IMAGE, 'id');
  const [alert, ...more] = await told('/var/tmp:/host:', 1);
  expect(more).toEqual([]);
  expect(alert?.output_fields).toMatchObject({
    'container.name': 'mighty',
    'k8s.pod.name': 'web-0',
    'k8s.ns.name': 'shop',
  });
});

test('containers that start at once are never taken for each other', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `at-once-${i}`);
  await Promise.all(
    names.map((name, i) => say(name, i % 2 ? SECOND_IMAGE : TEST_IMAGE, `--name=${name}`)),
  );
  const alerts = await told('at-once-', 12);
  for (const [i, name] of names.entries()) {
    const own = alerts.filter((alert) => alert.output_fields['proc.args'] === name);
    const image = i % 2 ? 'second-test' : 'saker-test';
    expect(new Set(own.map((alert) => alert.output_fields['container.name']))).toEqual(
      new Set([name]),
    );
    expect(
      own.map(({ rule, output_fields: fields }) => [rule, fields['container.image.repository']]),
    ).toEqual([
      ...(i % 2 ? [] : [['Program of the image', image]]),
      ['Program of any image', image],
    ]);
  }
});

test('a container that is gone right after its act still has its name', async () => {
  const id = await docker.run(
    ...['create', '--network=none', '--name=short-lived', TEST_IMAGE, 'echo', 'gone'],
  );
  await docker.run('start', '-a', id);
  await docker.run('rm', '-f', id);
  const alerts = await told('gone', 2);
  expect(alerts.map((alert) => alert.output_fields['container.name'])).toEqual([
    'short-lived',
    'short-lived',
  ]);
});

test('alerts of one container come in the order of what happened', async () => {
  // With its path, or the shell would take the echo of its own.
  const script = Array.from({ length: 20 }, (_, i) => `/bin/echo order-${i}-`).join('; ');
  await docker.run('run', '--rm', '--network=none', SECOND_IMAGE, 'sh', '-c', script);
  const alerts = await told('order-', 20);
  expect(alerts.map((alert) => alert.output_fields['proc.args'])).toEqual(
    Array.from({ length: 20 }, (_, i) => `order-${i}-`),
  );
});

test('an agent that is started after the container knows it', async () => {
  const id = await docker.run(
    ...['run', '-d', '--network=none', '--name=was-there', TEST_IMAGE, 'sleep', '1000'],
  );
  const second = await RunningAgent.start([rules], ...asking(docker.socket));
  await docker.run('exec', id, 'echo', 'known-before');
  const alerts = await told('known-before', 2, second);
  expect(alerts[0]?.output_fields).toMatchObject({ ...FIRST, 'container.name': 'was-there' });
  await second.stop();
  await docker.run('rm', '-f', id);
});

test('an event that waits keeps its process, its ancestors and its user', async () => {
  const slow = join(folder, 'slow.sock');
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const proxy = createServer(async (client) => {
    client.on('error', () => {});
    await opened;
    const server = createConnection(docker.socket).on('error', () => {});
    client.pipe(server).pipe(client);
  }).listen(slow);
  const second = await RunningAgent.start([rules], ...asking(slow));
  const id = await docker.run(
    ...['run', '-d', '--network=none', '--name=slowly', TEST_IMAGE],
    ...['sh', '-c', '/bin/echo kept; exec sleep 1000'],
  );
  await second.taken();
  expect(second.alerts.filter((alert) => alert.output.includes('kept'))).toEqual([]);
  expect(await docker.run('top', id, '-o', 'pid,comm')).toContain('sleep');
  open();
  const [, alert] = await told('kept', 2, second);
  expect(alert?.output_fields).toMatchObject({
    ...FIRST,
    'container.name': 'slowly',
    'proc.args': 'kept',
    'proc.pname': 'sh',
    'user.name': 'root',
  });
  expect(alert?.output_fields['proc.aname']).toMatch(/^sh /);
  await second.stop();
  proxy.close();
  await docker.run('rm', '-f', id);
});

test('while the runtime does not answer, alerts come after a bounded wait, without metadata', async () => {
  const silent = join(folder, 'silent.sock');
  const listener = startSilent(silent);
  const second = await RunningAgent.start([rules], ...asking(silent, 1500));
  await say('unanswered', TEST_IMAGE);
  const alerts = await told('unanswered', 2, second);
  expect(alerts.map((alert) => alert.rule)).toEqual([
    'Program of another image',
    'Program of any image',
  ]);
  expect(alerts[0]?.output_fields).toMatchObject({
    'container.name': null,
    'container.image.repository': null,
  });
  expect(alerts[0]?.output_fields['container.id']).toMatch(/^[0-9a-f]{12}$/);
  const stats = await askStats(second.socket);
  expect(stats.containers).toMatchObject({ waiting: 0, crowded_out: 0 });
  expect(stats.containers.late).toBeGreaterThan(0);
  await second.stop();
  listener.close();
});

test('a host without the runtime has its alerts at once', async () => {
  const second = await RunningAgent.start([rules], ...asking(join(folder, 'nobody.sock'), 60_000));
  await say('nobody-asked', TEST_IMAGE);
  const alerts = await told('nobody-asked', 2, second);
  expect(alerts.map((alert) => alert.output_fields['container.name'])).toEqual([null, null]);
  expect((await askStats(second.socket)).containers.late).toBe(0);
  await second.stop();
});

test('an agent that is stopped tells what still waited', async () => {
  const silent = join(folder, 'silent-too.sock');
  const listener = startSilent(silent);
  const second = await RunningAgent.start([rules], ...asking(silent, 60_000));
  await say('at-the-end', TEST_IMAGE);
  await second.taken();
  expect(second.alerts.filter((alert) => alert.output.includes('at-the-end'))).toEqual([]);
  expect((await askStats(second.socket)).containers.waiting).toBeGreaterThan(0);
  await second.stop();
  expect(second.alerts.filter((alert) => alert.output.includes('at-the-end'))).toHaveLength(2);
  listener.close();
});

test('rules that read nothing of containers leave the runtimes alone', async () => {
  const plain = join(folder, 'plain.yaml');
  writeFileSync(
    plain,
    '- {rule: p, desc: d, condition: evt.type = execve and proc.name = nothing, output: o, priority: INFO}\n',
  );
  const asked: number[] = [];
  const silent = join(folder, 'unasked.sock');
  const listener = startSilent(silent, () => asked.push(1));
  const second = await RunningAgent.start(
    [plain],
    ...asking(silent),
    ...['-o', 'append_output=[]'],
  );
  await say('silently', TEST_IMAGE);
  await second.settle();
  expect(asked).toEqual([]);
  await second.stop();
  listener.close();
});
