// The tests of test/kernel, and those of test/e2e that a guest can run, as JavaScript: what they share is one file,
// because a guest takes a tenth of a second for each module that it has to find, read and compile. They come to lie
// as deep as they are, in build/kernel and build/e2e, so that paths from them hold.
import { readdirSync } from 'node:fs';
import { E2E } from './vitest.config.mjs';

const kernel = readdirSync('test/kernel').filter((name) => name.endsWith('.test.ts'));
const tests = [...kernel.map((name) => `kernel/${name}`), ...E2E.map((name) => `e2e/${name}.test.ts`)];

export default {
  input: Object.fromEntries(tests.map((name) => [name.replace(/\.ts$/, ''), `test/${name}`])),
  platform: 'node',
  external: /^[^./]/, // packages stay where npm puts them
  output: {
    dir: 'build',
    chunkFileNames: 'guest/[name].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    sourcemap: true,
  },
};
