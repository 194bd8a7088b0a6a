// What the container runtimes of the host know: asked once per container, kept, and refreshed by
// their events. Runs on the main thread; nothing a runtime does or fails to do stops the agent.
import type { ContainerMetadata } from '../decode/event.js';
import { type Runtime, type RuntimeKind, SAFE_ID } from './runtime.js';
import { ContainerdRuntime } from './runtime-containerd.js';
import { CriRuntime } from './runtime-cri.js';
import { DockerRuntime, PodmanRuntime } from './runtime-docker.js';
import { Follower, isAbsent, type RuntimeLog } from './runtime-follow.js';

/** Which runtimes to ask, and where; what is left out is enabled at its usual places. */
export type ContainerEngines = Partial<
  Record<RuntimeKind, { enabled?: boolean; sockets?: readonly string[] }>
>;

/** Falco's `label_max_len`. */
export const DEFAULT_LABEL_BYTES = 100;

/**
 * The usual sockets of each runtime.
 *
 * Those of single users (/run/user/UID/podman) are left out, though Falco asks them: any user could
 * put a liar there.
 */
export const DEFAULT_SOCKETS: Readonly<Record<RuntimeKind, readonly string[]>> = {
  docker: ['/var/run/docker.sock'],
  podman: ['/run/podman/podman.sock'],
  cri: [
    '/run/containerd/containerd.sock',
    '/run/crio/crio.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/host-containerd/containerd.sock',
  ],
  containerd: [
    '/run/containerd/containerd.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/host-containerd/containerd.sock',
  ],
};

/** Makes the runtimes to ask; connects to nothing yet. */
export function makeRuntimes(
  engines: ContainerEngines = {},
  labelBytes = DEFAULT_LABEL_BYTES,
): Runtime[] {
  const make: Record<RuntimeKind, (socket: string) => Runtime> = {
    docker: (socket) => new DockerRuntime(socket, labelBytes),
    podman: (socket) => new PodmanRuntime(socket, labelBytes),
    cri: (socket) => new CriRuntime(socket, labelBytes),
    containerd: (socket) => new ContainerdRuntime(socket, labelBytes),
  };
  return ORDER.flatMap((kind) => {
    const { enabled = true, sockets = [] } = engines[kind] ?? {};
    const chosen = sockets.length > 0 ? sockets : DEFAULT_SOCKETS[kind];
    return enabled ? chosen.map((socket) => make[kind](socket)) : [];
  });
}

/** How `Runtimes` behaves. */
export interface RuntimesOptions {
  log: RuntimeLog;
  /** Is told what events brought: of containers nobody asked for yet, and of changed ones. */
  onUpdate?: (fullId: string, metadata: ContainerMetadata) => void;
  /** Pauses before asking again for a container no runtime knows yet. */
  retry_ms?: readonly number[];
}

/** What happened since the start. */
export interface RuntimeCounts {
  lookups: number;
  found: number;
  unknown: number;
  /** Not looked up, because too many were under way. */
  refused: number;
  /** Requests to a runtime that went wrong. */
  failures: number;
}

/** All runtimes of the host. */
export class Runtimes {
  readonly counts: RuntimeCounts = { lookups: 0, found: 0, unknown: 0, refused: 0, failures: 0 };
  readonly #followers: ReadonlyMap<Runtime, Follower>;
  readonly #known = new Map<string, ContainerMetadata>();
  /** Until when nobody is asked again. */
  readonly #unknown = new Map<string, number>();
  readonly #pending = new Map<string, Promise<ContainerMetadata | undefined>>();
  /** Ends the pause of a lookup. */
  readonly #hurry = new Map<string, () => void>();
  /** Changed while they were looked up. */
  readonly #again = new Set<string>();
  /** Lookups that wait for their turn, and refreshes, which nobody waits for. */
  readonly #waiting: (() => void)[] = [];
  readonly #later: (() => void)[] = [];
  #active = 0;
  #closed = false;

  /** @param runtimes asked in this order, so containerd, which knows those of others, comes last. */
  constructor(
    private readonly runtimes: readonly Runtime[],
    private readonly options: RuntimesOptions,
  ) {
    const follower = (runtime: Runtime) =>
      new Follower(
        runtime,
        {
          connected: () => this.#connected(),
          changed: (fullId) => this.#changed(fullId),
          removed: (fullId) => this.#removed(fullId),
        },
        options.log,
      );
    this.#followers = new Map(runtimes.map((runtime) => [runtime, follower(runtime)]));
  }

