// What a container runtime can be asked, and the bounds on what it answers: names, labels and
// mounts are chosen by whoever starts a container.
import type { ContainerMetadata, ContainerMount } from '../decode/event.js';

/** One socket of one kind of runtime. */
export interface Runtime {
  /** docker, podman, containerd or cri. */
  readonly kind: RuntimeKind;
  readonly socket: string;
  /**
   * Asks for one container.
   *
   * @param fullId matches SAFE_ID.
   * @returns `undefined` when the runtime does not know it.
   * @throws RuntimeError when it gives no answer or a strange one, within REQUEST_MS per request.
   */
  inspect(fullId: string): Promise<ContainerMetadata | undefined>;
  /**
   * Follows the events of the runtime until it ends the stream, `signal` fires or it goes wrong.
   *
   * @throws RuntimeError when the stream cannot be had.
   */
  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void>;
  /** Drops connections; the runtime can be asked again. */
  close(): void;
}

export type RuntimeKind = 'docker' | 'podman' | 'containerd' | 'cri';

/** Is told what happens to containers. */
export interface RuntimeWatcher {
  /** From now on no event is missed. */
  connected(): void;
  /** Created, started or renamed. */
  changed(fullId: string): void;
  removed(fullId: string): void;
}

/** A runtime that needs longer for one answer has not answered. */
export const REQUEST_MS = 2000;

/** Greater answers are not read: a container with 100 mounts needs about 60 kB. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Ids that may be put into a request; they were read from a cgroup path, which any root may make. */
export const SAFE_ID = /^[0-9A-Za-z][0-9A-Za-z_.-]{1,127}$/;

/** What was found out about a container, all texts byte strings, not yet bounded. */
export interface Findings {
  type: string;
  name: string;
  image: string;
  image_id: string;
  image_repository: string;
  image_tag: string;
  image_digest: string;
  privileged: boolean;
  mounts: readonly ContainerMount[];
  labels: Iterable<readonly [string, string]>;
  ip: string;
  host_pid: boolean;
  host_network: boolean;
  host_ipc: boolean;
  start_ns: bigint | undefined;
  cni_json?: string;
  pod_sandbox_id?: string;
  pod_labels?: Iterable<readonly [string, string]>;
}

/**
 * Cuts everything to a size that can be kept for thousands of containers.
 *
 * A text nobody knows is empty, as in Falco: the field exists, which a rule can tell from metadata
 * that has not come yet.
 *
 * @param labelBytes longer values are left out (Falco's `label_max_len`), except those of the
 *   kubelet: a pod's name may have 253 bytes.
 */
export function bounded(found: Findings, labelBytes: number): ContainerMetadata {
  return {
    type: found.type,
    name: found.name.slice(0, MAX_NAME_BYTES),
    image: found.image.slice(0, MAX_NAME_BYTES),
    image_id: found.image_id.slice(0, MAX_NAME_BYTES),
    image_repository: found.image_repository.slice(0, MAX_NAME_BYTES),
    image_tag: found.image_tag.slice(0, MAX_NAME_BYTES),
    image_digest: found.image_digest.slice(0, MAX_NAME_BYTES),
    privileged: found.privileged,
    mounts: found.mounts.slice(0, MAX_MOUNTS).map((mount) => ({
      source: mount.source.slice(0, MAX_PATH_BYTES),
      destination: mount.destination.slice(0, MAX_PATH_BYTES),
      mode: mount.mode.slice(0, MAX_NAME_BYTES),
      writable: mount.writable,
      propagation: mount.propagation.slice(0, MAX_NAME_BYTES),
    })),
    labels: boundedLabels(found.labels, labelBytes),
    ip: found.ip.slice(0, MAX_NAME_BYTES),
    host_pid: found.host_pid,
    host_network: found.host_network,
    host_ipc: found.host_ipc,
    start_ns: found.start_ns,
    cni_json: (found.cni_json ?? '').slice(0, MAX_CNI_BYTES),
    pod_sandbox_id: (found.pod_sandbox_id ?? '').slice(0, MAX_NAME_BYTES),
    pod_labels: boundedLabels(found.pod_labels ?? [], labelBytes),
  };
}

/** The parts of an image reference. */
export interface ImageName {
  repository: string;
  /** Empty when the reference has none, or names a digest: then the tag says nothing. */
  tag: string;
  /** `sha256:...`, empty without one. */
  digest: string;
}

/**
 * Takes `registry:5000/team/app:tag@sha256:...` apart.
 *
 * A colon before the last slash belongs to the registry's port. Falco's plugin splits references of
 * containerd and podman this way.
 */
export function splitImage(image: string): ImageName {
  const at = image.indexOf('@');
  const name = at === -1 ? image : image.slice(0, at);
  const digest = at === -1 ? '' : image.slice(at + 1);
  const colon = name.lastIndexOf(':');
  if (colon <= name.lastIndexOf('/')) return { repository: name, tag: '', digest };
  return {
    repository: name.slice(0, colon),
    tag: digest === '' ? name.slice(colon + 1) : '',
    digest,
  };
}

const MAX_NAME_BYTES = 1024;
const MAX_PATH_BYTES = 4096;
const MAX_MOUNTS = 512;
const MAX_LABELS = 256;
const MAX_LABEL_KEY_BYTES = 512;
/** As in Falco. */
const MAX_CNI_BYTES = 4096;

function boundedLabels(
  labels: Iterable<readonly [string, string]>,
  labelBytes: number,
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [key, value] of labels) {
    const limit = key.startsWith('io.kubernetes.') ? MAX_NAME_BYTES : labelBytes;
    if (key.length > MAX_LABEL_KEY_BYTES || value.length > limit) continue;
    kept.set(key, value);
    if (kept.size === MAX_LABELS) break;
  }
  return kept;
}
