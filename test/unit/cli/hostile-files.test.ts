// Names given to -r that are no ordinary files: each is read, or refused with status 1 and one line
// that says why, without waiting for ever or filling the memory.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_TEXT_BYTES } from '../../../src/config/read-text.js';
import { saker } from './saker.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function at(name: string): string {
  return join(folder, name);
}

function pipe(name: string): string {
  execFileSync('mkfifo', [at(name)]);
  return at(name);
}

const validate = (path: string) => saker('validate', path);

const RULE = '- {rule: r, desc: d, condition: evt.type=open, output: o, priority: INFO}\n';

test('a pipe that nobody writes to is given up', async () => {
  const { status, err } = await validate(pipe('silent.yaml'));
  expect(status).toBe(1);
  expect(err).toContain('nobody wrote to it and closed it');
});

test('a pipe whose writer writes late is read', async () => {
  const path = pipe('late.yaml');
  spawn('sh', ['-c', 'sleep 0.2; (echo "$1"; sleep 0.2; echo "# end") > "$0"', path, RULE]);
  const { status, out } = await validate(path);
  expect(out).toContain('valid: 1 rule,');
  expect(status).toBe(0);
});

test('a pipe in a folder is no rule file', async () => {
  pipe('pipe.yaml');
  writeFileSync(at('rules.yaml'), RULE);
  expect((await validate(folder)).out).toContain('valid: 1 rule,');
});

test('a test file that is a pipe or has no end is refused', async () => {
  pipe('silent.test.yaml');
  const inFolder = await saker('test', folder);
  expect(inFolder).toMatchObject({
    status: 2,
    err: expect.stringContaining('holds no rule tests'),
  });
  for (const path of [at('silent.test.yaml'), '/dev/zero']) {
    const { status, err } = await saker('test', path);
    expect(status).toBe(2);
    expect(err).toMatch(/nobody wrote to it|it holds more than/);
  }
});

test.each([
  ['/dev/zero', () => '/dev/zero'],
  ['a file with a hole of 2 GiB', () => sparse(2 ** 31)],
  ['a file with a hole of 3 TiB', () => sparse(3 * 2 ** 40)],
  ['a file one byte too long', () => sparse(MAX_TEXT_BYTES + 1)],
])('%s is not read whole', async (_, path) => {
  const { status, err } = await validate(path());
  expect(status).toBe(1);
  expect(err).toContain(`more than ${MAX_TEXT_BYTES} bytes`);
});

function sparse(size: number): string {
  writeFileSync(at('sparse.yaml'), '');
  truncateSync(at('sparse.yaml'), size);
  return at('sparse.yaml');
}

test('links in a circle are refused, by name and in a folder', async () => {
  symlinkSync('b.yaml', at('a.yaml'));
  symlinkSync('a.yaml', at('b.yaml'));
  for (const path of [at('a.yaml'), folder]) {
    const { status, err } = await validate(path);
    expect(status).toBe(1);
    expect(err).toContain('its links lead in a circle');
  }
});

test('a folder that contains itself is read once', async () => {
  mkdirSync(at('rules'));
  writeFileSync(at('rules/a.yaml'), RULE);
  symlinkSync('.', at('rules/loop'));
  symlinkSync('.', at('rules/loop.yaml'));
  expect((await validate(at('rules'))).out).toContain('valid: 1 rule,');
});

test('a socket is refused', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(at('socket.yaml'), resolve));
  const { status, err } = await validate(at('socket.yaml'));
  server.close();
  expect(status).toBe(1);
  expect(err).toContain('it is a socket');
});

test('a file of somebody else is refused', async () => {
  writeFileSync(at('secret.yaml'), RULE, { mode: 0 });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  const { status, err } = await validate(at('secret.yaml'));
  if (isRoot) process.seteuid?.(0);
  expect(status).toBe(1);
  expect(err).toContain('permission denied');
});

test('/dev/null holds no rules', async () => {
  expect((await validate('/dev/null')).out).toContain('valid: 0 rules');
});

test('a name that would take over the terminal is told in letters', async () => {
  const missing = await validate(at('\u001b[2J\u0007.yaml'));
  expect(missing.status).toBe(1);
  writeFileSync(at('\u001b[31m.yaml'), '- {rule: r, desc: d}\n');
  const wrong = await validate(at('\u001b[31m.yaml'));
  expect(wrong.status).toBe(1);
  for (const text of [missing.err, wrong.out]) {
    expect(text).toContain('\\x1b[');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  }
});

test('a name that is too long, or has a NUL in it, is refused', async () => {
  expect((await validate(at('x'.repeat(5000)))).err).toContain('the name is too long');
  expect((await validate(at('a\0b'))).status).toBe(1);
});

test('bytes that are no text end in an error with a place', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919 + i * i) % 256));
  writeFileSync(at('binary.yaml'), bytes);
  const { status, out } = await validate(at('binary.yaml'));
  expect(status).toBe(1);
  expect(out).toMatch(/binary\.yaml:\d+:\d+: error: /);
  expect(out.length).toBeLessThan(3000);
});

test('JSON shows no character that could rearrange a terminal', async () => {
  writeFileSync(at('bidi.yaml'), '- {rule: "\u202e\u009bx", desc: d}\n');
  const { status, out } = await saker('validate', '--json', at('bidi.yaml'));
  expect(status).toBe(1);
  expect(JSON.parse(out).errors[0].item.name).toBe('\u202e\u009bx');
  expect(out).not.toMatch(/[\u202e\u009b]/);
});

test('what has no name is told without one', async () => {
  writeFileSync(at('nameless.yaml'), '- foo: bar\n- rule: [a]\n');
  const { out } = await validate(at('nameless.yaml'));
  expect(out).toContain('nameless.yaml:1:3: warning: unknown item: expected one of');
  expect(out).toContain("nameless.yaml:2:9: error: 'rule' must be a text, not a sequence");
});
