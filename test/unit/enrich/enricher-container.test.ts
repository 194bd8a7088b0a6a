// In which container events are.

import { expect, test } from 'vitest';
import type { ContainerView } from '../../../src/decode/event.js';
import { Container } from '../../../src/enrich/container.js';
import { callRecord } from '../decode/record.js';
import { exec, exit, fork, offline, read, take, task } from './records.js';

const ID = 'a'.repeat(12) + 'b'.repeat(52);

test('a process in a container: id at once, metadata when it comes', () => {
  const wanted: ContainerView[] = [];
  const enricher = offline({ metadata: { want: (container) => void wanted.push(container) } });
  const own = { pid_ns_start_ns: 3_000_000_000n };
  const texts = { cgroup: `/system.slice/docker-${ID}.scope` };
  const event = take(enricher, exec(30, 20, ['nginx'], { own, texts }));
  expect(read(event, 'container.id')).toBe('aaaaaaaaaaaa');
  expect(read(event, 'container.full_id')).toBe(ID);
  expect(read(event, 'container.type')).toBe('docker');
  expect(read(event, 'container.start_ts')).toBe(1_700_000_003_000_000_000n);
  for (const name of ['container.name', 'container.image.repository', 'container.privileged']) {
    expect(read(event, name)).toBeUndefined();
  }
  expect(read(event, 'k8s.ns.name')).toBeUndefined();
  expect(wanted.map((container) => container.full_id)).toEqual([ID]);

  const mounts = [
    { source: '/etc', destination: '/h/etc', mode: 'ro', writable: false, propagation: 'rprivate' },
    { source: '/', destination: '/h', mode: '', writable: true, propagation: '' },
  ];
  const labels = new Map([
    ['io.kubernetes.pod.name', 'p1'],
    ['io.kubernetes.pod.namespace', 'default'],
  ]);
  enricher.containers.learn(ID, { name: 'web', privileged: true, mounts, labels });
  const next = take(enricher, exec(30, 20, ['nginx'], { own, texts }));
  expect(read(next, 'container.name')).toBe('web');
  expect(read(next, 'container.privileged')).toBe(true);
  expect(read(next, 'container.mounts')).toBe('/etc:/h/etc:ro:false:rprivate,/:/h::true:');
  expect(read(next, 'container.mount.dest', '/etc')).toBe('/h/etc');
  expect(read(next, 'container.mount.dest', '1')).toBe('/h');
  expect(read(next, 'container.mount.dest', '/proc*')).toBeUndefined();
  expect(read(next, 'container.mount.dest', '[')).toBeUndefined();
  expect(read(next, 'k8s.pod.name')).toBe('p1');
  expect(read(next, 'k8s.ns.name')).toBe('default');
  expect(wanted).toHaveLength(1);
});

test('on the host container fields say so', () => {
  const event = take(offline(), exec(30, 20, ['ls']));
  expect(read(event, 'container.id')).toBe('host');
  expect(read(event, 'container.name')).toBe('host');
  expect(read(event, 'container.image.repository')).toBe('');
  expect(read(event, 'container.privileged')).toBe(false);
  expect(read(event, 'container.start_ts')).toBeUndefined();
});

test('a child is in the container of its parent', () => {
  const enricher = offline();
  take(enricher, exec(20, 1, ['sh'], { texts: { cgroup: `/docker/${ID}` } }));
  take(enricher, fork(30, 20));
  const event = take(enricher, callRecord('unlink', { task: task(30, 20) }));
  expect(event?.process.container).toBeInstanceOf(Container);
  expect(read(event, 'container.id')).toBe('aaaaaaaaaaaa');
});

test('a process that is moved without exec is in the container whose cgroup it is now in', () => {
  const enricher = offline();
  const id = 'ab'.repeat(32);
  const group = `/system.slice/docker-${id}.scope`;
  take(enricher, exec(30, 20, ['sh'], { task: { cgroup_id: 500n } }));
  take(enricher, exec(40, 20, ['sleep'], { task: { cgroup_id: 700n }, texts: { cgroup: group } }));
  const fields = (cgroup_id: bigint) => {
    const record = callRecord('getppid', { task: task(30, 20, { cgroup_id }) });
    return read(take(enricher, record), 'container.id');
  };
  expect(fields(500n)).toBe('host');
  expect(fields(700n)).toBe(id.slice(0, 12));
  expect(fields(0n)).toBe(id.slice(0, 12)); // not told
  take(enricher, fork(50, 30, { cgroup_id: 500n })); // clone3 with CLONE_INTO_CGROUP
  expect(read(take(enricher, exit(50, 30)), 'container.id')).toBe('host');
  expect(fields(900n)).toBe(id.slice(0, 12)); // of a cgroup that nobody knows
  expect(fields(500n)).toBe('host');
});

test('the root of v2 has no path to learn: on hybrid hosts containers of v1 are in it', () => {
  const enricher = offline();
  const group = `/docker/${'cd'.repeat(32)}`;
  take(enricher, exec(30, 20, ['sh'], { task: { cgroup_id: 500n } }));
  take(enricher, exec(40, 20, ['sleep'], { task: { cgroup_id: 1n }, texts: { cgroup: group } }));
  const record = callRecord('getppid', { task: task(30, 20, { cgroup_id: 1n }) });
  expect(read(take(enricher, record), 'container.id')).toBe('host');
});
