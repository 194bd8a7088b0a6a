// Containers of Kubernetes, over the Container Runtime Interface that containerd and CRI-O offer.
// Messages: cri-api/pkg/apis/runtime/v1/api.proto of Kubernetes.
import type { ContainerMetadata, ContainerMount } from '../decode/event.js';
import {
  bounded,
  type ImageName,
  type Runtime,
  type RuntimeWatcher,
  splitImage,
} from './runtime.js';
import { GrpcClient, GrpcRefusal, NOT_FOUND, UNIMPLEMENTED } from './runtime-grpc.js';
import { Json } from './runtime-json.js';
import { encode, type Message } from './runtime-proto.js';

/** One CRI runtime. */
export class CriRuntime implements Runtime {
  readonly kind = 'cri';
  readonly #grpc: GrpcClient;
  #type: string | undefined;

  constructor(
    readonly socket: string,
    private readonly labelBytes: number,
  ) {
    this.#grpc = new GrpcClient(socket);
  }

  async inspect(fullId: string): Promise<ContainerMetadata | undefined> {
    // The list says which pod a container is in, its status does not. The container that holds the
    // namespaces of a pod is in no list: it is the pod.
    const listed = await this.#ask('ListContainers', encode([1, encode([1, fullId])]));
    if (listed === undefined) return undefined;
    const entry = listed.messages(1).find((container) => container.text(1) === fullId);
    const podId = entry === undefined ? fullId : entry.text(2);
    const [container, pod] = await Promise.all([
      entry === undefined
        ? undefined
        : this.#ask('ContainerStatus', encode([1, fullId], [2, true])),
      podId === '' ? undefined : this.#ask('PodSandboxStatus', encode([1, podId], [2, true])),
    ]);
    if (container === undefined && (entry !== undefined || pod === undefined)) return undefined;
    return this.#metadata(container, pod, podId);
  }

  async watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void> {
    // A runtime without events says so at once; one that has them says nothing until there is one.
    const settled = setTimeout(() => watcher.connected(), SETTLE_MS);
    try {
      await this.#grpc.stream(
        `${SERVICE}GetContainerEvents`,
        encode(),
        signal,
        () => {},
        (event) => {
          // ContainerEventResponse: 1 container_id, 2 type.
          const id = event.text(1);
          const type = event.integer(2);
          if (type === DELETED) watcher.removed(id);
          else if (type === CREATED || type === STARTED) watcher.changed(id);
        },
      );
    } finally {
      clearTimeout(settled);
    }
  }

  close(): void {
    this.#type = undefined;
    this.#grpc.close();
  }

  // `undefined`: there is no such container, or no CRI behind this socket.
  async #ask(method: string, request: Buffer): Promise<Message | undefined> {
    try {
      return await this.#grpc.call(`${SERVICE}${method}`, request);
    } catch (error) {
      if (error instanceof GrpcRefusal && [NOT_FOUND, UNIMPLEMENTED].includes(error.status))
        return undefined;
      throw error;
    }
  }

  async #runtimeType(): Promise<string> {
    if (this.#type === undefined) {
      const name = (await this.#ask('Version', encode()))?.text(2) ?? '';
      this.#type = ['containerd', 'cri-o'].includes(name) ? name : 'cri';
    }
    return this.#type;
  }

  async #metadata(
    container: Message | undefined,
    pod: Message | undefined,
    podId: string,
  ): Promise<ContainerMetadata> {
    // ContainerStatus: 2 metadata (1 name), 5 started_at, 12 labels, 14 mounts.
    const status = container?.message(1);
    // PodSandboxStatus: 2 metadata (1 name, 2 uid, 3 namespace), 5 network (1 ip), 6 linux
    // (1 namespaces: 2 options: 1 network, 2 pid, 3 ipc), 7 labels.
    const podStatus = pod?.message(1);
    const podName = podStatus?.message(2);
    const shared = podStatus?.message(6).message(1).message(2);
    const labels = status?.textMap(12) ?? new Map<string, string>();
    labels.set('io.kubernetes.sandbox.id', podId);
    if (podName !== undefined) {
      labels.set('io.kubernetes.pod.name', podName.text(1));
      labels.set('io.kubernetes.pod.uid', podName.text(2));
      labels.set('io.kubernetes.pod.namespace', podName.text(3));
    }
    const details = infoOf(container ?? pod);
    const image = status === undefined ? podImage(details) : imageOf(status, details);
    const started_ns = status?.integer(5) ?? podStatus?.integer(4) ?? 0n;
    return bounded(
      {
        type: await this.#runtimeType(),
        name: status?.message(2).text(1) ?? '',
        image: image.name,
        image_id: image.id,
        image_repository: image.parts.repository,
        image_tag: image.parts.tag,
        image_digest: image.parts.digest,
        privileged:
          details.at('config', 'linux', 'security_context', 'privileged').flag() ||
          details.at('privileged').flag(),
        mounts: status?.messages(14).map(mountOf) ?? [],
        labels,
        ip: podStatus?.message(5).text(1) ?? '',
        host_network: shared?.integer(1) === NODE,
        host_pid: shared?.integer(2) === NODE,
        host_ipc: shared?.integer(3) === NODE,
        start_ns: started_ns > 0n ? started_ns : undefined,
        cni_json: networkOf(infoOf(pod)),
        pod_sandbox_id: podId,
        pod_labels: podStatus?.textMap(7) ?? [],
      },
      this.labelBytes,
    );
  }
}

