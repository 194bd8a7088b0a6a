// Rules and a host for tests of `saker test`.

import type { TestFolder } from './folder.js';

export const RULES = `
- rule: Secret read
  desc: d
  condition: >
    evt.type in (open, openat) and fd.num >= 0
    and (fd.name startswith /etc/secret or fd.name = /root/key)
    and not proc.name in (vault, ssh)
  output: Secret read | file=%fd.name by=%proc.name
  priority: WARNING
- rule: Switched off
  desc: d
  condition: evt.type = openat
  output: o
  priority: WARNING
  enabled: false
`;

export const HOST = `
rules: [rules.yaml]
processes:
  - {pid: 20, exe: /usr/bin/bash, cwd: /etc}
  - {pid: 30, ppid: 20, exe: /usr/bin/cat}
tests:
`;

/** Writes the rules and a file of these tests of them; returns its path. */
export function testFileIn(folder: TestFolder, tests: string): string {
  folder.file('rules.yaml', RULES);
  return folder.file('a.test.yaml', HOST + tests);
}
