// What the sensor makes of rules.

import { expect, test } from 'vitest';
import { ENFORCEMENT_DEFAULTS, type EnforcementMode } from '../../../src/config/enforcement.js';
import { compileRules } from '../../../src/sensor/compile-rules.js';
import { stageOf } from './stage.js';

test.each<[action: string, mode: EnforcementMode, acting: boolean]>([
  ['kill', 'on', true],
  ['kill', 'audit', false],
  ['kill', 'off', false],
  ['notify', 'on', false],
])('rules with the action %s act in mode %s: %s', (action, mode, acting) => {
  const { prepared } = stageOf([
    { rule: 'r', desc: 'd', condition: 'evt.type = execve', output: 'o', priority: 'INFO', action },
  ]);
  const enforcement = { ...ENFORCEMENT_DEFAULTS, mode };
  expect(compileRules({ ...prepared, enforcement }, 1).acting).toBe(acting);
});
