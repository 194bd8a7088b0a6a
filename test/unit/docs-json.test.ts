// The examples of the documentation are rules that load, and mean what the text around them says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadForRun } from '../../src/cli/load.js';
import { toEngineRule } from '../../src/rules/engine-rule.js';
import { asWritten } from '../../src/sensor/protocol.js';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'json-rules.md');

/** The examples of a page, under the heading they follow. */
function examples(path: string): { heading: string; text: string }[] {
  let heading = '';
  return readFileSync(path, 'utf8')
    .split(/^(## .*|```[a-z]+\n[\s\S]*?^```)$/m)
    .flatMap((part) => {
      if (part.startsWith('## ')) heading = part.slice(3);
      const text = /^```(?:yaml|json)\n([\s\S]*)```$/.exec(part)?.[1];
      return text === undefined ? [] : [{ heading, text }];
    });
}

function load(text: string) {
  return loadForRun(asWritten([{ name: 'example', text }]));
}

const all = examples(PAGE);

describe('the page on rules as JSON', () => {
  test('has an example for each of its subjects', () => {
    expect(all.map(({ heading }) => heading)).toEqual([
      'A condition as an object',
      'A whole rule as JSON',
      'The hash of a file',
      'Lists of indicators',
    ]);
  });

  test.each(all)('has rules that load without a warning: $heading', ({ text }) => {
    const { failure, warnings, active } = load(text);
    expect(failure?.diagnostics ?? []).toEqual([]);
    expect(warnings).toEqual([]);
    expect(active.length).toBeGreaterThan(0);
  });

  test.each(all)(
    'has rules that load again as json-rules-engine has them: $heading',
    ({ text }) => {
      const emitted = load(text).set.rules.map(toEngineRule);
      const again = load(JSON.stringify(emitted));
      expect(again.warnings).toEqual([]);
      expect(again.set.rules.map(toEngineRule)).toEqual(emitted);
    },
  );

  test('shows an object that means what the text means', () => {
    const conditions = all.map(({ text }) => load(text).active.map((rule) => rule.conditionText));
    expect(conditions).toEqual([
      [
        '(evt.type in (execve, execveat) and proc.name in (sh, bash, dash) and ' +
          'proc.aname[1] in (nginx, httpd, apache2) and not proc.cmdline contains healthcheck)',
      ],
      [
        '(evt.type in (open, openat) and fd.name = /etc/shadow and ' +
          'proc.name in (python3, perl, ruby))',
      ],
      ['(evt.type = execve and proc.exepath startswith /tmp/)'],
      [
        '(evt.type in (execve, execveat) and ' +
          'file.sha256[exepath] in lookup(/etc/saker/bad-hashes.txt))',
        '(evt.type = connect and fd.sip in lookup(/etc/saker/bad-addresses.txt))',
      ],
    ]);
  });
});
