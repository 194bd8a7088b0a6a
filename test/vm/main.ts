// Runs the bundled tests in a guest, one file after the other in this process, and prints a line for each.
// Its arguments are parts of the paths of the files to run; those of test/e2e run when they are named with that.

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { type File, type Suite, startTests, type Test, type VitestRunner } from '@vitest/runner';
import { getFullName, getTests, hasFailed } from '@vitest/runner/utils';
import { TESTS } from 'tests';

const LIMIT_MS = 240_000;

const runner: VitestRunner = {
  config: {
    root: process.cwd(),
    setupFiles: [],
    name: undefined,
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: LIMIT_MS,
    hookTimeout: LIMIT_MS,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: true,
  },
  importFile: (path) => TESTS[path]?.(),
  onAfterRunTask: (test: Test) => {
    const { state, duration = 0 } = test.result ?? {};
    console.log(`${state === 'pass' ? ' ✓' : ' ×'} ${getFullName(test)} ${Math.round(duration)}ms`);
    tellErrors(test);
  },
  onAfterRunSuite: (suite: Suite) => {
    if (!('filepath' in suite)) tellErrors(suite);
  },
};

let strays = 0;
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    strays += 1;
    console.log(` × ${event}: ${error instanceof Error ? placed(error.stack ?? '') : error}`);
  });

const patterns = process.argv.slice(2);
const files: File[] = [];
// The first line opens what stays open, which no test is to find open afterwards.
console.log(`tests of ${patterns.join(', ') || 'test/kernel'}`);
for (const path of Object.keys(TESTS)) {
  const isKernel = path.startsWith('test/kernel/');
  const isNamed = patterns.some((one) => path.includes(one) && (isKernel || one.includes('e2e/')));
  if (!isNamed && !(isKernel && patterns.length === 0)) continue;
  const ran = await startTests([path], runner);
  ran.forEach(tellErrors);
  files.push(...ran);
}
const tests = getTests(files);
for (const test of tests) if (test.mode === 'skip') console.log(` ↓ ${getFullName(test)}`);
const failed = hasFailed(files) || strays > 0 || tests.length === 0;
// As vitest's own summary.
console.log(` Test Files  ${summary(files)}\n      Tests  ${summary(tests)}`);
process.exit(failed ? 1 : 0);

function summary(tasks: readonly (File | Test)[]): string {
  const states = tasks.map((task) =>
    hasFailed(task) ? 'fail' : (task.result?.state ?? task.mode),
  );
  const count = (state: string): number => states.filter((one) => one === state).length;
  const parts = [
    [count('fail'), 'failed'],
    [count('pass'), 'passed'],
    [count('skip'), 'skipped'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${told.join(' | ')} (${tasks.length})`;
}

function tellErrors(task: Test | Suite): void {
  for (const { message, diff, stack } of task.result?.errors ?? [])
    console.log(` × ${getFullName(task)}\n${message}\n${diff ?? ''}\n${placed(stack ?? '')}`);
}

/** A stack with places in the sources instead of in the bundle, without those of packages. */
function placed(stack: string): string {
  const map = new SourceMap(JSON.parse(readFileSync(`${import.meta.filename}.map`, 'utf8')));
  return stack
    .replace(/[^\s(]*main\.js:(\d+):(\d+)/g, (place, line, column) => {
      const entry = map.findEntry(line - 1, column - 1);
      return 'originalSource' in entry
        ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : place;
    })
    .replace(/\n.*node_modules.*/g, '');
}