  /** Begins to follow events; lookups work without. */
  start(): void {
    for (const follower of this.#followers.values()) void follower.run();
  }

  /**
   * Finds out about a container.
   *
   * @param type what its cgroup says: docker, podman, cri-o, containerd, ...; whom to ask first.
   * @returns `undefined` when no runtime knows it, after asking again for some seconds. Never
   *   rejects.
   */
  lookup(fullId: string, type: string): Promise<ContainerMetadata | undefined> {
    this.counts.lookups++;
    if (this.#closed || !SAFE_ID.test(fullId)) return NOTHING;
    const known = this.#known.get(fullId);
    if (known !== undefined) return Promise.resolve(known);
    if ((this.#unknown.get(fullId) ?? 0) > performance.now()) return NOTHING;
    const pending = this.#pending.get(fullId);
    if (pending !== undefined) return pending;
    if (this.#pending.size >= MAX_PENDING) {
      this.counts.refused++;
      return NOTHING;
    }
    const asked = this.#find(fullId, type).finally(() => {
      this.#pending.delete(fullId);
      if (this.#again.delete(fullId)) void this.#refresh(fullId);
    });
    this.#pending.set(fullId, asked);
    return asked;
  }

  /** Lookups under way end with `undefined`. */
  close(): void {
    this.#closed = true;
    for (const follower of this.#followers.values()) follower.close();
    for (const hurry of this.#hurry.values()) hurry();
    for (const runtime of this.runtimes) runtime.close();
  }

  async #find(fullId: string, type: string): Promise<ContainerMetadata | undefined> {
    // A container has processes before docker lists it, and under load for a while.
    const pauses = this.options.retry_ms ?? RETRY_MS;
    const end_ms = performance.now() + MAX_LOOKUP_MS;
    for (let attempt = 0; !this.#closed; attempt++) {
      const pause = performance.now() < end_ms ? pauses[attempt] : undefined;
      const answer = await this.#inTurn(this.#waiting, () =>
        this.#ask(fullId, type, pause === undefined),
      );
      if (answer.metadata !== undefined) return this.#remember(fullId, answer.metadata);
      if (pause === undefined || !answer.anybody) break;
      await this.#pause(fullId, pause);
    }
    if (this.#closed) return undefined;
    this.counts.unknown++;
    put(this.#unknown, fullId, performance.now() + UNKNOWN_MS);
    return undefined;
  }

  // One round. Before the last one, a runtime that fails may be the one that knows more than
  // containerd, so the round ends there.
  async #ask(
    fullId: string,
    type: string,
    last: boolean,
  ): Promise<{ metadata?: ContainerMetadata; anybody: boolean }> {
    let anybody = false;
    let failed = false;
    for (const runtime of inOrder(this.runtimes, type)) {
      if (this.#closed || (failed && !last && runtime.kind === 'containerd')) break;
      try {
        const metadata = await runtime.inspect(fullId);
        anybody = true;
        this.#followers.get(runtime)?.answered();
        if (metadata !== undefined) return { metadata, anybody };
      } catch (error) {
        if (isAbsent(error)) continue;
        anybody = true;
        failed = true;
        this.counts.failures++;
        this.options.log.debug({ err: error, container: fullId }, 'a container runtime failed');
      }
    }
    return { anybody };
  }

  #remember(fullId: string, metadata: ContainerMetadata): ContainerMetadata | undefined {
    if (this.#closed) return undefined;
    this.counts.found++;
    this.#unknown.delete(fullId);
    put(this.#known, fullId, metadata);
    return metadata;
  }

  async #refresh(fullId: string): Promise<void> {
    if (this.#later.length >= MAX_LATER) {
      this.counts.refused++;
      return;
    }
    const { metadata } = await this.#inTurn(this.#later, () => this.#ask(fullId, '', false));
    if (metadata === undefined || this.#remember(fullId, metadata) === undefined) return;
    try {
      this.options.onUpdate?.(fullId, metadata);
    } catch (error) {
      this.options.log.warn({ err: error }, 'an update about a container could not be passed on');
    }
  }

  #connected(): void {
    this.#known.clear(); // events were missed
    const missed = [...this.#unknown.keys()];
    this.#unknown.clear();
    for (const fullId of missed) void this.#refresh(fullId);
    for (const hurry of this.#hurry.values()) hurry();
  }

  #changed(fullId: string): void {
    if (this.#closed || !SAFE_ID.test(fullId)) return;
    this.#unknown.delete(fullId);
    this.#known.delete(fullId);
    if (this.#pending.has(fullId)) {
      this.#again.add(fullId);
      this.#hurry.get(fullId)?.();
    } else void this.#refresh(fullId);
  }

  #removed(fullId: string): void {
    this.#known.delete(fullId);
    this.#unknown.delete(fullId);
  }

  #pause(fullId: string, pause_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#hurry.delete(fullId);
        resolve();
      };
      const timer = setTimeout(end, pause_ms);
      this.#hurry.set(fullId, end);
    });
  }

  async #inTurn<T>(queue: (() => void)[], work: () => Promise<T>): Promise<T> {
    if (this.#active >= MAX_ACTIVE) await new Promise<void>((turn) => queue.push(turn));
    else this.#active++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift() ?? this.#later.shift();
      if (next === undefined) this.#active--;
      else next(); // takes this turn
    }
  }
}

const ORDER: readonly RuntimeKind[] = ['docker', 'podman', 'cri', 'containerd'];
const NOTHING = Promise.resolve(undefined);
const RETRY_MS = [50, 150, 400, 1000, 2000];
const MAX_LOOKUP_MS = 15_000;
const UNKNOWN_MS = 60_000;
/** Containers asked for at once; a runtime has other work, too. */
const MAX_ACTIVE = 8;
const MAX_PENDING = 1024;
const MAX_LATER = 4096;
const MAX_KEPT = 4096;

// The kind the cgroup speaks of first; containerd stays last.
function inOrder(runtimes: readonly Runtime[], type: string): readonly Runtime[] {
  const kind = type === 'cri-o' || type === 'containerd' ? 'cri' : type;
  if (kind === 'docker') return runtimes;
  const first = runtimes.filter((runtime) => runtime.kind === kind);
  return [...first, ...runtimes.filter((runtime) => runtime.kind !== kind)];
}

// Drops the oldest entry when there are too many.
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_KEPT) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