const SERVICE = '/runtime.v1.RuntimeService/';
const SETTLE_MS = 1000;
/** ContainerEventType. */
const CREATED = 0n;
const STARTED = 1n;
const DELETED = 3n;
/** NamespaceMode: that of the host. */
const NODE = 2n;
/** MountPropagation, by number. */
const PROPAGATION = ['private', 'rslave', 'rshared'];

interface CriImage {
  name: string;
  id: string;
  parts: ImageName;
}

// What the runtime says about its own matters: JSON under the key "info" of field 2.
function infoOf(answer: Message | undefined): Json {
  const text = answer?.textMap(2).get('info') ?? '';
  return Json.parse(text === '' ? '{}' : Buffer.from(text, 'latin1').toString('utf8'));
}

// Mount: 1 container_path, 2 host_path, 3 readonly, 5 propagation.
function mountOf(mount: Message): ContainerMount {
  return {
    source: mount.text(2),
    destination: mount.text(1),
    mode: '',
    writable: !mount.flag(3),
    propagation: PROPAGATION[Number(mount.integer(5))] ?? 'unknown',
  };
}

// 8 image (1 image) is one of the image's names or its id; 9 image_ref an id or
// `name@sha256:...`; 17 image_id. An image may have several names: the one that was asked for
// counts, which only the configuration says.
function imageOf(status: Message, details: Json): CriImage {
  const configured = details.at('config', 'image');
  const annotations = details.at('runtimeSpec', 'annotations');
  const reference = status.text(9);
  const names = [
    configured.at('user_specified_image').text(),
    configured.at('image').text(),
    status.message(8).text(1),
    ...IMAGE_ANNOTATIONS.map((key) => annotations.at(key).text()),
    reference,
  ];
  const ids = [configured.at('image').text(), status.text(17), reference];
  const name = names.find((text) => text !== '' && !IS_ID.test(text)) ?? '';
  const parts = splitImage(name);
  const digest = splitImage(reference).digest || (IS_ID.test(reference) ? reference : parts.digest);
  const id = ids.find((text) => IS_ID.test(text)) ?? '';
  return { name, id: id.replace(/^sha256:/, ''), parts: { ...parts, digest } };
}

function podImage(details: Json): CriImage {
  const name = details.at('image').text();
  return { name, id: '', parts: splitImage(name) };
}

const IS_ID = /^(?:sha256:)?[0-9a-f]{64}$/;
const IMAGE_ANNOTATIONS = [
  'io.kubernetes.cri.image-name',
  'io.kubernetes.cri-o.ImageName',
  'io.kubernetes.cri-o.Image',
];

// containerd lists the interfaces by name; CRI-O keeps the result of the network plugins as text.
function networkOf(info: Json): string {
  const interfaces = info.at('cniResult', 'Interfaces').entries();
  if (interfaces.length === 0)
    return info.at('runtimeSpec', 'annotations', 'io.kubernetes.cri-o.CNIResult').text();
  const shown = interfaces.filter(([name]) => name !== 'lo' && !name.startsWith('veth'));
  return `{${shown.map(([name, value]) => `${JSON.stringify(name)}:${value.toText()}`).join(',')}}`;
}
