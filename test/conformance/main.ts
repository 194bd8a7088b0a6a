// npm run conformance -- [DIR] [--verbose]: runs the case files of a directory against this build,
// prints passed and failed per file and group, and exits with 1 when anything failed.

import { resolve } from 'node:path';
import { type FileResult, runSuite, total } from './run.js';
import { SUITES } from './suites.js';

const args = process.argv.slice(2);
const verbose = args.includes('--verbose');
const directory = resolve(args.find((arg) => !arg.startsWith('-')) ?? '../shared/conformance');

const results = SUITES.map((suite) => runSuite(suite, directory));
for (const result of results) print(result);
const sum = total(results);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
if (results.every((result) => result.absent)) {
  console.error(`no case file in ${directory}`);
  process.exitCode = 1;
}
if (sum.failed > 0) process.exitCode = 1;

function print(result: FileResult): void {
  if (result.absent) {
    console.log(`${result.file}: absent, not run`);
    return;
  }
  const all = total([result]);
  console.log(`${result.file}: ${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped`);
  for (const [group, count] of result.groups) {
    if (!verbose && count.failed === 0) continue;
    console.log(`  ${group}: ${count.passed} passed, ${count.failed} failed`);
  }
  for (const { id, reason } of result.failures) console.log(`  ${id}: ${reason}`);
}
