// A cgroup path that says which container it is: the inverse of what container.ts reads.

/**
 * The cgroup of a container, in the form that its runtime gives it.
 *
 * @param type docker, podman, containerd, cri-o; anything else is written as lxc writes it
 * @param full_id 64 hex digits, or any name for lxc
 */
export function containerGroup(type: string, full_id: string): string {
  const isHex = /^[0-9a-f]{64}$/.test(full_id);
  const prefix = PREFIXES[type];
  if (isHex && prefix !== undefined) return `/system.slice/${prefix}-${full_id}.scope`;
  return isHex ? `/docker/${full_id}` : `/lxc.payload.${full_id}`;
}

const PREFIXES: Readonly<Record<string, string>> = {
  docker: 'docker',
  podman: 'libpod',
  containerd: 'cri-containerd',
  'cri-o': 'crio',
};
