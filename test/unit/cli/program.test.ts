import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runConfig } from '../../../src/cli/configured.js';
import { RULE, testFolder } from './folder.js';
import { saker } from './saker.js';

const folder = testFolder();
afterEach(() => vi.restoreAllMocks());

describe('the command line', () => {
  test('prints its version', async () => {
    const { status, out } = await saker('--version');
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([['--help'], ['help', 'run'], ['run', '--help'], ['validate', '--help']])(
    'prints help for %s',
    async (...args) => {
      const { status, out, err } = await saker(...args);
      expect(status).toBe(0);
      expect(out).toContain('Usage: saker');
      expect(out).not.toContain('[]');
      expect(err).toBe('');
    },
  );

  test.each([
    [[], 'no command was given'],
    [['rnu'], "unknown command 'rnu'"],
    [['run', '--jsn'], '(Did you mean --json?)'],
    [['run', '-r'], 'argument missing'],
    [['stats', 'extra'], 'too many arguments'],
    [['record'], "missing required argument 'file'"],
    [['record', 'x.cap', '--for', 'long'], '--for long is no length of time'],
    [['record', 'x.cap', '--max-size', '1k'], '--max-size 1k is no number of MiB'],
  ])('%j is wrong use: status 2 and one line that says why', async (args, message) => {
    const { status, out, err } = await saker(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toMatch(/^saker: /);
  });
});

describe('validate and run', () => {
  test.each(['validate', 'run'])('that do not exist end %s with status 1', async (command) => {
    const { status, err } = await saker(command, '-r', join(folder.path, 'none.yaml'));
    expect(status).toBe(1);
    expect(err).toContain('none.yaml: there is no such file or folder');
  });
});

describe('run', () => {
  test('ends with status 1 when the configuration is wrong', async () => {
    const config = folder.file('saker.yaml', 'json_ouput: true\n');
    const { status, err } = await saker('run', '-c', config);
    expect(status).toBe(1);
    expect(err).toContain(
      `saker: ${config}:1:1: unknown key json_ouput; did you mean json_output?`,
    );
  });

  test('ends with status 3 when the user may not load programs, and says what to do', async () => {
    vi.spyOn(process, 'geteuid').mockReturnValue(1000);
    const { status, err } = await saker('run', '-r', folder.file('a.yaml', RULE));
    expect(status).toBe(3);
    expect(err).toBe(
      'saker: saker run needs root: it loads programs into the kernel\n' +
        'saker: run it with sudo, or as root\n',
    );
  });

  test('takes its switches for keys of the configuration, over -c and -o', () => {
    const { config } = runConfig({
      config: folder.file('c.yaml', 'json_output: false\npriority: error\n'),
      rules: [],
      option: ['json_output=false', 'ring_bytes=65536'],
      json: true,
      skipInvalid: true,
      socket: '/tmp/a: b.sock',
    });
    expect(config).toMatchObject({
      json_output: true,
      priority: 3,
      ring_bytes: 65536,
      skip_invalid_rules: true,
      control_socket: '/tmp/a: b.sock',
    });
  });
});
