// The tests of test/kernel, those of test/e2e that a guest can run, and what runs them, as one file: a guest
// takes a tenth of a second for each module that it has to find and read. It lies as deep as test files do,
// so that paths from them hold.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** A whole agent takes a minute to start: these run when they are named. */
const E2E = ['evasion', 'self-protection', 'persistence', 'target'];
const kernel = readdirSync('test/kernel').filter((name) => name.endsWith('.test.ts'));
const paths = [
  ...kernel.map((name) => `test/kernel/${name}`),
  ...E2E.map((name) => `test/e2e/${name}.test.ts`),
];
const imports = paths.map((path) => `'${path}': () => import('${resolve(path)}')`);

/** The module `tests`, see tests.d.ts. */
const tests = {
  name: 'tests',
  resolveId: (id) => (id === 'tests' ? id : undefined),
  load: (id) => (id === 'tests' ? `export const TESTS = { ${imports.join(', ')} };` : undefined),
};

export default {
  input: 'test/vm/main.ts',
  platform: 'node',
  plugins: [tests],
  resolve: { alias: { vitest: resolve('test/vm/vitest.ts') } },
  external: ['koffi', 'classic-level'], // have parts that are no JavaScript
  output: { file: 'build/guest/main.js', codeSplitting: false, sourcemap: true },
};
