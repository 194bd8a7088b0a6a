// The command line: what is printed where, and the exit status of every kind of end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runConfig } from '../../../src/cli/configured.js';
import { fieldsWithoutSource } from '../../../src/cli/field-source.js';
import { statsText } from '../../../src/cli/stats.js';
import { saker } from './saker.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-cli-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const RULE = `
- rule: Opened
  desc: A file was opened.
  condition: evt.type = openat and evt.res = SUCCESS
  output: opened %evt.type
  priority: NOTICE
`;

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
    const { status, err } = await saker(command, '-r', join(folder, 'none.yaml'));
    expect(status).toBe(1);
    expect(err).toContain('none.yaml: there is no such file or folder');
  });
});

describe('validate', () => {
  test('accepts rules that are right', async () => {
    const good = file('good.yaml', RULE);
    const { status, out } = await saker('validate', good);
    expect(out).toBe(`${good}: ok\nvalid: 1 rule, 0 errors, 0 warnings\n`);
    expect(status).toBe(0);
  });

  test('points at what is wrong with file, line, column, a caret and the likely name', async () => {
    const bad = file('bad.yaml', RULE.replace('evt.res', 'evt.rse'));
    const { status, out } = await saker('validate', '-r', bad);
    expect(status).toBe(1);
    expect(out).toContain(`${bad}:4:36: error: rule 'Opened':`);
    expect(out).toMatch(/\n +\^+\n/);
    expect(out).toContain('did you mean evt.res?');
    expect(out).toContain(`${bad}: invalid`);
  });

  test('goes on behind a file that is wrong, and says it all as JSON', async () => {
    const bad = file('a.yaml', RULE.replace('evt.res', 'evt.rse'));
    const good = file('b.yaml', RULE.replace('Opened', 'Other'));
    const { status, out } = await saker('validate', '--json', '-r', bad, '-r', good);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      rules: 1,
      files: [
        { name: bad, ok: false },
        { name: good, ok: true },
      ],
      errors: [
        {
          severity: 'error',
          code: 'LOAD_ERR_COMPILE_CONDITION',
          file: bad,
          line: 4,
          column: 36,
          item: { kind: 'rule', name: 'Opened' },
          suggestion: 'evt.res',
        },
      ],
      warnings: [],
    });
  });

  test('prints the rules as json-rules-engine has them, and takes them back', async () => {
    const first = await saker('validate', '--emit', 'json-rules-engine', file('a.yaml', RULE));
    expect(first.status).toBe(0);
    expect(first.err).toContain('valid: 1 rule, 0 errors, 0 warnings');
    expect(JSON.parse(first.out)).toEqual([
      {
        name: 'Opened',
        conditions: {
          all: [
            { fact: 'evt.type', operator: '=', value: 'openat' },
            { fact: 'evt.res', operator: '=', value: 'SUCCESS' },
          ],
        },
        event: {
          type: 'alert',
          params: {
            desc: 'A file was opened.',
            output: 'opened %evt.type',
            priority: 'Notice',
            source: 'syscall',
            tags: [],
          },
        },
      },
    ]);
    const second = await saker(
      'validate',
      '--emit',
      'json-rules-engine',
      file('b.json', first.out),
    );
    expect(second).toMatchObject({ status: 0, out: first.out });
  });

  test('knows one other form of rules', async () => {
    const { status, err } = await saker('validate', '--emit', 'drools', file('a.yaml', RULE));
    expect(status).toBe(2);
    expect(err).toContain('json-rules-engine');
  });

  test('refuses by name a rule whose condition asks for what nothing fills', async () => {
    const rule = RULE.replace('evt.res = SUCCESS', 'evt.asynctype = x');
    const { status, out } = await saker('validate', file('a.yaml', rule));
    expect(status).toBe(1);
    expect(out).toContain("error: rule 'Opened': its condition needs evt.asynctype");
  });

  test('only warns of such a field in the output', async () => {
    const rule = RULE.replace('%evt.type', '%evt.type %evt.asynctype');
    const { status, out } = await saker('validate', '--json', file('a.yaml', rule));
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      warnings: [{ code: 'FIELD_WITHOUT_SOURCE', fields: ['evt.asynctype'] }],
    });
  });
});

describe('run', () => {
  test('ends with status 1 when the configuration is wrong', async () => {
    const config = file('saker.yaml', 'json_ouput: true\n');
    const { status, err } = await saker('run', '-c', config);
    expect(status).toBe(1);
    expect(err).toContain(
      `saker: ${config}:1:1: unknown key json_ouput; did you mean json_output?`,
    );
  });

  test('ends with status 3 when the user may not load programs, and says what to do', async () => {
    vi.spyOn(process, 'geteuid').mockReturnValue(1000);
    const { status, err } = await saker('run', '-r', file('a.yaml', RULE));
    expect(status).toBe(3);
    expect(err).toBe(
      'saker: saker run needs root: it loads programs into the kernel\n' +
        'saker: run it with sudo, or as root\n',
    );
  });

  test('takes its switches for keys of the configuration, over -c and -o', () => {
    const { config } = runConfig({
      config: file('c.yaml', 'json_output: false\npriority: error\n'),
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

describe('fields', () => {
  test('lists those that begin with a prefix, with type and meaning', async () => {
    const { status, out } = await saker('fields', 'evt.ty');
    expect(status).toBe(0);
    expect(out).toMatch(/^field +type +available +meaning\n/);
    expect(out).toMatch(/^evt\.type +CHARBUF +yes +\S/m);
    expect(out).not.toContain('proc.name');
  });

  test('as JSON says what can be used, and how', async () => {
    const { out } = await saker('fields', '--json');
    const found: unknown = JSON.parse(out);
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.type', type: 'CHARBUF', available: true }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.arg', argument: 'required', available: true }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'evt.asynctype', available: false }),
    );
  });

  test('refuses a prefix that no field has, with the nearest', async () => {
    const { status, err } = await saker('fields', 'proc.nmae');
    expect(status).toBe(2);
    expect(err).toContain('did you mean proc.name?');
  });

  test('are looked for in conditions, right-hand sides, transformers and outputs', () => {
    const field = (name: string) => ({ kind: 'field' as const, name, at });
    const at = { line: 0, column: 0, offset: 0 };
    const transformer = {
      kind: 'transformer' as const,
      name: 'val' as const,
      args: [field('evt.asynctype')],
      at,
    };
    const found = fieldsWithoutSource({
      condition: {
        kind: 'not',
        at,
        part: {
          kind: 'check',
          left: field('evt.type'),
          operator: '=',
          operatorAt: at,
          right: transformer,
          at,
        },
      },
      output: '%toupper(evt.asynctype) %evt.type',
    });
    expect(found).toEqual({ condition: ['evt.asynctype'], output: ['evt.asynctype'] });
  });
});

describe('stats', () => {
  test('without an agent end with status 1 and the way to have one', async () => {
    const { status, err } = await saker('stats', '--socket', join(folder, 'agent.sock'));
    expect(status).toBe(1);
    expect(err).toMatch(
      /^saker: no agent answers at .*agent\.sock\nsaker: start one with: saker run/,
    );
  });

  test('for people are tables of what was seen', () => {
    const counts = { seen: 1, filtered: 0, suppressed: 0, sent: 1, lost: 0 };
    expect(
      statsText({
        types: {
          openat: { ...counts, seen: 1200 },
          connect: counts,
          never: { ...counts, seen: 0 },
        },
        received: 2,
        alerts: { Opened: 3 },
        outputs: { stdout: { queued: 0, delivered: 3, retried: 0, dropped: 0 } },
        alerts_muted: {},
        alerts_suppressed: {},
        alerts_dropped: 0,
        faults: { malformed_records: 0, events_undecided: 2 },
        containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
        cpu_s: 1.25,
        rss_bytes: 80_000_000,
        uptime_s: 3700,
      }),
    ).toBe(
      [
        'up 1 h 1 min, 1.3 s of CPU, 80 MB resident, 2 events received',
        '',
        'event    seen  filtered  suppressed  sent  lost',
        'openat   1200         0           0     1     0',
        'connect     1         0           0     1     0',
        '',
        'rule    alerts',
        'Opened       3',
        '',
        'output  queued  delivered  retried  dropped',
        'stdout       0          3        0        0',
        '',
        'fault             times',
        'events_undecided      2',
        '',
      ].join('\n'),
    );
  });

  test('tell how outputs and the spool are when something is wrong', () => {
    const output = { queued: 7, delivered: 3, retried: 2, dropped: 1, refused: 1 };
    const now_s = Date.now() / 1000;
    const text = statsText({
      types: {},
      received: 0,
      alerts: {},
      outputs: {
        http: {
          ...output,
          failing: true,
          lag_s: 125,
          last_error: 'POST to http: 503 \u001b[2J',
          last_error_s: now_s - 10.5,
        },
        kafka: { ...output, failing: false, lag_s: 0, last_error: 'too large', last_error_s: 0 },
        splunk: { ...output, failing: false, lag_s: 0 },
      },
      spool: { alerts: 7, bytes: 12_300_000, dropped: 0, on_disk: false },
      alerts_muted: {},
      alerts_suppressed: {},
      alerts_dropped: 0,
      faults: {},
      containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
      cpu_s: 0,
      rss_bytes: 0,
      uptime_s: 0,
    });
    expect(text).toContain(
      'http does not take alerts, 2 min 5 s behind; last error 10 s ago: POST to http: 503 ',
    );
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/^kafka takes alerts; last error .* ago: too large$/m);
    expect(text).not.toMatch(/^splunk .*error/m);
    expect(text).toContain(
      '7 alerts (12.3 MB) wait in the spool, in memory only: the disk refuses them',
    );
  });

  test.each([['events', '--filter', 'bad'], ['stats']])(
    '%s do not start a sensor for a socket that was named',
    async (...args) => {
      const { status } = await saker(...args, '--socket', join(folder, 'none.sock'));
      expect(status).toBe(1);
    },
  );
});
