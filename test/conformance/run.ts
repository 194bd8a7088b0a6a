// Runs the suites over a directory of case files and counts.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, type Outcome, type Suite, texts } from './case.js';
import { SKIPPED } from './skipped.js';

/** What came of one file, by group. */
export interface FileResult {
  file: string;
  /** The file is not in the directory: nothing was run. */
  absent: boolean;
  groups: Map<string, Count>;
  failures: { id: string; reason: string }[];
}

export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs every case of one suite; a case that throws has failed. */
export function runSuite(suite: Suite, directory: string): FileResult {
  const path = join(directory, suite.file);
  const file = suite.name ?? suite.file;
  const result: FileResult = { file, absent: false, groups: new Map(), failures: [] };
  if (!existsSync(path)) return { ...result, absent: true };
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  for (const one of suite.cases(content)) {
    const count = countOf(result, one.group ?? '(no group)');
    const outcome = judged(one, outcomeOf(suite, one, directory));
    if (outcome === 'pass') count.passed++;
    else if (outcome === 'skip') count.skipped++;
    else {
      count.failed++;
      result.failures.push({ id: one.id, reason: outcome.fail });
    }
  }
  return result;
}

/** The sum over all groups of some files. */
export function total(results: readonly FileResult[]): Count {
  const sum: Count = { passed: 0, failed: 0, skipped: 0 };
  for (const result of results) {
    for (const count of result.groups.values()) {
      sum.passed += count.passed;
      sum.failed += count.failed;
      sum.skipped += count.skipped;
    }
  }
  return sum;
}

// Only what is no fault of ours may be on the list, and only while it is needed there.
function judged(one: Case, outcome: Outcome): Outcome | 'skip' {
  if (SKIPPED[one.id] === undefined) return outcome;
  if (texts(one.quirk).length === 0 && one.group !== LENIENT_YAML)
    return { fail: 'is neither a quirk nor about YAML, and must not be skipped' };
  return outcome === 'pass' ? { fail: 'passes, and must not be skipped' } : 'skip';
}

/** The group of the cases with YAML that only the reference's parser accepts. */
const LENIENT_YAML = 'document';

function outcomeOf(suite: Suite, one: Case, directory: string): Outcome {
  try {
    return suite.run(one, directory);
  } catch (error) {
    return { fail: `threw ${error instanceof Error ? error.stack : String(error)}` };
  }
}

function countOf(result: FileResult, group: string): Count {
  const known = result.groups.get(group);
  if (known !== undefined) return known;
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  result.groups.set(group, count);
  return count;
}
