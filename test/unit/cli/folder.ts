// A folder of its own for each test of a file, with what the command line is given.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** The folder of the test that runs. */
export interface TestFolder {
  path: string;
  /** Writes a file there, and returns its path. */
  file(name: string, text: string): string;
}

/** To be called once, at the top of a file of tests: the folder comes and goes with each test. */
export function testFolder(): TestFolder {
  const folder: TestFolder = {
    path: '',
    file(name, text) {
      const path = join(folder.path, name);
      writeFileSync(path, text);
      return path;
    },
  };
  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), 'saker-cli-'));
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

/** A file with one rule that is right. */
export const RULE = `
- rule: Opened
  desc: A file was opened.
  condition: evt.type = openat and evt.res = SUCCESS
  output: opened %evt.type
  priority: NOTICE
`;
