// Attachments of loaded programs to their hooks: made in one call, gone on close.

import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';
import { BpfError } from '../errors.js';
import { nativeError } from './errno.js';
import { cgroup2Mount } from './host.js';
import { libbpf, type Pointer } from './libbpf.js';
import type { BpfObject, Program } from './object.js';

/** A program at its hook. */
export interface Attachment {
  readonly program: string;
  /** The link's descriptor, open until `close()`. */
  readonly fd: number;
  /** Detaches. May be called twice. */
  close(): void;
}

/**
 * Attaches a loaded program to the hook that its section names.
 *
 * The attachment ends with `close()` or with this process, however that ends. A program of a cgroup is
 * attached to the root of all, as far as this process sees them.
 *
 * @throws BpfError when the kernel refuses
 */
export function attach(object: BpfObject, name: string): Attachment {
  const program = loadedProgram(object, name);
  if (program.section.startsWith('cgroup/')) return attachToAll(object, program);
  return keep(program, libbpf().bpf_program__attach(program.pointer));
}

function attachToAll(object: BpfObject, { name }: Program): Attachment {
  const mount = cgroup2Mount();
  if (mount === undefined)
    throw new BpfError('BPF_ATTACH', `attach of ${name}: no cgroup v2 tree is mounted`, {
      hint: 'mount one: mount -t cgroup2 none /sys/fs/cgroup/unified',
    });
  const root = openSync(mount, 'r');
  try {
    return attachCgroup(object, name, root);
  } finally {
    closeSync(root);
  }
}

/**
 * Attaches a cgroup program.
 *
 * @param cgroup_fd an open directory of a cgroup v2 tree; only needed during the call
 */
export function attachCgroup(object: BpfObject, name: string, cgroup_fd: number): Attachment {
  const program = loadedProgram(object, name);
  return keep(program, libbpf().bpf_program__attach_cgroup(program.pointer, cgroup_fd));
}

/**
 * Attaches an iterator and opens it once: reading the descriptor runs the program for each task.
 *
 * @returns a descriptor; the caller closes it
 */
export function openIterator(object: BpfObject, name: string): number {
  const program = loadedProgram(object, name);
  const link = libbpf().bpf_program__attach_iter(program.pointer, null);
  if (link === null) throw nativeError('BPF_ATTACH', `attach of ${name}`, koffi.errno());
  try {
    const fd = libbpf().bpf_iter_create(libbpf().bpf_link__fd(link));
    if (fd < 0) throw nativeError('BPF_ATTACH', `iterator ${name}`, fd);
    return fd;
  } finally {
    libbpf().bpf_link__destroy(link); // the open iterator holds its own reference
  }
}

function loadedProgram(object: BpfObject, name: string): Program {
  if (!object.has(name)) throw new BpfError('BPF_ATTACH', `program ${name} is not loaded`);
  return object.program(name);
}

function keep(program: Program, link: Pointer | null): Attachment {
  if (link === null) {
    throw nativeError(
      'BPF_ATTACH',
      `attach of ${program.name} (${program.section})`,
      koffi.errno(),
    );
  }
  let open: Pointer | undefined = link;
  return {
    program: program.name,
    fd: libbpf().bpf_link__fd(link),
    close() {
      if (open === undefined) return;
      const result = libbpf().bpf_link__destroy(open);
      open = undefined;
      if (result < 0) throw nativeError('BPF_ATTACH', `detach of ${program.name}`, result);
    },
  };
}
