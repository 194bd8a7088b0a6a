import { expect, test } from 'vitest';
import { bounded, type Findings, splitImage } from '../../../src/enrich/runtime.js';
import { imageName } from '../../../src/enrich/runtime-docker.js';
import { Json } from '../../../src/enrich/runtime-json.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

test.each([
  ['busybox', 'busybox', '', ''],
  ['busybox:1.36', 'busybox', '1.36', ''],
  ['docker.io/library/nginx:latest', 'docker.io/library/nginx', 'latest', ''],
  ['registry:5000/team/app', 'registry:5000/team/app', '', ''],
  ['registry:5000/team/app:2.0', 'registry:5000/team/app', '2.0', ''],
  [`registry:5000/team/app@${DIGEST}`, 'registry:5000/team/app', '', DIGEST],
  [`registry:5000/team/app:2.0@${DIGEST}`, 'registry:5000/team/app', '', DIGEST],
  ['', '', '', ''],
])('%s is taken apart', (image, repository, tag, digest) => {
  expect(splitImage(image)).toEqual({ repository, tag, digest });
});

function known(digests: readonly string[], tags: readonly string[]): Json {
  return new Json({ RepoDigests: digests, RepoTags: tags });
}

test('a docker image is called what its registry calls it', () => {
  const image = known([`team/app@${DIGEST}`], ['team/app:2.0', 'local/name:x']);
  const name = { repository: 'team/app', tag: '2.0', digest: DIGEST };
  expect(imageName('team/app:2.0', image)).toEqual(name);
  expect(imageName('local/name:x', image)).toEqual(name);
  expect(imageName(DIGEST, image)).toEqual(name);
});

test('of several names of a docker image the one that was asked for counts', () => {
  const image = known(
    [`a/app@${DIGEST}`, `reg:5000/b/app@sha256:${'0'.repeat(64)}`],
    ['a/app:1', 'reg:5000/b/app:1', 'reg:5000/b/app:2'],
  );
  expect(imageName('reg:5000/b/app:2', image)).toEqual({
    repository: 'reg:5000/b/app',
    tag: '2',
    digest: `sha256:${'0'.repeat(64)}`,
  });
  expect(imageName('docker.io/a/app:1', image).repository).toBe('a/app');
});

test('a docker image without a digest goes by its tag', () => {
  const image = known([], ['one:1', 'two:2']);
  expect(imageName('two:2', image)).toEqual({ repository: 'two', tag: '2', digest: '' });
  expect(imageName('0123456789ab', image)).toEqual({ repository: 'one', tag: '1', digest: '' });
});

test('a docker image that was deleted keeps the name the container was started with', () => {
  const name = { repository: 'reg:5000/team/app', tag: '2', digest: '' };
  expect(imageName('reg:5000/team/app:2', undefined)).toEqual(name);
  expect(imageName('reg:5000/team/app:2', known([], ['<none>:<none>']))).toEqual(name);
  expect(imageName(DIGEST, undefined)).toEqual({ repository: '', tag: '', digest: '' });
});

test('metadata is cut to a size that can be kept', () => {
  const long = 'x'.repeat(100_000);
  const mount = { source: long, destination: long, mode: long, writable: true, propagation: long };
  const found: Findings = {
    type: 'docker',
    name: long,
    image: long,
    image_id: long,
    image_repository: long,
    image_tag: long,
    image_digest: long,
    privileged: true,
    mounts: Array.from({ length: 5000 }, () => mount),
    labels: [
      ['long', long],
      [long, 'value'],
      ['short', 'y'.repeat(100)],
      ['io.kubernetes.pod.name', 'z'.repeat(253)],
      ...Array.from({ length: 5000 }, (_, index): [string, string] => [`l${index}`, '']),
    ],
    ip: long,
    host_pid: false,
    host_network: false,
    host_ipc: false,
    start_ns: 1n,
    cni_json: long,
    pod_sandbox_id: long,
  };
  const metadata = bounded(found, 100);
  for (const value of Object.values(metadata))
    if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(4096);
  expect(metadata.mounts?.length).toBe(512);
  expect(metadata.mounts?.[0]?.source.length).toBe(4096);
  expect(metadata.labels?.size).toBe(256);
  expect(metadata.labels?.has('long')).toBe(false);
  expect(metadata.labels?.has(long)).toBe(false);
  expect(metadata.labels?.get('short')).toHaveLength(100);
  expect(metadata.labels?.get('io.kubernetes.pod.name')).toHaveLength(253);
});

test.each([
  ['2026-11-21T08:03:34.806583409Z', 1795248214806583409n],
  ['2026-11-21T09:03:34.8+01:00', 1795248214800000000n],
  ['2026-11-21T08:03:34Z', 1795248214000000000n],
  ['0001-01-01T00:00:00Z', undefined],
  ['soon', undefined],
])('the time %s is read to the nanosecond', (text, expected) => {
  expect(new Json(text).time_ns).toBe(expected);
});

test('a strange answer reads as empty, not as an inherited property', () => {
  const answer = Json.parse('{"Mounts":{"a":1},"Labels":["x"],"__proto__":{"Name":"y"},"n":null}');
  expect(answer.at('Mounts').list()).toEqual([]);
  expect(answer.at('Labels').textEntries()).toEqual([]);
  expect(answer.at('constructor', 'name').text()).toBe('');
  expect(answer.at('Name').exists).toBe(false);
  expect(answer.at('n', 'deeper').text()).toBe('');
});
