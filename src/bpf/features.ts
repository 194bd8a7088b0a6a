// What this kernel can do, found out by trying: each answer with its reason and what to do about it.

import { release } from 'node:os';
import { type FeatureName, type Trial, trials } from './feature-trials.js';
import { activeLsm, cgroupVersion, ia32Possible, memlockBytes } from './host.js';

/** One answer. */
export interface Feature {
  readonly name: FeatureName;
  readonly title: string;
  readonly available: boolean;
  /** Why not, or what was found. */
  readonly reason: string;
  /** What to do about it; only where it is not available. */
  readonly remedy: string | undefined;
  /** The agent cannot run without it. */
  readonly required: boolean;
}

/** Everything the probe found. */
export interface HostFeatures {
  readonly features: ReadonlyMap<FeatureName, Feature>;
  /** As `uname -r`. */
  readonly kernel: string;
  readonly architecture: string;
  readonly cgroup: 'v1' | 'v2' | 'hybrid' | 'none';
  /** Active security modules; `undefined` where the kernel does not tell. */
  readonly lsm: readonly string[] | undefined;
  /** False only where it is certain that no 32-bit system call can be made. */
  readonly ia32_calls: boolean;
  /** `Max locked memory` in bytes; before Linux 5.11 maps count against it. Infinity: no limit. */
  readonly memlock_bytes: number;
}

/**
 * Tries everything; takes about a tenth of a second. Nothing stays behind.
 *
 * @throws HostError when libbpf is not installed
 */
export function probeFeatures(): HostFeatures {
  const features = new Map<FeatureName, Feature>();
  for (const trial of trials()) features.set(trial.name, outcomeOf(trial));
  return {
    features,
    kernel: release(),
    architecture: process.arch,
    cgroup: cgroupVersion(),
    lsm: activeLsm(),
    ia32_calls: ia32Possible(),
    memlock_bytes: memlockBytes(),
  };
}

let lsm: Feature | undefined;

/** Whether hooks of security modules run here. Tried once: nothing but a boot changes it. */
export function probeLsm(): Feature | undefined {
  const trial = lsm === undefined ? trials().find(({ name }) => name === 'lsm') : undefined;
  if (trial !== undefined) lsm = outcomeOf(trial);
  return lsm;
}

function outcomeOf({ name, title, remedy, required = false, run }: Trial): Feature {
  const { available, reason } = run();
  return { name, title, available, reason, remedy: available ? undefined : remedy, required };
}
