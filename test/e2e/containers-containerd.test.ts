// Metadata of containerd's containers and of pods, against what ctr and /proc say of them.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { follow, lookup, nanoseconds, until } from './container-metadata.js';
import { type Pod, type PodOptions, startPod } from './pod.js';
import { Registry } from './registry.js';
import { type Runtime, SANDBOX_IMAGE, startContainerd } from './runtimes.js';

const POD: Omit<PodOptions, 'images'> = {
  name: 'web-0',
  uid: '8b2c0d2e-6f4f-4b93-a3a5-6a6f6c0c8a11',
  namespace: 'shop',
  podLabels: { app: 'web' },
  container: 'front',
  labels: { 'io.kubernetes.container.name': 'front' },
  byName: false,
  command: ['sleep', '1000'],
  mount: { source: '/etc', destination: '/host/etc' },
};

let registry: Registry;
let containerd: Runtime;
let pod: Pod;

beforeAll(async () => {
  registry = await Registry.start();
  containerd = await startContainerd();
  const pause = `${registry.host}/pause:1.0`;
  await ctr('k8s.io', 'image', 'pull', '--plain-http', pause);
  await ctr('k8s.io', 'image', 'tag', pause, SANDBOX_IMAGE);
  await ctr('k8s.io', 'image', 'rm', pause); // an image with two names answers to either
  await ctr('default', 'image', 'pull', '--plain-http', image());
  pod = await startPod(containerd.socket, { ...POD, images: [image()] });
});

afterAll(async () => {
  await pod?.remove();
  await containerd?.close();
  await registry?.close();
});

test('a container of containerd has the metadata that ctr shows', async () => {
  await ctr(
    ...['default', 'run', '-d', '--label=team=green', '--net-host'],
    ...['--mount=type=bind,src=/tmp,dst=/host,options=rbind:ro', image(), 'plain', 'sleep', '1000'],
  );
  const found = await lookup(
    { containerd: { sockets: [containerd.socket] } },
    'plain',
    'containerd',
  );
  const said = JSON.parse(await ctr('default', 'container', 'info', 'plain'));
  expect(found).toMatchObject({
    type: 'containerd',
    name: 'plain',
    image: image(),
    image_repository: `${registry.host}/team/app`,
    image_tag: '2.0',
    image_digest: registry.digestOf('app'),
    privileged: false,
    host_network: true,
    host_pid: false,
    host_ipc: false,
  });
  expect(Object.fromEntries(found?.labels ?? [])).toEqual(said.Labels);
  expect(found?.mounts?.map((mount) => [mount.source, mount.destination])).toEqual(
    said.Spec.mounts.map((mount: { source: string; destination: string }) => [
      mount.source,
      mount.destination,
    ]),
  );
  expect(found?.mounts).toContainEqual(
    expect.objectContaining({ source: '/tmp', destination: '/host', writable: false }),
  );
  // The start as ps sees it: seconds since it began, counted back from now.
  const pid = (await ctr('default', 'task', 'ls')).match(/^plain\s+(\d+)/m)?.[1];
  const started_s =
    Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]) / 100;
  const age_s = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - started_s;
  expect(Number(found?.start_ns) / 1e9).toBeCloseTo(Date.now() / 1000 - age_s, 0);
});

test('a privileged container of containerd is recognised by its specification', async () => {
  await ctr('default', 'container', 'create', '--privileged', image(), 'mighty', 'sh');
  const found = await lookup(
    { containerd: { sockets: [containerd.socket] } },
    'mighty',
    'containerd',
  );
  expect(found).toMatchObject({ privileged: true, start_ns: undefined });
});

test('a container that is asked for before containerd has it is found when it comes', async () => {
  const { runtimes, connected } = follow({ containerd: { sockets: [containerd.socket] } });
  await until(() => connected() === 1);
  const found = runtimes.lookup('later', 'containerd');
  await ctr('default', 'container', 'create', image(), 'later', 'sh');
  expect(await found).toMatchObject({ image: image() });
});

test('a container of a pod has what CRI knows of it and of its pod', async () => {
  const sockets = [containerd.socket];
  const found = await lookup(
    { cri: { sockets }, containerd: { sockets } },
    pod.containerId,
    'containerd',
  );
  expect(found).toMatchObject({
    type: 'containerd',
    name: 'front',
    image: image(),
    image_id: registry.imageIdOf('app').slice('sha256:'.length),
    image_repository: `${registry.host}/team/app`,
    image_tag: '2.0',
    image_digest: registry.digestOf('app'),
    privileged: false,
    host_network: true,
    host_pid: false,
    host_ipc: false,
    pod_sandbox_id: pod.podId,
  });
  const said = JSON.parse(await ctr('k8s.io', 'container', 'info', pod.containerId));
  expect(found?.labels).toEqual(
    new Map([
      ['io.kubernetes.container.name', said.Labels['io.kubernetes.container.name']],
      ['io.kubernetes.sandbox.id', said.Spec.annotations['io.kubernetes.cri.sandbox-id']],
      ['io.kubernetes.pod.name', said.Spec.annotations['io.kubernetes.cri.sandbox-name']],
      ['io.kubernetes.pod.uid', said.Spec.annotations['io.kubernetes.cri.sandbox-uid']],
      ['io.kubernetes.pod.namespace', said.Spec.annotations['io.kubernetes.cri.sandbox-namespace']],
    ]),
  );
  expect(found?.labels?.get('io.kubernetes.pod.namespace')).toBe('shop');
  expect(found?.pod_labels).toEqual(new Map([['app', 'web']]));
  expect(found?.mounts).toEqual([
    {
      source: '/etc',
      destination: '/host/etc',
      mode: '',
      writable: false,
      propagation: 'private',
    },
  ]);
  expect(found?.start_ns).toBeGreaterThan(nanoseconds(said.CreatedAt));
});

test('an image with several names has the one that the container of the pod asked for', async () => {
  const images = [`${registry.host}/team/tool:2.0`, `${registry.host}/another/tool:1.0`] as const;
  const second = await startPod(containerd.socket, {
    ...POD,
    name: 'web-1',
    images: [...images],
    byName: true,
  });
  onTestFinished(() => second.remove());
  const found = await lookup(
    { cri: { sockets: [containerd.socket] } },
    second.containerId,
    'cri-o',
  );
  expect(found).toMatchObject({
    image: images[0],
    image_repository: `${registry.host}/team/tool`,
    image_tag: '2.0',
    image_digest: registry.digestOf('tool'),
  });
});

test('the container that holds the namespaces of a pod is known as its pod', async () => {
  const sockets = [containerd.socket];
  const found = await lookup(
    { cri: { sockets }, containerd: { sockets } },
    pod.podId,
    'containerd',
  );
  expect(found).toMatchObject({ image: SANDBOX_IMAGE, pod_sandbox_id: pod.podId });
  expect(found?.labels?.get('io.kubernetes.pod.name')).toBe('web-0');
});

function image(): string {
  return `${registry.host}/team/app:2.0`;
}

function ctr(namespace: string, ...args: string[]): Promise<string> {
  return containerd.run('-n', namespace, ...args);
}
