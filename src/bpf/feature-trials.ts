// The list of what a kernel is asked for, and how each is tried.

import { closeSync, existsSync, openSync } from 'node:fs';
import { activeLsm, cgroup2Mount, textOf } from './host.js';
import { libbpf } from './libbpf.js';
import {
  attach_type,
  hookId,
  kernelBtf,
  type Outcome,
  program_type,
  returning,
  SLEEPABLE,
  tryAttach,
  tryFire,
  tryHelper,
  tryLink,
  tryProgram,
  tryRingBuffer,
} from './trial.js';

/** What can be asked for; `Feature.title` says it in words. */
export type FeatureName =
  | 'privileges'
  | 'lockdown'
  | 'btf'
  | 'ring_buffer'
  | 'tp_btf'
  | 'task_rename'
  | 'iter_task'
  | 'iter_task_sleepable'
  | 'bpf_loop'
  | 'rdonly_cast'
  | 'task_storage'
  | 'send_signal'
  | 'fentry'
  | 'lsm'
  | 'lsm_active'
  | 'cgroup_connect';

/** One question to the kernel. */
export interface Trial {
  name: FeatureName;
  title: string;
  remedy: string;
  required?: boolean;
  run: () => Outcome;
}

/** All of them, in the order in which their answers are shown. */
export function trials(): Trial[] {
  const btf = kernelBtf();
  const on = (section: string): { btf_id: number } | undefined => {
    const btf_id = btf === undefined ? undefined : hookId(btf, section);
    return btf_id === undefined ? undefined : { btf_id };
  };
  const tracing = (
    section: string,
    attachType: number,
    then: (fd: number) => Outcome,
    flags = 0,
  ): Outcome => {
    const hook = on(section);
    if (hook === undefined) return no('this kernel has no such hook');
    const kind = { type: program_type.TRACING, attach_type: attachType, flags };
    return tryProgram({ ...kind, ...hook, instructions: returning(0) }, then);
  };
  const tracepoint = (section: string): Outcome =>
    tracing(section, attach_type.TRACE_RAW_TP, (fd) => tryAttach(fd));
  const helper = (number: number): Outcome => {
    const hook = on('tp_btf/sys_exit');
    if (hook === undefined) return no('this kernel has no such hook');
    const kind = { type: program_type.TRACING, attach_type: attach_type.TRACE_RAW_TP };
    return tryHelper({ ...kind, ...hook }, number);
  };
  const iterator = (flags: number): Outcome =>
    tracing(
      'iter/task',
      attach_type.TRACE_ITER,
      (fd) => tryLink(fd, 0, attach_type.TRACE_ITER),
      flags,
    );
  return [
    {
      name: 'privileges',
      title: 'CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON',
      remedy: 'run as root',
      required: true,
      run: privileges,
    },
    {
      name: 'lockdown',
      title: 'kernel memory may be read (no confidentiality lockdown)',
      remedy: 'boot without lockdown=confidentiality',
      required: true,
      run: lockdown,
    },
    {
      name: 'btf',
      title: 'kernel types (BTF)',
      remedy: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
      required: true,
      run: () =>
        btf === undefined ? no('no readable /sys/kernel/btf/vmlinux') : yes(`${btf.count} types`),
    },
    {
      name: 'ring_buffer',
      title: 'BPF ring buffer',
      remedy: 'use Linux 5.17 or later',
      required: true,
      run: tryRingBuffer,
    },
    {
      name: 'tp_btf',
      title: 'raw tracepoints (system calls, process lifecycle)',
      remedy: 'use Linux 5.17 or later with CONFIG_DEBUG_INFO_BTF=y, and run as root',
      required: true,
      run: () => tracepoint('tp_btf/sys_exit'),
    },
    {
      name: 'task_rename',
      title: 'changes of comm (task_rename)',
      remedy: 'a new name is known from the next event of the process on',
      run: () => tracepoint('tp_btf/task_rename'),
    },
    {
      name: 'iter_task',
      title: 'iterator over tasks',
      remedy: '/proc is read instead',
      run: () => iterator(0),
    },
    {
      name: 'iter_task_sleepable',
      title: 'arguments of running processes through the iterator (bpf_copy_from_user_task)',
      remedy: 'use Linux 5.18 or later; /proc is read instead',
      run: () => {
        const loads = iterator(SLEEPABLE);
        if (!loads.available) return loads;
        const kind = { type: program_type.TRACING, attach_type: attach_type.TRACE_ITER };
        return tryHelper(
          { ...kind, ...on('iter/task'), flags: SLEEPABLE },
          HELPER.copy_from_user_task,
        );
      },
    },
    {
      name: 'bpf_loop',
      title: 'bounded loops by helper (bpf_loop)',
      remedy: 'use Linux 5.17 or later',
      required: true,
      run: () => helper(HELPER.loop),
    },
    {
      name: 'rdonly_cast',
      title: 'cheap reads of kernel memory (bpf_rdonly_cast)',
      remedy: 'use Linux 6.2 or later; reads cost 20 ns more instead',
      run: () =>
        on('kfunc/bpf_rdonly_cast') === undefined ? no('this kernel has no such function') : yes(),
    },
    {
      name: 'task_storage',
      title: 'state kept at the task (task-local storage)',
      remedy: 'use Linux 5.17 or later',
      required: true,
      run: () => {
        if (libbpf().libbpf_probe_bpf_map_type(29, null) !== 1) return no('the map is refused');
        return helper(HELPER.task_storage_get);
      },
    },
    {
      name: 'send_signal',
      title: 'kill from within the hook (bpf_send_signal)',
      remedy: 'kills are sent from user space instead',
      run: () => helper(HELPER.send_signal),
    },
    {
      name: 'fentry',
      title: 'hooks on kernel functions (fentry)',
      remedy: 'nothing that Saker ships needs it',
      run: () => tracing('fentry/do_unlinkat', attach_type.TRACE_FENTRY, (fd) => tryAttach(fd)),
    },
    {
      name: 'lsm',
      title: 'LSM hooks load, attach and run (deny)',
      remedy: 'use a kernel with CONFIG_BPF_LSM=y, and bpf in the lsm= boot parameter',
      run: () => {
        const hook = on('lsm/file_open');
        if (hook === undefined) return no('this kernel has no BPF LSM (CONFIG_BPF_LSM)');
        const kind = { type: program_type.LSM, attach_type: attach_type.LSM_MAC };
        return tryFire({ ...kind, ...hook }, () => closeSync(openSync('/proc/self/stat', 'r')));
      },
    },
    {
      name: 'lsm_active',
      title: '"bpf" is an active security module',
      remedy: 'add bpf to the lsm= boot parameter',
      run: () => {
        const active = activeLsm();
        if (active === undefined) return no('the kernel does not tell (securityfs is not mounted)');
        return active.includes('bpf') ? yes(active.join(',')) : no(`active: ${active.join(',')}`);
      },
    },
    {
      name: 'cgroup_connect',
      title: 'cgroup hooks (network deny)',
      remedy: 'mount cgroup v2, and use a kernel with CONFIG_CGROUP_BPF=y',
      run: cgroupConnect,
    },
  ];
}

