// The condition of `saker events --filter`: what is wrong with it is shown in the words typed.
import { expect, test } from 'vitest';
import { loadCondition } from '../../../src/agent/condition.js';
import type { RuleLoader } from '../../../src/agent/rule-loader-thread.js';
import { prepareRules } from '../../../src/cli/load.js';

const load: RuleLoader = async (options) => prepareRules(options);

async function refusal(condition: string): Promise<string> {
  return loadCondition(condition, load).then(
    () => '',
    (error: Error) => error.message,
  );
}

test.each([
  '',
  'evt.type = open',
  'proc.name in ("a b", \'c\')',
  'evt.type=open\n  and fd.num>0\n',
])('%j is a condition', async (condition) => {
  expect(await refusal(condition)).toBe('');
});

test('a mistake is shown below the condition as it was typed', async () => {
  expect(await refusal('proc.name = "x" and evt.typ = open')).toBe(
    [
      'the condition does not compile',
      'there is no field evt.typ [LOAD_ERR_COMPILE_CONDITION]',
      '       proc.name = "x" and evt.typ = open',
      '                           ^^^^^^^',
      '    did you mean evt.type?',
    ].join('\n'),
  );
});

test.each([
  'a\u001b[2J = b',
  'proc.name = "\u2028x',
  '- rule: x',
  '  evt.type = open or',
  'evt.type=open\n\tor\n  x: y',
  'evt.type = open\r\noutput: x',
  '# nothing',
  '"',
])('%j is refused, and nothing of it reaches the terminal as it is', async (condition) => {
  const message = await refusal(condition);
  expect(message).toMatch(/^the condition does not compile\n.*\[LOAD_ERR_COMPILE_CONDITION\]/);
  expect(message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028]/u);
});
