import { expect, onTestFinished, test, vi } from 'vitest';
import type { ContainerMetadata } from '../../../src/decode/event.js';
import type { Runtime, RuntimeKind, RuntimeWatcher } from '../../../src/enrich/runtime.js';
import { DEFAULT_SOCKETS, makeRuntimes, Runtimes } from '../../../src/enrich/runtimes.js';
import { RuntimeError } from '../../../src/errors.js';
import { makeLog } from '../../../src/log.js';

/** A runtime whose containers the test makes; the real ones are in test/e2e. */
class TestRuntime implements Runtime {
  readonly socket = import.meta.filename; // there must be something
  readonly containers = new Map<string, ContainerMetadata>();
  readonly asked: string[] = [];
  watcher: RuntimeWatcher | undefined;
  failure: Error | undefined;
  active = 0;
  mostActive = 0;

  constructor(readonly kind: RuntimeKind = 'docker') {}

  async inspect(fullId: string): Promise<ContainerMetadata | undefined> {
    this.asked.push(fullId);
    this.mostActive = Math.max(this.mostActive, ++this.active);
    await new Promise((turn) => setImmediate(turn));
    this.active--;
    if (this.failure !== undefined) throw this.failure;
    return this.containers.get(fullId);
  }

  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void> {
    this.watcher = watcher;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }

  close(): void {}
}

const ABSENT = new RuntimeError('RUNTIME_ANSWER', 'no answer', {
  cause: Object.assign(new Error('connect'), { code: 'ENOENT' }),
});
const BROKEN = new RuntimeError('RUNTIME_ANSWER', 'broke off');

function over(list: readonly TestRuntime[], retry_ms: readonly number[] = [1, 1]) {
  const updates: [string, string | undefined][] = [];
  const runtimes = new Runtimes(list, {
    log: makeLog({ level: 'info', enabled: false }),
    retry_ms,
    onUpdate: (id, metadata) => updates.push([id, metadata.name]),
  });
  runtimes.start();
  onTestFinished(() => runtimes.close());
  return { runtimes, updates };
}

test('a container is asked for once, however often it is looked up', async () => {
  const docker = new TestRuntime();
  docker.containers.set('abc', { name: 'one' });
  const { runtimes } = over([docker]);
  const both = await Promise.all([
    runtimes.lookup('abc', 'docker'),
    runtimes.lookup('abc', 'docker'),
  ]);
  expect(both.map((found) => found?.name)).toEqual(['one', 'one']);
  expect(await runtimes.lookup('abc', 'docker')).toEqual({ name: 'one' });
  expect(docker.asked).toEqual(['abc']);
});

test('a container that the runtime does not list yet is asked for again', async () => {
  const docker = new TestRuntime();
  const { runtimes } = over([docker], [1, 60_000]);
  const found = runtimes.lookup('abc', 'docker');
  await vi.waitUntil(() => docker.asked.length === 2);
  docker.containers.set('abc', { name: 'late' });
  docker.watcher?.changed('abc'); // ends the pause
  expect(await found).toEqual({ name: 'late' });
});

test('a container nobody knows is not asked for again until there is news of it', async () => {
  const docker = new TestRuntime();
  const { runtimes, updates } = over([docker]);
  expect(await runtimes.lookup('abc', 'docker')).toBeUndefined();
  expect(docker.asked).toHaveLength(3);
  expect(await runtimes.lookup('abc', 'docker')).toBeUndefined();
  expect(docker.asked).toHaveLength(3);
  docker.containers.set('abc', { name: 'come' });
  docker.watcher?.changed('abc');
  await vi.waitUntil(() => updates.length > 0);
  expect(updates).toEqual([['abc', 'come']]);
  expect(await runtimes.lookup('abc', 'docker')).toEqual({ name: 'come' });
});

test('a runtime that comes back is asked for what it did not know before', async () => {
  const docker = new TestRuntime();
  const { runtimes, updates } = over([docker]);
  await runtimes.lookup('abc', 'docker');
  docker.containers.set('abc', { name: 'restarted' });
  docker.watcher?.connected();
  await vi.waitUntil(() => updates.length > 0);
  expect(updates).toEqual([['abc', 'restarted']]);
});

test('a change during a lookup is told afterwards', async () => {
  const docker = new TestRuntime();
  docker.containers.set('abc', { name: 'old' });
  const { runtimes, updates } = over([docker]);
  const found = runtimes.lookup('abc', 'docker');
  docker.watcher?.changed('abc');
  docker.containers.set('abc', { name: 'new' });
  await found;
  await vi.waitUntil(() => updates.length > 0);
  expect(updates.at(-1)).toEqual(['abc', 'new']);
  expect(await runtimes.lookup('abc', 'docker')).toEqual({ name: 'new' });
});

