// The configuration as it is printed: it says the same when it is read again, and shows no secret.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configText } from '../../../src/cli/print-config.js';
import { Remarks, Section } from '../../../src/config/section.js';
import { parseConfig, readConfigText } from '../../../src/config.js';
import { saker } from './saker.js';

const FALCO = readFileSync(new URL('../config/falco.yaml', import.meta.url), 'utf8');

test.each([
  ['nothing', ''],
  ["Falco's", FALCO],
  [
    'rules and outputs',
    'rules: [{disable: {rule: "a*", tag: b}}]\nappend_output: []\npriority: error\nrules_files: []',
  ],
])('of %s it means the same', (_, text) => {
  const loaded = readConfigText(text, 'f', [], { HOME: '/root' });
  expect(parseConfig(configText(loaded), 'printed', [], {})).toEqual(loaded.config);
});

test('the command prints it with its options, needs no privilege, and ends', async () => {
  const option = ['-o', 'priority=error', '-r', '/tmp/r.yaml'];
  const { status, out } = await saker('run', '--print-config', '--json', ...option);
  expect(status).toBe(0);
  expect(parseConfig(out, 'printed')).toMatchObject({
    priority: 3,
    json_output: true,
    rules_files: ['/tmp/r.yaml'],
  });
});

test('a variable with a secret name is not shown, wherever it stands', () => {
  const environment = { API_TOKEN: 'tk-91f3', SITE: 'lab' };
  const text = `static_fields: {a: "x \${API_TOKEN} y", b: "\${SITE}"}`;
  const printed = configText(readConfigText(text, 'f', [], environment));
  expect(printed).not.toContain('tk-91f3');
  expect(printed).toContain('a: x *** y');
  expect(printed).toContain('b: lab');
});

test('a password in a URL is not shown', () => {
  const printed = configText(readConfigText('static_fields: {a: "https://u:pw1@h/"}', 'f'));
  expect(printed).toContain('a: https://u:***@h/');
});

test('a key that is marked as secret is not shown, nor is its value when it is wrong', () => {
  const remarks = new Remarks();
  const problems: string[] = [];
  const tree = { password: { x: 'hunter2' }, headers: { Authorization: 'Bearer abc' } };
  const top = new Section(tree, [], () => 'f: ', problems, remarks);
  expect(top.secret('password')).toBe('');
  expect(top.secretMap('headers')).toEqual({ Authorization: 'Bearer abc' });
  expect(problems).toEqual(['f: password: expected a text']);
  expect([...remarks.secret]).toEqual(['password', 'headers.Authorization']);
  const { config } = readConfigText('static_fields: {a: secret1}', 'f');
  const none = new Set<string>();
  const secrets = { keys: new Set(['static_fields.a']), texts: none, logged: none };
  expect(configText({ config, secrets, foreign: [], warnings: [] })).toContain('a: "***"');
});

test('a mistake does not show the value of a secret variable', () => {
  const read = () =>
    readConfigText(`priority: \${DB_PASSWORD}`, 'f', [], { DB_PASSWORD: 'hunter2' });
  expect(read).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
  );
  expect(read).toThrow(/\*\*\*/);
});

test('a variable that is not set is a mistake with its place', () => {
  const read = () => readConfigText(`json_output: true\ncontrol_socket: \${NONE}/s`, 'f', [], {});
  expect(read).toThrow(/^f:2:17: control_socket: the environment variable "NONE" is not set/m);
});
