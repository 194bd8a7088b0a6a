// What is set over the file: `-o`, and variables of the environment.

import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config.js';
import { ROTATION_DEFAULTS } from './output-defaults.js';
import { problems } from './problems.js';

describe('-o', () => {
  const config = (...overrides: string[]) => parseConfig('json_output: true', 'f', overrides);

  test('sets a key over the file', () => {
    expect(config('json_output=false').json_output).toBe(false);
    expect(config('json_output=false', 'json_output=true').json_output).toBe(true);
  });

  test('reaches keys inside of others', () => {
    expect(config('file_output.filename=/tmp/a', 'file_output.enabled=true').file_output).toEqual({
      enabled: true,
      filename: '/tmp/a',
      keep_alive: false,
      rotation: ROTATION_DEFAULTS,
      filter: '',
      minimum_priority: 'debug',
    });
  });

  test('sets and adds entries of a list, as Falco does', () => {
    expect(config('rules[].disable.tag=network', 'rules[].enable.rule=A*').rules).toEqual([
      { enable: false, tag: 'network' },
      { enable: true, rule: 'A*' },
    ]);
    expect(config('rules_files[0]=/a', 'rules_files[1]=/b').rules_files).toEqual(['/a', '/b']);
  });

  test('adds to the outputs that are added anyway', () => {
    expect(config('append_output[].extra_output=x').append_output).toMatchObject([
      { suggestedOutput: true },
      { suggestedOutput: false, extraOutput: 'x' },
    ]);
  });

  test('takes a format text that is no YAML as it is', () => {
    expect(config('append_output[0].extra_output=%proc.name: x').append_output).toMatchObject([
      { extraOutput: '%proc.name: x' },
    ]);
  });

  test.each([
    ['json_output', '-o json_output: expected KEY=VALUE'],
    ['=x', '-o =x: expected KEY=VALUE'],
    ['json_output=7', '-o json_output: expected true or false, found 7'],
    ['jason_output=1', '-o unknown key jason_output; did you mean json_output?'],
    ['__proto__.x=1', '-o unknown key __proto__'],
  ])('%s is refused', (override, message) => {
    expect(problems('', [override])).toEqual([message]);
  });
});

describe('variables of the environment', () => {
  const read = (text: string) => parseConfig(text, 'f', [], { DIR: '/var', ON: 'true' });

  test('are put into texts and may be a truth value', () => {
    expect(read(`json_output: \${ON}\ncontrol_socket: \${DIR}/s`)).toMatchObject({
      json_output: true,
      control_socket: '/var/s',
    });
  });

  test('are left alone behind a second dollar sign', () => {
    expect(read(`control_socket: /$\${DIR}`).control_socket).toBe(`/\${DIR}`);
  });
});
