import { expect, test } from 'vitest';
import { Containers, HOST, matchCgroup } from '../../../src/enrich/container.js';

const ID = '0123456789ab'.padEnd(64, 'c');
const POD = '0a1b2c3d-1111-2222-3333-444455556666';
const POD_SLICE = POD.replaceAll('-', '_');

test.each([
  [`/docker/${ID}`, 'docker'],
  [`/some/parent/${ID}`, 'docker'],
  [`/system.slice/docker-${ID}.scope`, 'docker'],
  [`/system.slice/docker-${ID}.scope/init.scope`, 'docker'],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, 'docker'],
  [`/kubepods/besteffort/pod${POD}/${ID}`, 'cri'],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_SLICE}.slice/cri-containerd-${ID}.scope`,
    'containerd',
  ],
  [`/kubepods.slice/kubepods-pod${POD_SLICE}.slice/crio-${ID}.scope`, 'cri-o'],
  [`/kubepods.slice/kubepods-pod${POD_SLICE}.slice/crio-${ID}.scope/container`, 'cri-o'],
  [`/system.slice/kubepods-besteffort-pod${POD_SLICE}.slice:cri-containerd:${ID}`, 'containerd'],
  [`/machine.slice/libpod-${ID}.scope`, 'podman'],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    'podman',
  ],
  [`/libpod_parent/${ID}`, 'podman'],
  [`/default/${ID}`, 'containerd'],
  [`/system.slice/nerdctl-${ID}.scope`, 'containerd'],
])('%s is a container of %s', (path, type) => {
  expect(matchCgroup(path)).toMatchObject({ full_id: ID, type });
});

test('the pod comes with the container', () => {
  const found = matchCgroup(
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${POD_SLICE}.slice/cri-containerd-${ID}.scope`,
  );
  expect(found?.pod_uid).toBe(POD);
  expect(matchCgroup(`/kubepods/pod${POD}/${ID}`)?.pod_uid).toBe(POD);
  expect(matchCgroup(`/docker/${ID}`)?.pod_uid).toBeUndefined();
});

test('the innermost of nested containers counts', () => {
  const inner = 'd'.repeat(64);
  expect(matchCgroup(`/docker/${ID}/docker/${inner}`)?.full_id).toBe(inner);
  expect(matchCgroup(`/docker/${ID}/kubelet/kubepods/besteffort/pod${POD}/${inner}`)?.full_id).toBe(
    inner,
  );
  expect(matchCgroup(`/docker/${ID}/system.slice/cron.service`)?.full_id).toBe(ID);
});

test('lxc and nspawn containers have names', () => {
  expect(matchCgroup('/lxc.payload.web/init.scope')).toMatchObject({ full_id: 'web', type: 'lxc' });
  expect(matchCgroup('/lxc/web')).toMatchObject({ full_id: 'web', type: 'lxc' });
  expect(matchCgroup('/machine.slice/machine-box.scope')?.full_id).toBe('box');
});

test.each([
  '',
  '/',
  '/user.slice/user-0.slice/session-1.scope',
  '/system.slice/docker.service',
  '/init.scope',
  `/machine.slice/libpod-conmon-${ID}.scope`,
  `/docker/${ID.slice(1)}`,
  `/system.slice/docker-${ID}x.scope`,
  '/memory/job/00112233445566778899aabbccddeeff',
])('%j is of the host', (path) => {
  expect(matchCgroup(path)).toBeUndefined();
});

test('processes of one container share it', () => {
  const containers = new Containers();
  const one = containers.of(`/docker/${ID}`);
  expect(one.id).toBe('0123456789ab');
  expect(containers.of(`/docker/${ID}/sub`)).toBe(one);
  expect(containers.of('/x')).toBe(HOST);
  containers.learn(ID, { name: 'web' });
  expect(one.metadata?.name).toBe('web');
  containers.learn('other', { name: 'x' });
});

test('made up paths do not grow the memory without end', () => {
  const containers = new Containers();
  for (let i = 0; i < 20_000; i += 1) containers.of(`/made/up/${i}`);
  const id = (i: number) => i.toString(16).padStart(64, '0');
  for (let i = 0; i < 20_000; i += 1) containers.of(`/docker/${id(i)}`);
  expect(containers.of(`/docker/${id(19_999)}`).full_id).toBe(id(19_999));
});
