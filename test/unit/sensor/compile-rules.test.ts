// What the sensor makes of rules.

import { expect, test } from 'vitest';
import { ENFORCEMENT_DEFAULTS, type EnforcementMode } from '../../../src/config/enforcement.js';
import { compileRules } from '../../../src/sensor/compile-rules.js';
import { stageOf } from './stage.js';

test.each<[action: string, mode: EnforcementMode, prompt: boolean]>([
  ['kill', 'on', true],
  ['kill', 'audit', false],
  ['kill', 'off', false],
  ['notify', 'on', false],
])('what rules with the action %s and mode %s are told is acted on: %s', (action, mode, prompt) => {
  const { prepared } = stageOf([
    { rule: 'r', desc: 'd', condition: 'evt.type = execve', output: 'o', priority: 'INFO', action },
  ]);
  const enforcement = { ...ENFORCEMENT_DEFAULTS, mode };
  expect(compileRules({ ...prepared, enforcement }, 1).prompt).toBe(prompt);
});

test.each([
  ['file.sha256[exepath] = 00', true],
  ['proc.exepath in lookup(/etc/saker/paths)', true],
  ['proc.exepath = /bin/true', false],
])('what is told to find out whether %s is acted on: %s', (question, prompt) => {
  const condition = `evt.type = execve and ${question}`;
  const { prepared } = stageOf([
    { rule: 'r', desc: 'd', condition, output: 'o', priority: 'INFO' },
  ]);
  expect(compileRules(prepared, 1).prompt).toBe(prompt);
});
