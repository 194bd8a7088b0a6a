// The main thread's end of the rule loader: one thread for one load.
import { Worker } from 'node:worker_threads';
import { SakerError } from '../errors.js';
import { RULE_LOADER_THREAD } from '../files.js';
import type { Failure, PreparedPlan, PreparedRules, RuleOptions } from '../sensor/protocol.js';

/** What the thread is given. */
export interface LoaderTask {
  options: RuleOptions;
  planLater: boolean;
}

/** What the thread says: what came of the load, and where the plan comes later, the plan. */
export type LoaderMessage =
  | { rules: PreparedRules }
  | { failure: Failure }
  | { plan: PreparedPlan };

/** What came of a load. */
export type LoadResult =
  | {
      rules: PreparedRules;
      /**
       * Has the plan made of rules that did not wait for theirs; `undefined` when none could be. The thread
       * waits for it.
       */
      plan?: () => Promise<PreparedPlan | undefined>;
    }
  | { failure: Failure };

/**
 * Loads rules without stalling the caller; rejects only for a defect, or when it is aborted.
 *
 * @param planLater hand the rules over, and make the kernel's plan of them when it is asked for
 */
export type RuleLoader = (
  options: RuleOptions,
  signal?: AbortSignal,
  planLater?: boolean,
) => Promise<LoadResult>;

/** Loads in a thread of its own, with a bound on its memory; one load at a time. */
export const loadInThread: RuleLoader = (options, signal, planLater = false) => {
  const result = turn.then(() => loadNow(options, signal, planLater));
  turn = result.then(
    () => {},
    () => {},
  );
  return result;
};

let turn: Promise<void> = Promise.resolve();

let early: Worker | undefined;

/** Has the thread of the next load read its code before it is known what to load. */
export function startEarly(): void {
  if (early !== undefined) return;
  early = startThread();
  early.unref();
  early.on('error', () => {
    early = undefined; // the load starts another, and tells why that one fails
  });
}

function startThread(): Worker {
  return new Worker(RULE_LOADER_THREAD, {
    name: 'saker-rules',
    resourceLimits: LIMITS,
  });
}

function loadNow(
  options: RuleOptions,
  signal: AbortSignal | undefined,
  planLater: boolean,
): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = early ?? startThread();
    early = undefined;
    worker.ref();
    let hasPlan: (plan: PreparedPlan | undefined) => void = () => {};
    const planned = new Promise<PreparedPlan | undefined>((found) => {
      hasPlan = found;
    });
    const askForPlan = (): Promise<PreparedPlan | undefined> => {
      worker.postMessage('plan');
      return planned;
    };
    const end = (): void => void worker.terminate();
    signal?.addEventListener('abort', end, { once: true });
    worker.on('message', (message: LoaderMessage) => {
      if ('plan' in message) hasPlan(message.plan);
      else if (planLater && options.kernelFilter === true && 'rules' in message)
        resolve({ ...message, plan: askForPlan });
      else resolve(message);
    });
    worker.on('error', (error: unknown) => {
      if (isOutOfMemory(error)) resolve({ failure: TOO_LARGE });
      else reject(error);
    });
    worker.postMessage({ options, planLater } satisfies LoaderTask);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', end);
      hasPlan(undefined);
      reject(new SakerError('INTERNAL', 'the rules were not loaded to the end'));
    });
  });
}

// Twenty times what Falco's three files need; a list that doubles itself without end meets it. A young
// generation of 32 MB made the agent 5 MB larger for good.
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 8 };

const TOO_LARGE: Failure = {
  code: 'RULE_INVALID',
  message: `the rules need more than ${LIMITS.maxOldGenerationSizeMb} MiB of memory to load`,
  hint: 'look for a list or a macro that grows with every use',
  exitStatus: 1,
};

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
