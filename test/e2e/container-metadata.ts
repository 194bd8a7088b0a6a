// Asks our side about real containers, for the tests of container metadata.
import { expect, onTestFinished } from 'vitest';
import type { ContainerMetadata } from '../../src/decode/event.js';
import { type ContainerEngines, makeRuntimes, Runtimes } from '../../src/enrich/runtimes.js';
import { makeLog } from '../../src/log.js';

/** What one lookup says, asking only the runtimes that are named. */
export async function lookup(
  engines: ContainerEngines,
  id: string,
  type: string,
): Promise<ContainerMetadata | undefined> {
  const log = makeLog({ level: 'info', enabled: false });
  const runtimes = new Runtimes(makeRuntimes(only(engines)), { log });
  try {
    return await runtimes.lookup(id, type);
  } finally {
    runtimes.close();
  }
}

/** Follows events until the test ends: what they brought, and how often a connection came. */
export function follow(engines: ContainerEngines) {
  const updates = new Map<string, ContainerMetadata>();
  let count = 0;
  const log = makeLog({
    level: 'info',
    enabled: true,
    readable: false,
    write: (line) => {
      if (line.includes('following the events')) count++;
    },
  });
  const runtimes = new Runtimes(makeRuntimes(only(engines)), {
    log,
    onUpdate: (id, metadata) => updates.set(id, metadata),
  });
  runtimes.start();
  onTestFinished(() => runtimes.close());
  return { runtimes, updates, connected: () => count };
}

/** Waits for something that takes a runtime a moment. */
export async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 30_000, interval: 50 }).toBe(true);
}

/** A time of a command line, to the nanosecond since 1970. */
export function nanoseconds(time: string): bigint {
  const [, seconds = '', fraction = '', zone = ''] =
    /^([^.]+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  return BigInt(Date.parse(seconds + zone)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

// Only what is named is asked: the host's own runtimes stay out of it.
function only(engines: ContainerEngines): ContainerEngines {
  const off = { enabled: false };
  return { docker: off, podman: off, cri: off, containerd: off, ...engines };
}
