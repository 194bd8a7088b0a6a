// Kernel tests in a guest without KVM, where starting a process takes seconds: one for all files, and
// none of the other projects. They are JavaScript already, see bundle.config.mjs.

/** A whole agent takes a minute to start: it runs here when it is named, as e2e/persistence. */
export const E2E = ['evasion', 'self-protection', 'persistence'];
const named = E2E.filter((name) => process.argv.join(' ').includes(`e2e/${name}`));

export default {
  test: {
    include: ['build/kernel/*.test.js', ...named.map((name) => `build/e2e/${name}.test.js`)],
    pool: 'forks',
    isolate: false,
    fileParallelism: false,
    reporters: 'verbose',
    testTimeout: 240_000,
    hookTimeout: 240_000,
    slowTestThreshold: 10_000,
    // Node reads them itself: through Vite a guest took a minute for what takes five seconds.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
};
