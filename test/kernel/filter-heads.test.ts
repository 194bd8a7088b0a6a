// First components of the paths of real files: of each length that the kernel reads by other means, the root by itself,
// and below more components than it walks in one go.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { PathTable } from '../../src/plan/kernel-plan.js';
import { filterFolder } from './filter-folder.js';
import { ALL, classOf, only, openOf, typePlan } from './filter-plan.js';
import { nativeNumber } from './harness.js';

const OPENAT = nativeNumber('openat');
const OTHER = 6;
/** First components that a rule names, by their class. Of longer ones the first eight bytes count. */
const NAMED = ['', 'a', 'abcdefg', 'abcdefgh', 'etc'];

const on = filterFolder();

// The class of each of these paths below a root of their own, where files are made or none.
async function classes(paths: readonly string[], exist: boolean): Promise<(number | undefined)[]> {
  const table: PathTable = {
    exact: new Map(),
    prefixes: new Map(),
    deeper: new Map(),
    other: ALL,
    head: {
      values: new Map(NAMED.map((name, n) => [name, only('path', n)])),
      other: only('path', OTHER),
    },
  };
  for (const path of exist ? paths : []) {
    mkdirSync(join(on.folder, dirname(path)), { recursive: true });
    if (path !== '/') writeFileSync(join(on.folder, path), '');
  }
  on.plans.use([[OPENAT, typePlan({ path: 0, claimed: 0 })]], { paths: [table] });
  const { said, pid } = await on.python.run(
    `os.chroot(${JSON.stringify(on.folder)})`,
    ...paths.map((path) => `os.open(${JSON.stringify(path)}, 0)`),
  );
  if (exist) expect(said).toEqual(['done', ...paths.map(() => 'done')]);
  const found = paths.map((path) => classOf(openOf(on.sensor, { pid }, path), 'path'));
  on.plans.end();
  return found;
}

const BELOW = '/1/2/3/4/5/6/7/8/9/10';
const CASES: readonly (readonly [string, number])[] = [
  ['/a', 1],
  ['/b', OTHER],
  ['/abcdefg', 2],
  ['/abcdef', OTHER],
  ['/abcdefgh', 3],
  ['/abcdefghi', 3],
  [`/abcdefgh${'i'.repeat(9)}`, 3],
  [`/abcdefgh${'i'.repeat(17)}`, 3],
  [`/abcdefgh${'i'.repeat(30)}`, 3],
  ['/etc/x', 4],
  ['/et/c', OTHER],
  ['/etcetera', OTHER],
  [`/etc/${'n'.repeat(50)}`, 4],
  [`/etc${BELOW}`, 4],
  [`/ete${BELOW}`, OTHER],
  [`/abcdefgh.d${BELOW}/${'n'.repeat(40)}`, 3],
];

test('a real file is known by its first component, and so is the root', async () => {
  const cases = [['/', 0] as const, ...CASES];
  const paths = cases.map(([path]) => path);
  expect(await classes(paths, true)).toEqual(cases.map(([, n]) => n));
});

test('so is a file that does not exist, by what its caller wrote', async () => {
  const paths = CASES.map(([path]) => `${path}.missing`);
  const heads = await classes(paths, false);
  const expected = CASES.map(([path, n]) => (path.indexOf('/', 1) < 0 && n < 3 ? OTHER : n));
  expect(heads).toEqual(expected);
});
