// Metadata of docker's and podman's containers, against what their own command lines say.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { follow, lookup, nanoseconds, until } from './container-metadata.js';
import { Registry } from './registry.js';
import { type Runtime, startDocker, startPodman, TEST_IMAGE } from './runtimes.js';

let registry: Registry;
let docker: Runtime;
let podman: Runtime;

beforeAll(async () => {
  registry = await Registry.start();
  docker = await startDocker();
  podman = await startPodman();
});

afterAll(async () => {
  await Promise.all([docker?.close(), podman?.close()]);
  await registry?.close();
});

test('a docker container has the metadata that docker inspect shows', async () => {
  await docker.run('pull', image());
  const id = await docker.run(
    ...['run', '-d', '--network=none', '--name=named', '--label=team=blau-grün', '--label=empty='],
    ...['-v', '/tmp:/host:ro', '-v', '/var/tmp:/scratch', image(), 'sleep', '1000'],
  );
  const found = await lookup({ docker: { sockets: [docker.socket] } }, id, 'docker');
  const said = inspected(await docker.run('inspect', id));
  expect(found).toMatchObject({
    type: 'docker',
    name: 'named',
    image: image(),
    image_id: said.Image.slice('sha256:'.length),
    image_repository: `${registry.host}/team/app`,
    image_tag: '2.0',
    image_digest: registry.digestOf('app'),
    privileged: false,
    host_pid: false,
    host_network: false,
    host_ipc: false,
    ip: '',
    start_ns: nanoseconds(said.State.StartedAt),
  });
  expect(found?.image_id).toBe(registry.imageIdOf('app').slice('sha256:'.length));
  expect(found?.mounts?.map((mount) => mount.source)).toHaveLength(2);
  for (const mount of said.Mounts)
    expect(found?.mounts).toContainEqual({
      source: mount.Source,
      destination: mount.Destination,
      mode: mount.Mode,
      writable: mount.RW,
      propagation: mount.Propagation,
    });
  expect(new Map(found?.labels)).toEqual(
    new Map([
      ['team', Buffer.from('blau-grün').toString('latin1')],
      ['empty', ''],
    ]),
  );
});

test('a local docker image has a repository and a tag, but no digest', async () => {
  const id = await docker.run('run', '-d', '--network=none', TEST_IMAGE, 'sleep', '1000');
  const found = await lookup({ docker: { sockets: [docker.socket] } }, id, 'docker');
  expect(found).toMatchObject({
    image: TEST_IMAGE,
    image_repository: 'saker-test',
    image_tag: '1.0',
    image_digest: '',
  });
});

test('a privileged docker container in the namespaces of the host is known as such', async () => {
  // Created, not run: root may lack capabilities here that runc would have to hand on.
  const id = await docker.run(
    ...['create', '--privileged', '--network=host', '--pid=host', '--ipc=host', TEST_IMAGE, 'sh'],
  );
  const found = await lookup({ docker: { sockets: [docker.socket] } }, id, 'docker');
  expect(found).toMatchObject({
    privileged: true,
    host_pid: true,
    host_network: true,
    host_ipc: true,
    start_ns: undefined,
  });
});

test('docker is believed before the containerd below it, which still helps when it is gone', async () => {
  const id = await docker.run(
    'run',
    '-d',
    '--network=none',
    '-v',
    '/tmp:/a',
    TEST_IMAGE,
    'sleep',
    '1000',
  );
  const below = { containerd: { sockets: [docker.containerdSocket] } };
  const both = { docker: { sockets: [docker.socket] }, ...below };
  expect(await lookup(both, id, 'containerd')).toMatchObject({
    type: 'docker',
    image_repository: 'saker-test',
  });
  const gone = { docker: { sockets: ['/nonexistent/docker.sock'] }, ...below };
  const found = await lookup(gone, id, 'docker');
  expect(found).toMatchObject({ type: 'containerd', name: id.slice(0, 12), image_repository: '' });
  expect(found?.mounts).toContainEqual(
    expect.objectContaining({ source: '/tmp', destination: '/a', writable: true }),
  );
});

test('a container that starts or is renamed is told of before anybody asks', async () => {
  const { updates, connected } = follow({ docker: { sockets: [docker.socket] } });
  await until(() => connected() === 1);
  const id = await docker.run('run', '-d', '--network=none', TEST_IMAGE, 'sleep', '1000');
  await until(() => updates.get(id)?.start_ns !== undefined);
  await docker.run('rename', id, 'renamed');
  await until(() => updates.get(id)?.name === 'renamed');
});

test('a docker daemon that was killed and came back is followed and asked again', async () => {
  const { runtimes, updates, connected } = follow({ docker: { sockets: [docker.socket] } });
  await until(() => connected() === 1);
  const before = await docker.run('create', TEST_IMAGE, 'sh');
  await until(() => updates.has(before));
  await docker.restart();
  await until(() => connected() === 2);
  const after = await docker.run('create', TEST_IMAGE, 'sh');
  await until(() => updates.has(after));
  expect(await runtimes.lookup(before, 'docker')).toMatchObject({ image: TEST_IMAGE });
});

test('a podman container has the metadata that podman inspect shows', async () => {
  await podman.run('pull', '--tls-verify=false', image());
  const id = await podman.run(
    ...['run', '-d', '--network=host', '--name=pod-man', '--label=team=red'],
    ...['-v', '/tmp:/host:ro', image(), 'sleep', '1000'],
  );
  const engines = { podman: { sockets: [podman.socket] } };
  const found = await lookup(engines, id, 'podman');
  const said = inspected(await podman.run('inspect', id));
  expect(found).toMatchObject({
    type: 'podman',
    name: 'pod-man',
    image: image(),
    image_id: said.Image,
    image_repository: `${registry.host}/team/app`,
    image_tag: '2.0',
    image_digest: registry.digestOf('app'),
    privileged: false,
    host_network: true,
    host_pid: false,
    start_ns: nanoseconds(said.State.StartedAt),
  });
  expect(found?.labels?.get('team')).toBe('red');
  expect(found?.mounts).toContainEqual(
    expect.objectContaining({ source: '/tmp', destination: '/host', writable: false }),
  );
});

test('podman tells of new containers, too', async () => {
  const { updates, connected } = follow({ podman: { sockets: [podman.socket] } });
  await until(() => connected() === 1);
  const id = await podman.run('create', '--network=none', TEST_IMAGE, 'sh');
  await until(() => updates.has(id));
  expect(updates.get(id)).toMatchObject({ image_repository: 'localhost/saker-test' });
});

function image(): string {
  return `${registry.host}/team/app:2.0`;
}

function inspected(text: string) {
  const [container] = JSON.parse(text);
  return container;
}
