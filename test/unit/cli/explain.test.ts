// `saker explain` on rules of which some do not load.

import { expect, test } from 'vitest';
import { RULE, testFolder } from './folder.js';
import { saker } from './saker.js';

const folder = testFolder();

const BROKEN = `
- rule: Broken
  desc: Its condition does not end.
  condition: evt.type = openat and
  output: opened
  priority: NOTICE
`;

test('what does not load is told, and the rest is explained', async () => {
  const path = folder.file('rules.yaml', RULE + BROKEN);
  const { status, out, err } = await saker('explain', '-r', path);
  expect(status).toBe(1);
  expect(err).toMatch(/rules\.yaml:\d+:\d+: error: rule 'Broken': /);
  expect(out).toMatch(/^Opened: decided in the kernel\n/);
});

test('where no rule loads the reason is told, and so it is for one that is asked for', async () => {
  const broken = folder.file('broken.yaml', BROKEN);
  const nothing = await saker('explain', '-r', broken);
  expect(nothing).toMatchObject({ status: 1, out: '' });
  expect(nothing.err).toMatch(/broken\.yaml:\d+:\d+: error: rule 'Broken': /);
  const right = folder.file('right.yaml', RULE);
  const asked = await saker('explain', '-r', broken, '-r', right, 'Broken');
  expect(asked.err).toMatch(/error: rule 'Broken': /);
  expect(asked.status).toBe(2);
});

test('rules that load are explained with status 0', async () => {
  const { status, out, err } = await saker('explain', '-r', folder.file('rules.yaml', RULE));
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^1 rule: 1 decided fully/m);
});
