// The part of the configuration that says which container runtimes are asked, and how long events
// wait for the answer.
import type { Section } from './section.js';

/** Where one kind of runtime is asked. */
export interface EngineConfig {
  enabled: boolean;
  /** None: the usual ones of that kind. */
  sockets: readonly string[];
}

/** The kinds of runtimes that can be asked; Falco's names. */
export const ENGINES = ['docker', 'podman', 'cri', 'containerd'] as const;

/** What the configuration says of containers; names are those of the file. */
export interface ContainerConfig {
  container_engines: Readonly<Record<(typeof ENGINES)[number], EngineConfig>>;
  /** Longer values of labels are left out. */
  label_max_len: number;
  /** The longest an event waits for what a runtime knows of its container; 0: never. */
  container_wait_ms: number;
}

/** Reads it from the top of the configuration. */
export function readContainers(top: Section): ContainerConfig {
  const engines = top.section('container_engines');
  const config: ContainerConfig = {
    container_engines: {
      docker: readEngine(engines.section('docker')),
      podman: readEngine(engines.section('podman')),
      cri: readEngine(engines.section('cri')),
      containerd: readEngine(engines.section('containerd')),
    },
    label_max_len: top.integer('label_max_len', DEFAULT_LABEL_BYTES),
    container_wait_ms: top.integer('container_wait_ms', DEFAULT_WAIT_MS),
  };
  engines.close();
  if (config.label_max_len < 1 || config.label_max_len > MAX_LABEL_BYTES)
    top.refuse('label_max_len', `expected a number of bytes from 1 to ${MAX_LABEL_BYTES}`);
  if (config.container_wait_ms > MAX_WAIT_MS)
    top.refuse('container_wait_ms', `expected at most ${MAX_WAIT_MS} milliseconds`);
  return config;
}

function readEngine(engine: Section): EngineConfig {
  const config = { enabled: engine.flag('enabled', true), sockets: engine.texts('sockets') };
  for (const socket of config.sockets)
    if (!socket.startsWith('/') || Buffer.byteLength(socket) > MAX_SOCKET_BYTES)
      engine.refuse('sockets', `expected absolute paths of at most ${MAX_SOCKET_BYTES} bytes`);
  engine.close();
  return config;
}

const DEFAULT_LABEL_BYTES = 100;
const MAX_LABEL_BYTES = 4096;
/**
 * Docker answers questions about a container when it has started it: 0.1 to 0.5 s after the first
 * program ran there, more on a busy host. Who waits costs little: alerts of new containers only.
 */
const DEFAULT_WAIT_MS = 2000;
const MAX_WAIT_MS = 60_000;
/** unix(7) */
const MAX_SOCKET_BYTES = 107;
