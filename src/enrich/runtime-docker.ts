// Containers of docker and podman, over their HTTP interface.
// Docker Engine API: https://docs.docker.com/reference/api/engine/; podman's own ("libpod") part
// of its interface says the name and the digest of the image, which its docker-like part does not.
import type { ContainerMetadata, ContainerMount } from '../decode/event.js';
import { RuntimeError } from '../errors.js';
import {
  bounded,
  type ImageName,
  type Runtime,
  type RuntimeWatcher,
  splitImage,
} from './runtime.js';
import { type HttpAnswer, HttpClient } from './runtime-http.js';
import { Json } from './runtime-json.js';

/** One docker daemon. */
export class DockerRuntime implements Runtime {
  readonly kind = 'docker';
  readonly #http: HttpClient;

  constructor(
    readonly socket: string,
    private readonly labelBytes: number,
  ) {
    this.#http = new HttpClient(socket);
  }

  async inspect(fullId: string): Promise<ContainerMetadata | undefined> {
    const container = await get(this.#http, `/containers/${fullId}/json`);
    // The daemon also finds containers by name and by the beginning of an id.
    if (container?.at('Id').text().startsWith(fullId) !== true) return undefined;
    const id = container.at('Image').text();
    const image = SAFE_IMAGE_ID.test(id) ? await get(this.#http, `/images/${id}/json`) : undefined;
    const started = container.at('Config', 'Image').text();
    const name = imageName(started, image);
    return bounded(
      {
        ...sameInBoth(container),
        type: 'docker',
        image: started,
        image_id: id.startsWith('sha256:') ? id.slice('sha256:'.length) : '',
        image_repository: name.repository,
        image_tag: name.tag,
        image_digest: name.digest,
        ip: addressOf(container) || (await this.#borrowedAddress(container)),
      },
      this.labelBytes,
    );
  }

  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void> {
    return watchEvents(
      this.#http,
      '/events',
      ['create', 'start', 'rename', 'destroy'],
      watcher,
      signal,
    );
  }

  close(): void {
    this.#http.close();
  }

  // `--network container:ID` has the address of that container.
  async #borrowedAddress(container: Json): Promise<string> {
    const owner = /^container:([0-9a-f]{64})$/.exec(
      container.at('HostConfig', 'NetworkMode').text(),
    )?.[1];
    const other =
      owner === undefined ? undefined : await get(this.#http, `/containers/${owner}/json`);
    return other === undefined ? '' : addressOf(other);
  }
}

/** One podman service. */
export class PodmanRuntime implements Runtime {
  readonly kind = 'podman';
  readonly #http: HttpClient;
  #version: string | undefined;

  constructor(
    readonly socket: string,
    private readonly labelBytes: number,
  ) {
    this.#http = new HttpClient(socket);
  }

  async inspect(fullId: string): Promise<ContainerMetadata | undefined> {
    const container = await get(
      this.#http,
      `/v${await this.#libpodVersion()}/libpod/containers/${fullId}/json`,
    );
    if (container?.at('Id').text().startsWith(fullId) !== true) return undefined;
    const image = container.at('ImageName').text();
    const name = splitImage(image);
    return bounded(
      {
        ...sameInBoth(container),
        type: 'podman',
        image,
        image_id: container
          .at('Image')
          .text()
          .replace(/^sha256:/, ''),
        image_repository: name.repository,
        image_tag: name.tag,
        image_digest: container.at('ImageDigest').text(),
        ip: addressOf(container),
      },
      this.labelBytes,
    );
  }

  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<void> {
    // Podman never says "destroy" but "remove".
    return watchEvents(
      this.#http,
      '/events',
      ['create', 'start', 'rename', 'remove'],
      watcher,
      signal,
    );
  }

  close(): void {
    this.#version = undefined; // the next service may be a newer one
    this.#http.close();
  }

  // Its own part exists only below a version, and an old service refuses a newer one.
  async #libpodVersion(): Promise<string> {
    if (this.#version === undefined) {
      const said = (await this.#http.get('/_ping')).headers['libpod-api-version'];
      if (typeof said !== 'string' || !/^\d+\.\d+\.\d+$/.test(said))
        throw new RuntimeError('RUNTIME_ANSWER', `${this.socket}: not a podman service`);
      this.#version = said;
    }
    return this.#version;
  }
}

/**
 * The name of a docker image.
 *
 * Falco's plugin takes the repository from the first digest a registry gave the image, else from
 * the first tag. Here the name that the container was started with decides when there are several,
 * and stands in when the image has been deleted.
 *
 * @param started what the container was started with: a name, or an id.
 * @param image the daemon's answer about the image.
 */
export function imageName(started: string, image: Json | undefined): ImageName {
  const asked = splitImage(started.replace(/^docker\.io\/(?:library\/)?/, ''));
  const digests = named(image?.at('RepoDigests'));
  const tags = named(image?.at('RepoTags'));
  const known = digests.length > 0 ? digests : tags;
  const best = known.find((name) => name.repository === asked.repository) ?? known[0];
  if (best === undefined)
    return ID_AS_NAME.test(started) ? { repository: '', tag: '', digest: '' } : splitImage(started);
  const { repository, digest } = best;
  const own = tags.filter((name) => name.repository === repository);
  const tag = own.find((name) => name.tag === asked.tag)?.tag ?? own[0]?.tag ?? '';
  return { repository, tag, digest };
}

const SAFE_IMAGE_ID = /^[0-9A-Za-z:]{1,128}$/;
const ID_AS_NAME = /^(?:sha256:)?[0-9a-f]{12,64}$/;

async function get(http: HttpClient, path: string): Promise<Json | undefined> {
  const answer = await http.get(path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(path, answer);
  return Json.parse(answer.body);
}

function refusal(path: string, answer: HttpAnswer): RuntimeError {
  return new RuntimeError('RUNTIME_ANSWER', `${path}: status ${answer.status}`);
}

// `<none>` stands for a name that was taken away.
function named(references: Json | undefined): ImageName[] {
  return (references?.list() ?? [])
    .map((reference) => splitImage(reference.text()))
    .filter((name) => name.repository !== '' && !name.repository.includes('<none>'));
}

function sameInBoth(container: Json) {
  const host = container.at('HostConfig');
  return {
    name: container.at('Name').text().replace(/^\//, ''),
    privileged: host.at('Privileged').flag(),
    mounts: container.at('Mounts').list().map(mountOf),
    labels: container.at('Config', 'Labels').textEntries(),
    host_pid: host.at('PidMode').text() === 'host',
    host_network: host.at('NetworkMode').text() === 'host',
    host_ipc: host.at('IpcMode').text() === 'host',
    start_ns: container.at('State', 'StartedAt').time_ns,
  };
}

function mountOf(mount: Json): ContainerMount {
  return {
    source: mount.at('Source').text(),
    destination: mount.at('Destination').text(),
    mode: mount.at('Mode').text(),
    writable: mount.at('RW').flag(),
    propagation: mount.at('Propagation').text(),
  };
}

// The first is gone since docker 29 and was only ever set for the default bridge.
function addressOf(container: Json): string {
  const settings = container.at('NetworkSettings');
  const direct = settings.at('IPAddress').text();
  if (direct !== '') return direct;
  for (const [, network] of settings.at('Networks').entries()) {
    const address = network.at('IPAddress').text();
    if (address !== '') return address;
  }
  return '';
}

function watchEvents(
  http: HttpClient,
  path: string,
  events: readonly string[],
  watcher: RuntimeWatcher,
  signal: AbortSignal,
): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: events }));
  return http.lines(
    `${path}?stream=true&filters=${filters}`,
    signal,
    () => watcher.connected(),
    (line) => {
      if (line.trim() === '') return;
      const event = Json.parse(line);
      const id = event.at('Actor', 'ID').text();
      const action = event.at('Action').text();
      if (action === 'destroy' || action === 'remove') watcher.removed(id);
      else if (events.includes(action)) watcher.changed(id);
    },
  );
}
