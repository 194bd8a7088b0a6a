// The daemon's own log.
import { expect, test } from 'vitest';
import { Voice } from '../../../src/agent/voice.js';
import { parseConfig } from '../../../src/config.js';
import { type LogOptions, makeLog } from '../../../src/log.js';

function logged(options: Partial<LogOptions>, act: (log: ReturnType<typeof makeLog>) => void) {
  const lines: string[] = [];
  act(
    makeLog({
      level: 'info',
      enabled: true,
      readable: false,
      write: (line) => lines.push(line),
      ...options,
    }),
  );
  return lines;
}

test('a log line is one JSON object with level, time and message', () => {
  const [line] = logged({}, (log) => log.warn({ hook: 'on_exec' }, 'not attached'));
  expect(JSON.parse(line ?? '')).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    hook: 'on_exec',
    msg: 'not attached',
  });
});

test('a log line for a person is one line, whatever the values hold', () => {
  const [line] = logged({ readable: true }, (log) => log.info({ comm: 'a\nb\u001b[2J' }, 'seen'));
  expect(line).toMatch(/^\d\d:\d\d:\d\d info seen comm="a\\nb\\u001b\[2J"\n$/);
});

test('lines below the level are left out, and all of them when the log is off', () => {
  expect(logged({ level: 'error' }, (log) => log.warn('x'))).toEqual([]);
  expect(logged({ enabled: false }, (log) => log.fatal('x'))).toEqual([]);
});

test('an error is logged with its code', () => {
  const error = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  const [line] = logged({}, (log) => log.error({ err: error }, 'lost'));
  expect(JSON.parse(line ?? '')).toMatchObject({ err: { code: 'ENOSPC', message: 'disk full' } });
});

test('a secret is in no line, whoever said it and however it is written', () => {
  const secrets = new Set(['hunter2-secret', 'with "quotes"']);
  const error = new Error('401 for hunter2-secret');
  for (const readable of [true, false]) {
    const lines = logged({ secrets, readable }, (log) => {
      log.error({ err: error, program: 'curl -H "x: hunter2-secret"' }, 'hunter2-secret');
      log.warn({ reason: 'with "quotes"' }, 'no');
    });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/hunter2|quotes/);
    expect(lines[0]).toContain('curl -H');
    if (!readable) for (const line of lines) JSON.parse(line);
  }
});

test('neither is it in what the agent says beside its log', () => {
  const said: string[] = [];
  const voice = new Voice({
    config: parseConfig('', 'test'),
    person: false,
    writeLog: (line) => said.push(line),
    secrets: new Set(['hunter2-secret']),
  });
  voice.log.error({ program: 'x hunter2-secret' }, 'the program does not take alerts');
  voice.failed({ code: 'SINK_WRITE', message: 'cannot open /hunter2-secret', exitStatus: 1 });
  expect(said).toHaveLength(2);
  expect(said.join('')).not.toContain('hunter2');
});
