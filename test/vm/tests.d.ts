/** Made by bundle.config.mjs. */
declare module 'tests' {
  /** What reads each test file, by its path. */
  export const TESTS: Readonly<Record<string, () => Promise<unknown>>>;
}
