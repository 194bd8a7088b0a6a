// `saker test`: runs rule unit tests, events in, expected alerts out.

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFailure, readText } from '../config/read-text.js';
import { RuleError, UsageError } from '../errors.js';
import { OWN_RULES } from '../files.js';
import { printableJson } from '../rules/source.js';
import type { Console } from './flags.js';
import { parseTestFile } from './test-file.js';
import { testJson, testJunit, testText, totalOf } from './test-report.js';
import { type FileResult, runTestFile } from './test-run.js';

/**
 * Runs the test files given, and those of the folders given; none: the tests of the rules that come
 * with Saker.
 *
 * @param junit where the result is written as JUnit XML, too
 * @returns 1 when a test failed or a file could not be run
 */
export async function testRules(
  paths: readonly string[],
  options: { json: boolean; junit?: string },
  console: Console,
): Promise<number> {
  const names = (paths.length === 0 ? [join(OWN_RULES, 'tests')] : paths).flatMap(filesOf);
  const results = names.map(runFile);
  if (options.junit !== undefined) writeJunit(options.junit, testJunit(results));
  console.out(options.json ? `${printableJson(testJson(results))}\n` : testText(results));
  return totalOf(results).failed === 0 ? 0 : 1;
}

function runFile(name: string): FileResult {
  const text = attempt(name, () => readText(name).text);
  try {
    return runTestFile(parseTestFile(text, name));
  } catch (error) {
    if (error instanceof RuleError) return { file: name, problems: [error.message], tests: [] };
    throw error;
  }
}

// Folders inside are searched too; what begins with a dot is left out.
function filesOf(path: string): string[] {
  if (!attempt(path, () => statSync(path).isDirectory())) return [path];
  const found = attempt(path, () => readdirSync(path, { recursive: true, encoding: 'utf8' }))
    .filter((name) => /[._]test\.ya?ml$/.test(name) && !/(^|\/)(\.|node_modules\/)/.test(name))
    .sort()
    .map((name) => join(path, name))
    .filter((name) => attempt(name, () => statSync(name).isFile()));
  if (found.length > 0) return found;
  throw new UsageError('USAGE', `${path} holds no rule tests`, {
    hint: 'files of rule tests end in .test.yaml or _test.yaml',
  });
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new UsageError('USAGE', `cannot read ${path}: ${readFailure(cause)}`, {
      hint: 'name an existing file or folder of rule tests',
      cause,
    });
  }
}

function writeJunit(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new UsageError('USAGE', `cannot write ${path}: ${readFailure(cause)}`, {
      hint: 'name a file in an existing folder that you may write to',
      cause,
    });
  }
}
