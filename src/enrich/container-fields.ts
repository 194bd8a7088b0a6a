// Readers of container.* and k8s.*: from the cgroup at once, from the runtime when it has answered.

import type {
  ContainerMetadata,
  ContainerMount,
  ContainerView,
  Event,
  Reader,
  Value,
} from '../decode/event.js';

/** Readers by field name; on the host most give the text of nothing, as in Falco. */
export const CONTAINER_READERS: Readonly<Record<string, Reader>> = {
  'container.id': (event) => event.process.container?.id,
  'container.full_id': (event) => of(event, (one) => one.full_id, ''),
  'container.type': (event) => {
    const container = event.process.container;
    return container?.metadata?.type ?? container?.type;
  },
  'container.name': fromMetadata((known) => known.name, 'host'),
  'container.image': fromMetadata((known) => known.image, ''),
  'container.image.id': fromMetadata((known) => known.image_id, ''),
  'container.image.repository': fromMetadata((known) => known.image_repository, ''),
  'container.image.tag': fromMetadata((known) => known.image_tag, ''),
  'container.image.digest': fromMetadata((known) => known.image_digest, ''),
  'container.privileged': fromMetadata((known) => known.privileged, false),
  'container.mounts': fromMetadata((known) => known.mounts?.map(mountText).join(','), ''),
  'container.labels': fromMetadata((known) => labelsText(known.labels), ''),
  'container.ip': fromMetadata((known) => known.ip, ''),
  'container.cni.json': fromMetadata((known) => known.cni_json, ''),
  'container.host_pid': fromMetadata((known) => known.host_pid, undefined),
  'container.host_network': fromMetadata((known) => known.host_network, undefined),
  'container.host_ipc': fromMetadata((known) => known.host_ipc, undefined),
  'container.start_ts': startTime,
  'container.duration': (event) => {
    const start_ns = startTime(event);
    return start_ns === undefined ? undefined : event.time_ns - start_ns;
  },
  'k8s.pod.name': fromLabel('io.kubernetes.pod.name'),
  'k8s.ns.name': fromLabel('io.kubernetes.pod.namespace'),
  'k8s.pod.uid': (event) =>
    event.process.container?.pod_uid ?? label(event, 'io.kubernetes.pod.uid'),
  // Falco calls the uid of the pod its id in the newer of the two fields only.
  'k8s.pod.id': (event) =>
    event.process.container?.pod_uid ?? label(event, 'io.kubernetes.pod.uid'),
  'k8s.pod.sandbox_id': (event) => metadata(event)?.pod_sandbox_id?.slice(0, 12),
  'k8s.pod.full_sandbox_id': (event) => metadata(event)?.pod_sandbox_id,
  'k8s.pod.labels': (event) => labelsText(podLabels(event)),
};

/** The reader of a field with an argument; `undefined` for a field that has none. */
export function containerReader(name: string, argument: string): Reader | undefined {
  const part = MOUNT_PARTS[name];
  if (part !== undefined) {
    const find = mountFinder(argument);
    return (event) => {
      const mount = find(metadata(event)?.mounts);
      return mount === undefined ? undefined : part(mount);
    };
  }
  if (name === 'container.label') return fromLabel(argument);
  if (name === 'k8s.pod.label') return (event) => podLabels(event)?.get(argument);
  return undefined;
}

/** Whether a field is missing, or may change, until a runtime has told of the container. */
export function needsMetadata(name: string): boolean {
  return /^(container|k8s)\./.test(name) && name !== 'container.id' && name !== 'container.full_id';
}

const MOUNT_PARTS: Readonly<Record<string, (mount: ContainerMount) => string>> = {
  'container.mount': mountText,
  'container.mount.source': (mount) => mount.source,
  'container.mount.dest': (mount) => mount.destination,
  'container.mount.mode': (mount) => mount.mode,
  'container.mount.rdwr': (mount) => String(mount.writable),
  'container.mount.propagation': (mount) => mount.propagation,
};

function mountText(mount: ContainerMount): string {
  const { source, destination, mode, writable, propagation } = mount;
  return `${source}:${destination}:${mode}:${writable}:${propagation}`;
}

type MountFinder = (mounts: readonly ContainerMount[] | undefined) => ContainerMount | undefined;

// A number counts mounts; anything else is searched for in their sources, as a regular expression
// where it is one (`/root*` is `/roo` and any number of t).
function mountFinder(argument: string): MountFinder {
  if (/^\d+$/.test(argument)) return (mounts) => mounts?.[Number(argument)];
  const matches = sourceMatcher(argument);
  return (mounts) => mounts?.find((mount) => matches(mount.source));
}

function sourceMatcher(pattern: string): (source: string) => boolean {
  try {
    const expression = new RegExp(pattern);
    return (source) => expression.test(source);
  } catch {
    return (source) => source.includes(pattern); // not an expression: taken as it is
  }
}

function metadata(event: Event): ContainerMetadata | undefined {
  return event.process.container?.metadata;
}

function of(event: Event, read: (one: ContainerView) => Value, on_host: Value): Value {
  const container = event.process.container;
  if (container === undefined) return undefined;
  return container.id === 'host' ? on_host : read(container);
}

function fromMetadata(read: (known: ContainerMetadata) => Value, on_host: Value): Reader {
  return (event) =>
    of(event, (one) => (one.metadata === undefined ? undefined : read(one.metadata)), on_host);
}

function fromLabel(name: string): Reader {
  return (event) => label(event, name);
}

function label(event: Event, name: string): string | undefined {
  return metadata(event)?.labels?.get(name);
}

// Some runtimes keep the pod's own labels apart; others have them among the container's.
function podLabels(event: Event): ReadonlyMap<string, string> | undefined {
  const known = metadata(event);
  if (known?.pod_labels !== undefined && known.pod_labels.size > 0) return known.pod_labels;
  return known?.labels?.has('io.kubernetes.pod.name') === true ? known.labels : undefined;
}

function labelsText(labels: ReadonlyMap<string, string> | undefined): string | undefined {
  return labels && [...labels].map(([name, value]) => `${name}:${value}`).join(', ');
}

function startTime(event: Event): bigint | undefined {
  const container = event.process.container;
  if (container === undefined || container.id === 'host') return undefined;
  const known = container.metadata?.start_ns;
  if (known !== undefined) return known;
  const start_ns = event.process.pid_ns_start_ns;
  return start_ns === 0n ? undefined : start_ns + event.boot_epoch_ns;
}
