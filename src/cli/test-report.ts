// What came of rule tests: for people, as JSON, and as JUnit XML for build servers.

import { printable } from '../rules/source.js';
import type { FileResult, TestFailure, TestResult } from './test-run.js';
import type { Reason } from './test-why.js';

/** How many tests passed and failed; a file that cannot be run counts as one failure. */
export interface TestTotal {
  passed: number;
  failed: number;
}

/** The sum over some files. */
export function totalOf(results: readonly FileResult[]): TestTotal {
  const total = { passed: 0, failed: 0 };
  for (const { tests, problems } of results) {
    const passed = tests.filter((test) => test.ok).length;
    total.passed += passed;
    total.failed += tests.length - passed + (problems.length > 0 ? 1 : 0);
  }
  return total;
}

/** A line per file, more for what failed. */
export function testText(results: readonly FileResult[]): string {
  const lines = results.flatMap((result) => {
    const { passed, failed } = totalOf([result]);
    const head = `${printable(result.file)}: ${passed} passed, ${failed} failed`;
    const problems = result.problems.map((problem) => `  ${problem}`);
    return [head, ...problems, ...result.tests.filter((test) => !test.ok).flatMap(failedLines)];
  });
  const { passed, failed } = totalOf(results);
  return `${[...lines, `${passed} passed, ${failed} failed`].join('\n')}\n`;
}

/** The same as data. */
export function testJson(results: readonly FileResult[]): unknown {
  return { ...totalOf(results), files: results };
}

/** The same for build servers: a suite per file, a case per test. */
export function testJunit(results: readonly FileResult[]): string {
  const { passed, failed } = totalOf(results);
  const suites = results.map((result) => {
    const sum = totalOf([result]);
    const cases = [
      ...result.tests.map((test) => junitCase(result, test)),
      ...(result.problems.length > 0 ? [junitError(result)] : []),
    ];
    const errors = result.problems.length > 0 ? 1 : 0;
    return (
      `  <testsuite name="${xml(result.file)}" tests="${sum.passed + sum.failed}"` +
      ` failures="${sum.failed - errors}" errors="${errors}">\n${cases.join('')}  </testsuite>\n`
    );
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites name="saker test" tests="${passed + failed}" failures="${failed}">\n` +
    `${suites.join('')}</testsuites>\n`
  );
}

function failedLines(test: TestResult): string[] {
  const failures = test.failures.flatMap((failure) => failureLines(failure));
  return [
    `  FAILED ${printable(test.name)} (${printable(test.place)})`,
    ...failures.map((line) => `    ${line}`),
  ];
}

function failureLines({ message, event, reasons }: TestFailure): string[] {
  const lines = [printable(message)];
  if (event !== undefined) lines.push(`  ${event}:`);
  return [...lines, ...reasons.slice(0, MAX_REASONS).map(reasonLine), ...more(reasons)];
}

const MAX_REASONS = 12;

function reasonLine({ atom, was, values, depth }: Reason): string {
  const shown = values.map(({ field, value }) =>
    value === undefined ? `${field} is missing` : `${field} is ${JSON.stringify(value)}`,
  );
  const how = was ? 'true, and must not be' : depth > 0 ? 'false, as its alternatives' : 'false';
  return `    ${how}: ${atom}   (${shown.join(', ')})`;
}

function more(reasons: readonly Reason[]): string[] {
  return reasons.length > MAX_REASONS ? [`    and ${reasons.length - MAX_REASONS} more`] : [];
}

function junitCase({ file }: FileResult, test: TestResult): string {
  const head = `    <testcase classname="${xml(file)}" name="${xml(test.name)}"`;
  if (test.ok) return `${head}/>\n`;
  const text = test.failures.flatMap(failureLines).join('\n');
  const first = test.failures[0]?.message ?? '';
  return `${head}>\n      <failure message="${xml(first)}">${xmlText(text)}</failure>\n    </testcase>\n`;
}

function junitError({ file, problems }: FileResult): string {
  const head = `    <testcase classname="${xml(file)}" name="the file can be run"`;
  const text = problems.join('\n');
  return `${head}>\n      <error message="${xml(problems[0] ?? '')}">${xmlText(text)}</error>\n    </testcase>\n`;
}

function xmlText(text: string): string {
  return text.split('\n').map(xml).join('\n');
}

// XML 1.0 has no place for most control characters, not even escaped.
function xml(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"'\n\t\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;
