// A pod, made over CRI as the kubelet makes it. Messages: cri-api/pkg/apis/runtime/v1/api.proto.
import { GrpcClient } from '../../src/enrich/runtime-grpc.js';
import { encode } from '../../src/enrich/runtime-proto.js';

/** What `startPod` made. */
export interface Pod {
  podId: string;
  containerId: string;
  /** Removes the pod and its container. */
  remove(): Promise<void>;
}

/** What a pod is made of. */
export interface PodOptions {
  name: string;
  uid: string;
  namespace: string;
  podLabels: Readonly<Record<string, string>>;
  container: string;
  labels: Readonly<Record<string, string>>;
  /** Pulled under all of these names, run as the first. */
  images: readonly [string, ...string[]];
  /** The kubelet asks for an image by the id that came of pulling it; others ask by name. */
  byName: boolean;
  command: readonly string[];
  /** Read-only in the container. */
  mount: { source: string; destination: string };
}

/** Starts a pod with one container in the network of the host, which needs no network plugin. */
export async function startPod(socket: string, options: PodOptions): Promise<Pod> {
  const grpc = new GrpcClient(socket);
  // Longer than the client gives a question: starting a container takes its time.
  const ask = async (method: string, request: Buffer, service = 'Runtime'): Promise<string> => {
    let id = '';
    const limit = AbortSignal.timeout(30_000);
    const path = `/runtime.v1.${service}Service/${method}`;
    await grpc.stream(
      path,
      request,
      limit,
      () => {},
      (answer) => {
        id = answer.text(1);
      },
    );
    if (limit.aborted) throw new Error(`${method}: no answer`);
    return id;
  };
  const spaces = encode([1, NODE], [2, CONTAINER]);
  const sandbox = encode(
    [1, encode([1, options.name], [2, options.uid], [3, options.namespace])],
    [3, '/tmp'],
    ...mapOf(6, options.podLabels),
    [8, encode([2, encode([1, spaces])])],
  );
  const pulled: string[] = [];
  for (const name of options.images)
    pulled.push(await ask('PullImage', encode([1, encode([1, name])]), 'Image'));
  const [image] = options.byName ? options.images : pulled;
  const podId = await ask('RunPodSandbox', encode([1, sandbox]));
  const { source, destination } = options.mount;
  const config = encode(
    [1, encode([1, options.container])],
    [2, encode([1, image ?? ''], [18, options.images[0]])],
    ...options.command.map((word) => [3, word] as const),
    [7, encode([1, destination], [2, source], [3, true])],
    ...mapOf(9, options.labels),
    [15, encode([2, encode([3, spaces])])],
  );
  const containerId = await ask('CreateContainer', encode([1, podId], [2, config], [3, sandbox]));
  await ask('StartContainer', encode([1, containerId]));
  return {
    podId,
    containerId,
    remove: async () => {
      await ask('StopPodSandbox', encode([1, podId]));
      await ask('RemovePodSandbox', encode([1, podId]));
      grpc.close();
    },
  };
}

/** NamespaceMode. */
const CONTAINER = 1;
const NODE = 2;

function mapOf(number: number, map: Readonly<Record<string, string>>) {
  return Object.entries(map).map(([key, value]) => [number, encode([1, key], [2, value])] as const);
}
