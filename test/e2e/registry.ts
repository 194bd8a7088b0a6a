// An image made of a static busybox, and a registry on the loopback that hands it out: the only way
// to an image that has a digest, without the network.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The file system of the image as a tar archive: /bin with busybox and links to it. */
export function busyboxTar(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'saker-image-'));
  try {
    for (const name of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev'])
      mkdirSync(join(folder, 'tree', name), { recursive: true });
    const busybox = execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim();
    copyFileSync(busybox, join(folder, 'tree/bin/busybox'));
    for (const name of ['sh', 'sleep', 'cat', 'ls', 'id', 'touch', 'true', 'echo'])
      symlinkSync('busybox', join(folder, 'tree/bin', name));
    const options = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0'];
    execFileSync('tar', [
      ...options,
      '-cf',
      join(folder, 'layer.tar'),
      '-C',
      join(folder, 'tree'),
      '.',
    ]);
    return readFileSync(join(folder, 'layer.tar'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Serves one image per last part of a name: `team/app` and `other/app` are the same. */
export class Registry {
  readonly #layer = busyboxTar();
  readonly #packed = gzipSync(this.#layer);
  readonly #blobs = new Map([[digestOf(this.#packed), this.#packed]]);
  readonly #images = new Map<string, { manifest: Buffer; id: string }>();
  readonly #server = createServer((request, response) => {
    const [, name = '', kind, key = ''] =
      /^\/v2\/(?:.*\/)?([^/]+)\/(manifests|blobs)\/([^/?]+)/.exec(request.url ?? '') ?? [];
    const body = kind === 'blobs' ? this.#blobs.get(key) : this.#image(name).manifest;
    if (kind === undefined || body === undefined) {
      response.writeHead(request.url === '/v2/' ? 200 : 404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': kind === 'blobs' ? 'application/octet-stream' : MANIFEST,
      'content-length': body.length,
      'docker-content-digest': digestOf(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });

  static async start(): Promise<Registry> {
    const registry = new Registry();
    await new Promise<void>((ready) => registry.#server.listen(0, '127.0.0.1', ready));
    return registry;
  }

  /** `127.0.0.1:PORT`; every runtime takes plain HTTP from the loopback. */
  get host(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry is closed');
    return `127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** What a runtime must say the image's digest is. */
  digestOf(name: string): string {
    return digestOf(this.#image(name).manifest);
  }

  /** Digest of the image's configuration, which runtimes call the image's id. */
  imageIdOf(name: string): string {
    return this.#image(name).id;
  }

  #image(name: string): { manifest: Buffer; id: string } {
    const known = this.#images.get(name);
    if (known !== undefined) return known;
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        config: { Env: ['PATH=/bin', `IMAGE=${name}`], Cmd: ['sleep', '1000000'] },
        rootfs: { type: 'layers', diff_ids: [digestOf(this.#layer)] },
        history: [{ created: '2020-01-01T00:00:00Z', created_by: 'saker' }],
      }),
    );
    const id = digestOf(config);
    this.#blobs.set(id, config);
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: id,
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          size: this.#packed.length,
          digest: digestOf(this.#packed),
        },
      ],
    };
    const image = { manifest: Buffer.from(JSON.stringify(manifest)), id };
    this.#images.set(name, image);
    return image;
  }
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
