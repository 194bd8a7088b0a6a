// Cgroup path to container: which runtime made it, which pod it belongs to.

import type { ContainerMetadata, ContainerView } from '../decode/event.js';

/** What a cgroup path says about a container. */
export interface CgroupMatch {
  /** 64 hex digits where the runtime gives them. */
  full_id: string;
  type: string;
  pod_uid: string | undefined;
}

/** A container, or the host; one object for all its processes. */
export class Container implements ContainerView {
  readonly id: string;
  readonly full_id: string;
  readonly type: string;
  readonly pod_uid: string | undefined;
  /** Set when a runtime has answered. */
  metadata: ContainerMetadata | undefined;

  constructor(id: string, full_id: string, type: string, pod_uid: string | undefined) {
    this.id = id;
    this.full_id = full_id;
    this.type = type;
    this.pod_uid = pod_uid;
  }
}

/**
 * Knows containers by more than their cgroup: a client of docker, containerd, CRI-O or podman. It
 * runs on another thread; the answer comes by `Containers.learn`.
 */
export interface MetadataSource {
  /**
   * A container was seen of which nothing is known yet; must return at once and never throw.
   */
  want(container: ContainerView): void;
}

/** Stands for every process outside of containers. */
export const HOST = new Container('host', 'host', 'host', undefined);

/**
 * Containers by cgroup path and by id, and what was told of them.
 *
 * A runtime may tell of a container before its first process runs: that is kept until it is seen.
 */
export class Containers {
  private readonly byPath = new Map<string, Container>();
  private readonly byId = new Map<string, Container>();
  private readonly told = new Map<string, { metadata: ContainerMetadata; size_bytes: number }>();
  private told_bytes = 0;
  private readonly source: MetadataSource | undefined;

  constructor(source?: MetadataSource) {
    this.source = source;
  }

  /** Every container that was seen and is not forgotten. */
  seen(): Iterable<Container> {
    return this.byId.values();
  }

  /** The container that a cgroup belongs to, `HOST` if none. */
  of(cgroup: string): Container {
    const known = this.byPath.get(cgroup);
    if (known !== undefined) return known;
    const match = matchCgroup(cgroup);
    const found = match === undefined ? HOST : this.container(match);
    keep(this.byPath, cgroup, found);
    return found;
  }

  /** Metadata has come; missing again when `undefined`. */
  learn(full_id: string, metadata: ContainerMetadata | undefined): void {
    this.forget(full_id);
    if (metadata === undefined) return;
    const size_bytes = sizeOf(metadata);
    if (size_bytes > STORE_BYTES) return;
    this.told.set(full_id, { metadata, size_bytes });
    this.told_bytes += size_bytes;
    const container = this.byId.get(full_id);
    if (container !== undefined) container.metadata = metadata;
    for (const oldest of this.told.keys()) {
      if (this.told.size <= LIMIT && this.told_bytes <= STORE_BYTES) break;
      this.forget(oldest);
    }
  }

  private forget(full_id: string): void {
    const entry = this.told.get(full_id);
    if (entry === undefined) return;
    this.told.delete(full_id);
    this.told_bytes -= entry.size_bytes;
    const container = this.byId.get(full_id);
    if (container !== undefined) container.metadata = undefined;
  }

  private container(match: CgroupMatch): Container {
    const known = this.byId.get(match.full_id);
    if (known !== undefined) return known;
    const { full_id, type, pod_uid } = match;
    const container = new Container(shortId(full_id), full_id, type, pod_uid);
    container.metadata = this.told.get(full_id)?.metadata;
    keep(this.byId, full_id, container);
    if (container.metadata === undefined) this.source?.want(container);
    return container;
  }
}

/**
 * Finds the container in a cgroup path, v1 or v2, cgroupfs or systemd names. The innermost one
 * counts: a container in a container (kind, docker in docker) has its own.
 *
 * @returns `undefined` for a path of the host
 */
export function matchCgroup(path: string): CgroupMatch | undefined {
  if (path.length < 2) return undefined;
  const parts = path.split('/');
  for (let i = parts.length - 1; i >= 0; i -= 1) {
    const part = parts[i] ?? '';
    const named = matchScope(part);
    const found = named ?? matchBare(part, parts[i - 1] ?? '', path);
    if (found !== undefined) return { ...found, pod_uid: podUid(path) };
  }
  return undefined;
}

