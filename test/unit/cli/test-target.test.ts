// `saker test`: whom the signals of a test are aimed at.

import { expect, test } from 'vitest';
import { testFolder } from './folder.js';
import { saker } from './saker.js';

const folder = testFolder();

test('signals and tracing of a test have a target, those of a container by number have none', async () => {
  folder.file(
    'rules.yaml',
    `
- rule: Protected
  desc: d
  condition: evt.type in (kill, tgkill, ptrace, rt_sigqueueinfo) and target.exepath = /usr/sbin/sshd
  output: "%evt.type to %target.pid %target.name"
  priority: WARNING
`,
  );
  const path = folder.file(
    'a.test.yaml',
    `
rules: [rules.yaml]
containers:
  web: {}
  near: {host_pid: true}
processes:
  - {pid: 10, exe: /usr/sbin/sshd}
  - {pid: 20, exe: /usr/bin/bash}
  - {pid: 30, exe: /usr/bin/bash, container: web}
  - {pid: 31, ppid: 30, exe: /usr/bin/bash}
  - {pid: 32, exe: /usr/bin/bash, vpid: 1}
  - {pid: 40, exe: /usr/bin/bash, container: near}
tests:
  - test: by number
    events:
      - kill: {pid: 10, sig: SIGKILL}
        pid: 20
      - tgkill: {pid: 10, tid: 11, sig: SIGKILL, result: EPERM}
        pid: 20
      - ptrace: {request: PTRACE_ATTACH, pid: 10}
        pid: 20
      - rt_sigqueueinfo: {args: [10, 9]}
        pid: 20
      - kill: {pid: 10, sig: SIGKILL}
        pid: 40
    alerts:
      - {rule: Protected, event: 1, output: kill to 10 sshd}
      - {rule: Protected, event: 2, output: tgkill to 10 sshd}
      - {rule: Protected, event: 3, output: ptrace to 10 sshd}
      - {rule: Protected, event: 4, output: rt_sigqueueinfo to 10 sshd}
      - {rule: Protected, event: 5, output: kill to 10 sshd}
    no_alerts: others
  - test: of others
    events:
      - kill: {pid: 10, sig: SIGKILL}
        pid: 30
      - kill: {pid: 10, sig: SIGKILL}
        pid: 31
      - kill: {pid: 10, sig: SIGKILL}
        pid: 32
      - kill: {pid: 20, sig: SIGKILL}
        pid: 20
      - kill: {pid: 10, sig: SIGKILL, result: ESRCH}
        pid: 20
    no_alerts: [Protected]
`,
  );
  const { status, out } = await saker('test', path);
  expect(out).not.toContain('FAILED');
  expect(status).toBe(0);
});

test('fields of a target are listed', async () => {
  const { status, out } = await saker('fields', 'target.');
  expect(status).toBe(0);
  expect(out).toMatch(/^target\.pid +INT64 +yes +number of the process that a signal/m);
  expect(out).toMatch(/^target\.name +CHARBUF +yes/m);
  expect(out).toMatch(/^target\.exepath +CHARBUF +yes/m);
});