test('a removed container is forgotten', async () => {
  const docker = new TestRuntime();
  docker.containers.set('abc', { name: 'one' });
  const { runtimes } = over([docker]);
  await runtimes.lookup('abc', 'docker');
  docker.containers.clear();
  docker.watcher?.removed('abc');
  expect(await runtimes.lookup('abc', 'docker')).toBeUndefined();
});

test('without any runtime there is no second attempt', async () => {
  const docker = new TestRuntime();
  docker.failure = ABSENT;
  const { runtimes } = over([docker], [60_000]);
  expect(await runtimes.lookup('abc', 'docker')).toBeUndefined();
  expect(docker.asked).toHaveLength(1);
  expect(runtimes.counts).toMatchObject({ lookups: 1, unknown: 1, failures: 0 });
});

test('containerd is believed only when the others have answered, or will not', async () => {
  const docker = new TestRuntime();
  const containerd = new TestRuntime('containerd');
  containerd.containers.set('abc', { name: 'less' });
  docker.failure = BROKEN;
  const { runtimes } = over([docker, containerd], [1, 60_000]);
  const found = runtimes.lookup('abc', 'docker');
  await vi.waitUntil(() => docker.asked.length === 2);
  expect(containerd.asked).toEqual([]);
  docker.failure = undefined;
  docker.containers.set('abc', { name: 'more' });
  docker.watcher?.changed('abc');
  expect(await found).toEqual({ name: 'more' });

  docker.failure = BROKEN;
  containerd.containers.set('def', { name: 'less' });
  const { runtimes: impatient } = over([docker, containerd], []);
  expect(await impatient.lookup('def', 'docker')).toEqual({ name: 'less' });
  expect(impatient.counts.failures).toBe(1);
});

test('the runtime that the cgroup speaks of is asked first', async () => {
  const docker = new TestRuntime();
  const podman = new TestRuntime('podman');
  podman.containers.set('abc', { name: 'pod' });
  const { runtimes } = over([docker, podman]);
  expect(await runtimes.lookup('abc', 'podman')).toEqual({ name: 'pod' });
  expect(docker.asked).toEqual([]);
});

test('an id that could change the request is never put into one', async () => {
  const docker = new TestRuntime();
  const { runtimes } = over([docker]);
  for (const id of ['', '../../images', 'a/b', 'a?all=1', 'a b', 'a%2f', '-x', 'x'.repeat(129)])
    expect(await runtimes.lookup(id, 'docker')).toBeUndefined();
  docker.watcher?.changed('../x');
  expect(docker.asked).toEqual([]);
});

test('a flood of containers is asked for a few at a time, and refused beyond a limit', async () => {
  const docker = new TestRuntime();
  const { runtimes } = over([docker], []);
  const asked = Array.from({ length: 3000 }, (_, index) => runtimes.lookup(`id${index}`, 'docker'));
  await Promise.all(asked);
  expect(docker.mostActive).toBe(8);
  expect(docker.asked).toHaveLength(1024);
  expect(runtimes.counts).toMatchObject({ lookups: 3000, unknown: 1024, refused: 1976 });
});

test('lookups under way end when it is closed', async () => {
  const docker = new TestRuntime();
  const { runtimes } = over([docker], [60_000]);
  const found = runtimes.lookup('abc', 'docker');
  await vi.waitUntil(() => docker.asked.length === 1 && docker.active === 0);
  runtimes.close();
  runtimes.close();
  expect(await found).toBeUndefined();
  expect(await runtimes.lookup('abc', 'docker')).toBeUndefined();
});

test('an update that cannot be passed on stops nothing', async () => {
  const docker = new TestRuntime();
  docker.containers.set('abc', { name: 'one' });
  const runtimes = new Runtimes([docker], {
    log: makeLog({ level: 'info', enabled: false }),
    onUpdate: () => {
      throw new Error('the sensor is gone');
    },
  });
  runtimes.start();
  onTestFinished(() => runtimes.close());
  docker.watcher?.changed('abc');
  await vi.waitUntil(() => runtimes.counts.found === 1);
  expect(await runtimes.lookup('abc', 'docker')).toEqual({ name: 'one' });
});

test('every engine is asked at its usual places unless the configuration says otherwise', () => {
  const all = makeRuntimes().map(({ kind, socket }) => [kind, socket]);
  for (const [kind, sockets] of Object.entries(DEFAULT_SOCKETS))
    for (const socket of sockets) expect(all).toContainEqual([kind, socket]);
  const chosen = makeRuntimes({
    docker: { enabled: false },
    podman: { sockets: ['/a', '/b'] },
    cri: { enabled: true, sockets: ['/c'] },
    containerd: { enabled: false },
  });
  expect(chosen.map(({ kind, socket }) => [kind, socket])).toEqual([
    ['podman', '/a'],
    ['podman', '/b'],
    ['cri', '/c'],
  ]);
});
