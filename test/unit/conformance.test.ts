// The case files of the rule language, where they are at hand: the same suites that
// `npm run conformance` runs.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runSuite } from '../conformance/run.js';
import { SUITES } from '../conformance/suites.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const DIRECTORY = join(ROOT, '../shared/conformance');

describe('conformance', () => {
  if (!existsSync(DIRECTORY)) {
    test(`the case files are not at ${DIRECTORY}: none were run`, () => {
      expect(SUITES.length).toBeGreaterThan(0);
    });
    return;
  }
  for (const suite of SUITES) {
    test(`every case of ${suite.name ?? suite.file} passes`, () => {
      const { failures, absent } = runSuite(suite, DIRECTORY);
      expect(absent ? [] : failures).toEqual([]);
    });
  }
});
