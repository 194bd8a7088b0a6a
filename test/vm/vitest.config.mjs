// Kernel tests in a guest without KVM, where starting a process takes seconds: one for all files, and
// none of the other projects. Plain JavaScript, so that it needs no bundler.

export default {
  test: {
    include: ['test/kernel/**/*.test.ts', 'test/e2e/{evasion,persistence,self-protection}.test.ts'],
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
