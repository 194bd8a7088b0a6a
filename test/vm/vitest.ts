// What test files import as `vitest` in a guest: vitest's own runner and matchers, without the server, the
// worker and the module loader around them, which take a guest without KVM forty seconds to start.

import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  setState,
} from '@vitest/expect';
import { getCurrentTest } from '@vitest/runner';

export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  onTestFinished,
  test,
} from '@vitest/runner';

chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** As vitest's, without what it has for snapshots, polling and counts of assertions. */
export const expect = Object.assign(
  (value: unknown, message?: string) => {
    const assertion = chai.expect(value, message);
    // Its test waits for one that is not awaited.
    chai.util.flag(assertion, 'vitest-test', getCurrentTest());
    return assertion;
  },
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect });
setState({}, expect);

export const vi = {
  /** Calls `check` until it does not throw. @throws what it throws at last, when the time is over */
  async waitFor<T>(
    check: () => T | Promise<T>,
    { timeout, interval }: { timeout: number; interval: number },
  ): Promise<T> {
    const end = Date.now() + timeout;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (Date.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  },
};
