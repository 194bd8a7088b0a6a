// Real containers: who is in which, and what a busy but honest Docker does unseen.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningAgent, SHIPPED_RULES } from './agent.js';
import { Docker, IMAGE, TAG } from './docker.js';

let docker: Docker;
let agent: RunningAgent;

beforeAll(async () => {
  docker = await Docker.start();
  agent = await RunningAgent.start([SHIPPED_RULES]);
});

afterAll(async () => {
  await agent?.stop();
  await docker?.close();
});

/** Starts a container that waits, and returns its id. */
function start(...args: string[]): string {
  const wait = ['sleep', '1000'];
  return docker.run('run', '-d', '--network', 'none', ...args, `${IMAGE}:${TAG}`, ...wait);
}

test('an act in a container is told with the container, its name and its image', async () => {
  const id = start('--name', 'saker-test-named');
  docker.run('exec', id, 'sh', '-c', 'echo x > /etc/ld.so.preload');
  await agent.settle();
  const alerts = agent.of('container.id', id.slice(0, 12));
  expect(alerts.map((alert) => alert.rule)).toEqual(['Library preloaded into every program']);
  expect(alerts[0]?.output_fields).toMatchObject({
    'fd.name': '/etc/ld.so.preload',
    'proc.name': 'sh',
    'user.name': 'root',
  });
  docker.run('rm', '-f', id);
});

test('a program that was added to a running container is told, with the image', async () => {
  const id = start();
  docker.run('exec', id, 'sh', '-c', 'cp /bin/busybox /tmp/true && exec /tmp/true');
  await agent.settle();
  const alerts = agent.of('container.id', id.slice(0, 12));
  expect(alerts.map((alert) => alert.rule)).toEqual([
    'Program that the image does not have run in a container',
  ]);
  expect(alerts[0]?.output_fields).toMatchObject({
    'proc.exepath': '/tmp/true',
    'container.image.repository': IMAGE,
  });
  docker.run('rm', '-f', id);
});

test('containers that start, work and end raise no alert', { timeout: 180_000 }, async () => {
  const before = agent.alerts.length;
  for (let round = 0; round < 3; round++) {
    docker.run('run', '--rm', '--network', 'none', `${IMAGE}:${TAG}`, 'id');
  }
  const id = start();
  docker.run('exec', id, 'touch', '/tmp/file');
  docker.run('cp', `${id}:/tmp/file`, '-');
  docker.run('stop', '-t', '0', id);
  docker.run('rm', id);
  await agent.settle();
  // The host may be busy with something else; what counts is what Docker and its containers did.
  const raised = agent.alerts
    .slice(before)
    .filter(({ output_fields: fields }) =>
      [fields['proc.exepath'], fields['proc.pname'], `id ${fields['container.id']}`].some((text) =>
        /docker|containerd|runc|^id (?!host)/.test(String(text)),
      ),
    );
  expect(raised.map((alert) => alert.output)).toEqual([]);
});

test('a container that was there before the agent is known to it', async () => {
  const id = start();
  const second = await RunningAgent.start([SHIPPED_RULES]);
  docker.run('exec', id, 'sh', '-c', 'echo x > /etc/ld.so.preload');
  await second.settle();
  expect(second.of('container.id', id.slice(0, 12)).length).toBe(1);
  await second.stop();
  docker.run('rm', '-f', id);
});
