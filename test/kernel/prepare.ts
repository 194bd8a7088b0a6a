// Runs once, before the kernel tests. In a guest all is built already, by the host.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export function setup(): void {
  if (process.env.SAKER_VM_KERNEL !== undefined) return;
  const done = spawnSync(join(import.meta.dirname, 'prepare.sh'), { stdio: 'inherit' });
  if (done.status !== 0) throw new Error('test/kernel/prepare.sh failed, see above');
}
