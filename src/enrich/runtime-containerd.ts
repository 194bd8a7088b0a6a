// Containers of containerd, over its gRPC interface: whatever was started without CRI (ctr,
// nerdctl, docker's own). Messages: api/services/*/v1/*.proto of containerd.
import { readFile } from 'node:fs/promises';
import type { ContainerMetadata, ContainerMount } from '../decode/event.js';
import { bounded, type Runtime, type RuntimeWatcher, splitImage } from './runtime.js';
import { GrpcClient, GrpcRefusal, NOT_FOUND } from './runtime-grpc.js';
import { Json } from './runtime-json.js';
import { encode, type Message } from './runtime-proto.js';

/** One containerd. */
export class ContainerdRuntime implements Runtime {
  readonly kind = 'containerd';
  readonly #grpc: GrpcClient;

  constructor(
    readonly socket: string,
    private readonly labelBytes: number,
  ) {
    this.#grpc = new GrpcClient(socket);
  }

  async inspect(fullId: string): Promise<ContainerMetadata | undefined> {
    for (const namespace of await this.#namespaces()) {
      const answer = await this.#find(
        '/containerd.services.containers.v1.Containers/Get',
        fullId,
        namespace,
      );
      if (answer !== undefined) return this.#metadata(answer.message(1), namespace);
    }
    return undefined;
  }

  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void> {
    const topics = ['/containers/create', '/containers/update', '/tasks/start', REMOVED];
    return this.#grpc.stream(
      '/containerd.services.events.v1.Events/Subscribe',
      encode(...topics.map((topic) => [1, `topic=="${topic}"`] as const)),
      signal,
      () => watcher.connected(),
      (envelope) => {
        // Envelope: 3 topic, 4 event (Any: 2 value); every event of these topics has its id in 1.
        const id = envelope.message(4).message(2).text(1);
        if (envelope.text(3) === REMOVED) watcher.removed(id);
        else watcher.changed(id);
      },
    );
  }

  close(): void {
    this.#grpc.close();
  }

  async #namespaces(): Promise<string[]> {
    const answer = await this.#grpc.call(
      '/containerd.services.namespaces.v1.Namespaces/List',
      encode(),
    );
    const names = answer.messages(1).map((namespace) => namespace.text(1));
    return names.filter((name) => SAFE_NAMESPACE.test(name)).slice(0, MAX_NAMESPACES);
  }

  // Get by the text in field 1; `undefined` when there is none.
  async #find(method: string, key: string, namespace: string): Promise<Message | undefined> {
    try {
      return await this.#grpc.call(method, encode([1, key]), namespace);
    } catch (error) {
      if (error instanceof GrpcRefusal && error.status === NOT_FOUND) return undefined;
      throw error;
    }
  }

  // Container: 1 id, 2 labels, 3 image, 5 spec (Any: 2 value, JSON), 11 sandbox.
  async #metadata(container: Message, namespace: string): Promise<ContainerMetadata> {
    const id = container.text(1);
    const imageName = Buffer.from(container.text(3), 'latin1').toString('utf8');
    const [image, task] = await Promise.all([
      imageName === ''
        ? undefined
        : this.#find('/containerd.services.images.v1.Images/Get', imageName, namespace),
      this.#find('/containerd.services.tasks.v1.Tasks/Get', id, namespace),
    ]);
    const specText = container.message(5).bytes(2).toString('utf8');
    const spec = Json.parse(specText === '' ? '{}' : specText);
    const labels = container.textMap(2);
    const name = splitImage(container.text(3));
    const kinds = spec
      .at('linux', 'namespaces')
      .list()
      .map((entry) => entry.at('type').text());
    return bounded(
      {
        type: 'containerd',
        // A container of containerd has no other name, except the one the kubelet gave it.
        name: labels.get('io.kubernetes.container.name') ?? id.slice(0, SHORT_ID_CHARS),
        image: container.text(3),
        image_id: '',
        image_repository: name.repository,
        image_tag: name.tag,
        // GetImageResponse: 1 image; Image: 3 target; Descriptor: 2 digest.
        image_digest: image?.message(1).message(3).text(2) ?? '',
        privileged: isPrivileged(spec),
        mounts: mountsOf(spec),
        labels,
        ip: '',
        // Sharing a namespace with the host is written as not having one in the list.
        host_pid: !kinds.includes('pid'),
        host_network: !kinds.includes('network'),
        host_ipc: !kinds.includes('ipc'),
        // GetResponse: 1 process; Process: 3 pid.
        start_ns: task === undefined ? undefined : await startOf(task.message(1).integer(3)),
        pod_sandbox_id:
          container.text(11) || spec.at('annotations', 'io.kubernetes.cri.sandbox-id').text(),
      },
      this.labelBytes,
    );
  }
}

const REMOVED = '/containers/delete';
/** Namespaces are asked one after the other. */
const MAX_NAMESPACES = 32;
const SAFE_NAMESPACE = /^[0-9A-Za-z][0-9A-Za-z_.-]{0,75}$/;
const SHORT_ID_CHARS = 12;

// A spec does not say "privileged"; it is the sum of what that option leaves out (WithPrivileged in
// containerd's pkg/oci/spec_opts.go). Falco's plugin guesses it the same way.
function isPrivileged(spec: Json): boolean {
  const linux = spec.at('linux');
  const process = spec.at('process');
  const profile = process.at('apparmorProfile').text();
  if (!linux.exists || !process.exists) return false;
  if (linux.at('maskedPaths').exists || linux.at('readonlyPaths').exists) return false;
  if (linux.at('seccomp').exists || process.at('selinuxLabel').text() !== '') return false;
  if (profile !== '' && profile !== 'unconfined') return false;
  return !spec
    .at('mounts')
    .list()
    .some(
      (mount) =>
        ['sysfs', 'cgroup'].includes(mount.at('type').text()) && optionsOf(mount).includes('ro'),
    );
}

function mountsOf(spec: Json): ContainerMount[] {
  const propagation = spec.at('linux', 'rootfsPropagation').text();
  return spec
    .at('mounts')
    .list()
    .map((mount) => {
      const options = optionsOf(mount);
      const mode = options.find((option) => option.startsWith('mode=')) ?? 'mode=';
      return {
        source: mount.at('source').text(),
        destination: mount.at('destination').text(),
        mode: mode.slice('mode='.length),
        writable: !options.includes('ro'),
        propagation,
      };
    });
}

function optionsOf(mount: Json): string[] {
  return mount
    .at('options')
    .list()
    .map((option) => option.text());
}

// containerd keeps no start time; /proc knows it to the clock tick. proc(5): field 22 of stat.
async function startOf(pid: bigint): Promise<bigint | undefined> {
  try {
    const [stat, uptime] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile('/proc/uptime', 'latin1'),
    ]);
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const ago_ms = Number(uptime.split(' ')[0]) * 1000 - ticks * TICK_MS;
    return Number.isNaN(ago_ms) ? undefined : BigInt(Math.round(Date.now() - ago_ms)) * 1_000_000n;
  } catch {
    return undefined; // the process is gone, or in another pid namespace than ours
  }
}

/** The clock tick of /proc is 1/100 s on every architecture (USER_HZ). */
const TICK_MS = 10;
