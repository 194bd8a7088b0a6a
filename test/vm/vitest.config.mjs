// Kernel tests in a guest without KVM, where starting a process takes seconds: one for all files, and
// none of the other projects. Plain JavaScript, so that it needs no bundler.

// A whole agent takes a minute to start: it runs here when it is named, as test/e2e/persistence.
const NAMED = ['evasion', 'self-protection', 'persistence'];
const named = NAMED.filter((name) => process.argv.join(' ').includes(`e2e/${name}`));

export default {
  test: {
    include: [
      'test/kernel/**/*.test.ts',
      ...named.map((name) => `test/e2e/${name}.test.ts`),
    ],
    pool: 'forks',
    isolate: false,
    fileParallelism: false,
    reporters: 'verbose',
    testTimeout: 240_000,
    hookTimeout: 240_000,
    slowTestThreshold: 10_000,
    // Filled by the host, see run.sh: a guest takes a quarter of a minute for what is not there.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'build/vm/modules' },
  },
};
