// docs/outputs.md: its configurations are ones, its lines are what the formats print.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OUTPUT_FORMATS } from '../../src/config/http-outputs.js';
import { parseConfig } from '../../src/config.js';
import { lineFormatter } from '../../src/output/format.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'outputs.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', text = '']) => ({
    kind,
    text,
  }),
);

const VARIABLES = { HOOK_TOKEN: 'a', HOOK_SECRET: 'b', ELASTIC_API_KEY: 'c', SPLUNK_TOKEN: 'd' };

test.each(blocks.filter(({ kind }) => kind === 'yaml').map(({ text }) => text))(
  'a configuration: %s',
  (text) => {
    expect(parseConfig(text, 'outputs.md', [], VARIABLES)).toBeDefined();
  },
);

test('the lines are those of one alert', () => {
  const line = (kind: string): string | undefined =>
    blocks.find((block) => block.kind === kind)?.text.trimEnd();
  for (const format of OUTPUT_FORMATS)
    expect(line(format), format).toBe(lineFormatter(format, '0.1.0')(line('falco') ?? ''));
});

test('every key of an output is named', () => {
  const config: Record<string, unknown> = { ...parseConfig('', 'none') };
  for (const output of ['http', 'syslog', 'elasticsearch', 'splunk', 'program', 'file']) {
    const keys = Object.keys(config[`${output}_output`] ?? {});
    expect(keys.length, output).toBeGreaterThan(3);
    for (const key of keys)
      expect(page, `${output}_output.${key}`).toMatch(
        new RegExp(`\\b${key.replace(/_ms$/, '')}\\b`),
      );
  }
});
