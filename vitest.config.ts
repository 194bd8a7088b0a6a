import { defineConfig } from 'vitest/config';

// One project per kind of test, so that a developer runs a part in seconds:
// `npm run test:unit`, `npm run test:kernel`, `npm run test:e2e`.
const serial = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: 'test/kernel/prepare.ts',
          pool: 'forks',
          ...serial,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/kernel/prepare.ts',
          pool: 'forks',
          ...serial,
        },
      },
    ],
  },
});