// systemd: RUNTIME-ID.scope, and what containers make below it (init.scope, payload, ...).
function matchScope(part: string): { full_id: string; type: string } | undefined {
  const named = SCOPE.exec(part);
  if (named !== null) {
    const full_id = named[2] ?? '';
    const runtime = named[1] ?? '';
    // podman's own monitor runs on the host.
    if (runtime === 'libpod-conmon' || runtime === 'crio-conmon') return undefined;
    return { full_id, type: SCOPE_TYPES[runtime] ?? 'cri' };
  }
  const criContainerd = CRI_CONTAINERD.exec(part);
  if (criContainerd !== null) return { full_id: criContainerd[1] ?? '', type: 'containerd' };
  const lxc = LXC.exec(part);
  if (lxc !== null) return { full_id: lxc[1] ?? '', type: 'lxc' };
  const machine = NSPAWN.exec(part);
  return machine === null ? undefined : { full_id: machine[1] ?? '', type: 'systemd-nspawn' };
}

// cgroupfs: a bare id, told by what it lies in.
function matchBare(
  part: string,
  above: string,
  path: string,
): { full_id: string; type: string } | undefined {
  if (above === 'lxc' && part !== '') return { full_id: part, type: 'lxc' };
  if (!HEX_ID.test(part)) return undefined;
  if (above === 'docker') return { full_id: part, type: 'docker' };
  if (above === 'libpod_parent' || above === 'libpod') return { full_id: part, type: 'podman' };
  if (POD_SLICE.test(above) || path.includes('/kubepods')) return { full_id: part, type: 'cri' };
  // ctr and nerdctl: /NAMESPACE/ID. Docker's are anywhere: docker run --cgroup-parent, Amazon's ECS.
  return { full_id: part, type: CONTAINERD_NAMESPACE.test(path) ? 'containerd' : 'docker' };
}

function podUid(path: string): string | undefined {
  const found = POD.exec(path);
  return found === null ? undefined : (found[1] ?? '').replaceAll('_', '-');
}

function shortId(full_id: string): string {
  return HEX_ID.test(full_id) ? full_id.slice(0, 12) : full_id;
}

// Paths come from whoever makes cgroups, so what is kept is bounded; the oldest goes.
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= LIMIT) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}

// About what the texts take; the objects around them are small beside it.
function sizeOf(metadata: ContainerMetadata): number {
  let size_bytes = 512;
  for (const value of Object.values(metadata)) {
    if (typeof value === 'string') size_bytes += value.length;
  }
  for (const { source, destination, mode, propagation } of metadata.mounts ?? []) {
    size_bytes += 100 + source.length + destination.length + mode.length + propagation.length;
  }
  for (const labels of [metadata.labels, metadata.pod_labels]) {
    for (const [name, value] of labels ?? []) size_bytes += 50 + name.length + value.length;
  }
  return size_bytes;
}

const LIMIT = 8192;
/** Room for 8192 containers of the usual 2 KiB; one may take 4 MiB with its mounts. */
const STORE_BYTES = 16 * 1024 * 1024;
const HEX_ID = /^[0-9a-f]{64}$/;
const SCOPE =
  /^(docker|cri-containerd|crio|crio-conmon|libpod|libpod-conmon|nerdctl|podman|containerd|cri-docker)-([0-9a-f]{64})(?:\.scope)?$/;
const SCOPE_TYPES: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-docker': 'docker',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
  libpod: 'podman',
  podman: 'podman',
};
// containerd's systemd form: SLICE:cri-containerd:ID
const CRI_CONTAINERD = /:(?:cri-containerd|containerd|nerdctl):([0-9a-f]{64})$/;
const LXC = /^lxc\.payload\.([A-Za-z0-9_.-]{1,64})$/;
const NSPAWN = /^machine-([A-Za-z0-9_.\\-]{1,64})\.scope$/;
const POD_SLICE = /^(?:kubepods.*-)?pod[0-9a-f_-]{32,36}(?:\.slice)?$/;
const POD =
  /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:\/|$)/;
const CONTAINERD_NAMESPACE = /^\/(?:default|moby|k8s\.io|nerdctl|buildkit)\/[0-9a-f]{64}(?:\/|$)/;
