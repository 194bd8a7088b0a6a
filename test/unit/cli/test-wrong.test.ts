// `saker test` and files that are wrong.

import { describe, expect, test } from 'vitest';
import { testFolder } from './folder.js';
import { saker } from './saker.js';
import { HOST, RULES, testFileIn } from './tested.js';

const folder = testFolder();

describe('a file that is wrong', () => {
  test('is told with places and nearest names, and nothing of it is run', async () => {
    const path = testFileIn(
      folder,
      `
  - test: x
    evnts: []
    processes: [{pid: 40, exe: /bin/x, contaner: y, uid: bob}]
    events:
      - opnat: {name: x}
      - {openat: {name: x}, pidd: 2}
      - {openat: {name: x}, pid: 99}
    alerts: [{rul: x}]
`,
    );
    const { status, out } = await saker('test', path);
    expect(status).toBe(1);
    for (const part of [
      `${path}:9:5: unknown key tests[0].evnts; did you mean events?`,
      'unknown key tests[0].processes[0].contaner; did you mean container?',
      'bob is not among the names of this test',
      'no event is called opnat; did you mean openat?',
      'unknown key pidd; did you mean pid?',
      'no process has the pid 99; there are 20, 30, 40',
      'unknown key tests[0].alerts[0].rul; did you mean rule?',
    ]) {
      expect(out).toContain(part);
    }
    expect(out).toContain('0 passed, 1 failed');
  });

  test.each([
    ['{', 'a.test.yaml:'],
    ['tests: []', 'needs rules'],
    ['rules: [none.yaml]\ntests: []', 'needs tests'],
    [`${HOST}  - {test: x, events: [{close: {fd: 1}}]}`, 'needs alerts or no_alerts'],
    [`${HOST}  - {test: x, no_alerts: others}`, 'needs events'],
    [`${HOST}  - {test: x, events: [{close: {fdd: 1}}], no_alerts: others}`, 'did you mean fd?'],
    [
      `${HOST}  - {test: x, events: [{close: {fd: 1}}], no_alerts: [Secet read]}`,
      'did you mean Secret read?',
    ],
    [`rules: ${'['.repeat(20_000)}`, 'a.test.yaml:'],
    [
      `a: &a [1]\n${Array.from({ length: 9 }, (_, i) => `${'b'.repeat(i + 1)}: &${'b'.repeat(i + 1)} [${`*${i === 0 ? 'a' : 'b'.repeat(i)}, `.repeat(9)}]`).join('\n')}`,
      'a.test.yaml: Excessive alias count',
    ],
  ])('%.40s: %s', async (text, message) => {
    folder.file('rules.yaml', RULES);
    const { status, out } = await saker('test', folder.file('a.test.yaml', text));
    expect(status).toBe(1);
    expect(out).toContain(message);
  });

  test('whose rules do not load is a failure that shows their errors', async () => {
    folder.file('rules.yaml', RULES.replace('fd.num', 'fd.nmu'));
    const path = folder.file(
      'a.test.yaml',
      `${HOST}  - {test: x, events: [{close: {fd: 1}}], no_alerts: others}`,
    );
    const { status, out } = await saker('test', path);
    expect(status).toBe(1);
    expect(out).toContain('fd.num');
    expect(out).toContain('rules.yaml');
  });
});
