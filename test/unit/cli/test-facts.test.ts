// `saker test` and rules that ask for what no scenario can hold.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../../src/cli/program.js';

test('a rule that asks for a hash cannot be expected to alert, nor to be silent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saker-test-facts-'));
  try {
    const rule = (name: string, condition: string) =>
      `- {rule: ${name}, desc: d, condition: "${condition}", output: o, priority: INFO}\n`;
    writeFileSync(
      join(folder, 'rules.yaml'),
      rule('Unlisted', 'evt.type = open and not file.sha256[exepath] in lookup(/x)') +
        rule('Opened', 'evt.type = open'),
    );
    const scenario = (expectation: string) => {
      const path = join(folder, 'a.test.yaml');
      const start = 'rules: [rules.yaml]\nprocesses: [{pid: 20, exe: /usr/bin/cat, cwd: /}]\n';
      const events = '  - test: t\n    events: [{open: {name: /x, flags: O_RDONLY}}]\n';
      writeFileSync(path, `${start}tests:\n${events}    ${expectation}\n`);
      return path;
    };
    const run = async (path: string) => {
      let out = '';
      const write = (text: string) => {
        out += text;
      };
      return { status: await main(['test', path], { out: write, err: write }), out };
    };
    for (const expectation of ['alerts: [Unlisted]', 'no_alerts: [Unlisted]']) {
      const { status, out } = await run(scenario(expectation));
      expect(out).toContain("rule 'Unlisted' asks for file.sha256 or lookup(...)");
      expect(status).toBe(1);
    }
    expect(await run(scenario('alerts: [Opened]'))).toMatchObject({ status: 0 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