/** Helper numbers (enum bpf_func_id). */
const HELPER = {
  send_signal: 109,
  task_storage_get: 156,
  loop: 181,
  copy_from_user_task: 191,
} as const;

const CAPABILITY = { SYS_ADMIN: 21n, PERFMON: 38n, BPF: 39n } as const;

function privileges(): Outcome {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf('/proc/self/status') ?? '')?.[1] ?? '0';
  const held = BigInt(`0x${hex}`);
  const has = (bit: bigint): boolean => ((held >> bit) & 1n) === 1n;
  if (has(CAPABILITY.SYS_ADMIN)) return yes('CAP_SYS_ADMIN');
  if (has(CAPABILITY.BPF) && has(CAPABILITY.PERFMON)) return yes('CAP_BPF, CAP_PERFMON');
  return no(`effective capabilities are 0x${hex}`);
}

function lockdown(): Outcome {
  const mode = /\[(\w+)\]/.exec(textOf('/sys/kernel/security/lockdown') ?? '')?.[1] ?? 'none';
  return mode === 'confidentiality' ? no(`lockdown is ${mode}`) : yes(`lockdown: ${mode}`);
}

function cgroupConnect(): Outcome {
  const mount = cgroup2Mount();
  if (mount === undefined) return no('no cgroup v2 tree is mounted');
  const own = /^0::(.*)$/m.exec(textOf('/proc/self/cgroup') ?? '')?.[1] ?? '/';
  const path = existsSync(mount + own) ? mount + own : mount;
  const kind = {
    type: program_type.CGROUP_SOCK_ADDR,
    attach_type: attach_type.CGROUP_INET4_CONNECT,
    instructions: returning(1), // let it pass
  };
  return tryProgram(kind, (fd) => {
    const directory = openSync(path, 'r');
    try {
      return tryLink(fd, directory, attach_type.CGROUP_INET4_CONNECT);
    } finally {
      closeSync(directory);
    }
  });
}

function yes(reason = ''): Outcome {
  return { available: true, reason };
}

function no(reason: string): Outcome {
  return { available: false, reason };
}
