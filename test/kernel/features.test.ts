// The probe against second sources, and as somebody who may do nothing.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type HostFeatures, probeFeatures } from '../../src/bpf/features.js';
import {
  attach_type,
  hookId,
  hooksOf,
  kernelBtf,
  program_type,
  tryHelper,
} from '../../src/bpf/trial.js';
import { attach, COMPILED, holdings } from './harness.js';

let host: HostFeatures;

beforeAll(() => {
  host = probeFeatures();
});

test('what is required is there, and what is not there says why and what to do', () => {
  for (const { name, required, available, reason, remedy } of host.features.values()) {
    if (required) expect([name, available, reason]).toEqual([name, true, reason]);
    if (!available) expect(reason.length * (remedy?.length ?? 0), name).toBeGreaterThan(0);
  }
});

test('a probe leaves nothing open', () => {
  const before = holdings();
  probeFeatures();
  expect(holdings()).toEqual(before);
});

test('the object takes every program whose needs the probe found', () => {
  const sensor = attach();
  const optional = [
    ['on_rename', 'task_rename'],
    ['iter_tasks', 'iter_task_sleepable'],
  ] as const;
  for (const [program, feature] of optional) {
    expect([program, sensor.object.object.has(program)]).toEqual([
      program,
      host.features.get(feature)?.available,
    ]);
  }
  sensor.close();
});

test('a helper that does not exist, and one for other programs, are told from one that is there', () => {
  const btf = kernelBtf();
  const btf_id = btf === undefined ? undefined : hookId(btf, 'tp_btf/sys_exit');
  const kind = { type: program_type.TRACING, attach_type: attach_type.TRACE_RAW_TP, btf_id };
  expect(tryHelper(kind, 125 /* ktime_get_boot_ns */).available).toBe(true);
  expect(tryHelper(kind, 9999)).toMatchObject({ available: false });
  expect(tryHelper(kind, 50 /* skb_change_head */)).toMatchObject({ available: false });
});

test('a hook that this kernel does not have is not found, and one that it has is', () => {
  const btf = kernelBtf();
  const names = readFileSync('/proc/kallsyms', 'latin1');
  expect(btf && hookId(btf, 'tp_btf/sched_process_exec')).toBeGreaterThan(0);
  expect(btf && hookId(btf, 'tp_btf/sched_process_exeq')).toBeUndefined();
  const lsm = / bpf_lsm_file_open$/m.test(names);
  expect(btf && hookId(btf, 'lsm/file_open') !== undefined).toBe(lsm);
  const asked = ['tp_btf/sched_process_exec', 'tp_btf/sched_process_exeq', 'lsm/file_open'];
  const there = new Set(lsm ? [asked[0], asked[2]] : [asked[0]]);
  expect([hooksOf(asked), hooksOf(asked), hooksOf([])]).toEqual([there, there, new Set()]);
});

test('the cgroup version is what the mounts say', () => {
  const controllers = existsSync('/sys/fs/cgroup/cgroup.controllers');
  if (controllers) expect(host.cgroup).toBe('v2');
  else if (readdirSync('/sys/fs/cgroup').includes('unified')) expect(host.cgroup).toBe('hybrid');
  else expect(['v1', 'none']).toContain(host.cgroup);
});

test('an ordinary user gets answers, not an exception', () => {
  const script = `
    import { probeFeatures } from '${join(COMPILED, 'bpf/features.js')}';
    const { features } = probeFeatures();
    console.log(JSON.stringify([...features.values()]));
  `;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
  });
  expect(done.stderr).toBe('');
  const features: { name: string; available: boolean; remedy?: string }[] = JSON.parse(done.stdout);
  const privileges = features.find(({ name }) => name === 'privileges');
  expect(privileges).toMatchObject({ available: false, remedy: 'run as root' });
  expect(features.find(({ name }) => name === 'tp_btf')).toMatchObject({ available: false });
});
