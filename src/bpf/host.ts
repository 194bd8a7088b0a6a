// Facts about the host that files under /proc and /sys tell: cgroups, security modules, 32-bit calls.

import { existsSync, readFileSync } from 'node:fs';
import { listLsmModules } from './libc.js';

/** Whether a 32-bit process, or `int 0x80` from a 64-bit one, can reach the kernel. In doubt it can. */
export function ia32Possible(): boolean {
  if (process.arch !== 'x64') return true;
  if (/(^| )ia32_emulation=(0|off|n|false)( |$)/m.test(textOf('/proc/cmdline') ?? '')) return false;
  // Registered by the same option that builds the 32-bit entry (arch/x86/entry/vdso/vdso32-setup.c).
  return existsSync('/proc/sys/abi/vsyscall32');
}

function mountsOf(type: string): string[] {
  const found: string[] = [];
  for (const line of (textOf('/proc/self/mountinfo') ?? '').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    if (after.split(' ')[0] === type) found.push(before.split(' ')[4] ?? '');
  }
  return found.filter((path) => path !== '');
}

/** Where a cgroup v2 tree is mounted; `undefined` when none is. */
export function cgroup2Mount(): string | undefined {
  return mountsOf('cgroup2')[0];
}

/** How the host keeps its cgroups. */
export function cgroupVersion(): 'v1' | 'v2' | 'hybrid' | 'none' {
  const v2 = mountsOf('cgroup2').length > 0;
  const v1 = mountsOf('cgroup').length > 0;
  if (v1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : 'none';
}

/** LSM_ID_... of include/uapi/linux/lsm.h */
const LSM_NAMES = new Map([
  [100n, 'capability'],
  [101n, 'selinux'],
  [102n, 'smack'],
  [103n, 'tomoyo'],
  [104n, 'apparmor'],
  [105n, 'yama'],
  [106n, 'loadpin'],
  [107n, 'safesetid'],
  [108n, 'lockdown'],
  [109n, 'bpf'],
  [110n, 'landlock'],
  [111n, 'ima'],
  [112n, 'evm'],
  [113n, 'ipe'],
]);

/** Names of the active security modules; `undefined` where the kernel does not tell. */
export function activeLsm(): string[] | undefined {
  const list = textOf('/sys/kernel/security/lsm');
  if (list !== undefined) return list.trim().split(',');
  const numbers = listLsmModules();
  if (typeof numbers === 'number') return undefined;
  return numbers.map((number) => LSM_NAMES.get(number) ?? String(number));
}

/** How many bytes this process may lock; Infinity: no limit. */
export function memlockBytes(): number {
  const limit = /^Max locked memory\s+(\S+)/m.exec(textOf('/proc/self/limits') ?? '')?.[1];
  return limit === undefined || limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

/** The text of a file; `undefined` when it is absent or not for us. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // absent, or not for us: the caller says what that means
  }
}
