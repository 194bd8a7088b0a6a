// A real OpenSearch for a test: its artifacts from Maven, kept under build/, one node, no security
// plugin. Where credentials and TLS matter, a proxy of the test stands in front of it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.js';

const HERE = join(import.meta.dirname, 'opensearch');
const LIBRARIES = join(import.meta.dirname, '..', '..', 'build', 'opensearch', 'lib');

/** One node with data of its own. */
export class OpenSearch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'saker-opensearch-'));
  #process: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  /** Starts one; resolves when it answers. */
  static async start(): Promise<OpenSearch> {
    fetchLibraries();
    const [port = 0] = await freePorts(1);
    const node = new OpenSearch(port);
    await node.run();
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again after `kill`, with the data that it had. */
  async run(): Promise<void> {
    const { port } = this;
    const args = ['-Xmx512m', '-cp', join(LIBRARIES, '*'), join(HERE, 'Node.java')];
    const child = spawn('java', [...args, join(this.#folder, 'data'), String(port)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: this.#folder,
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const listen = (chunk: Buffer): void => {
        said = `${said}${chunk}`.slice(-4000);
        if (said.includes('node is ready')) resolve();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('exit', (code) => reject(new Error(`OpenSearch ended with ${code}: ${said}`)));
    });
  }

  /** At once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The answer to a request, parsed; an error for a status above 299. */
  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** The documents of an index or data stream, by their ids. */
  async documents(index: string): Promise<Map<string, Record<string, unknown>>> {
    await this.ask('POST', `${index}/_refresh`);
    const found = await this.ask('POST', `${index}/_search?size=10000`, { sort: ['_doc'] });
    const hits: { _id: string; _source: Record<string, unknown> }[] = JSON.parse(
      JSON.stringify(found),
    ).hits.hits;
    return new Map(hits.map(({ _id, _source }) => [_id, _source]));
  }
}

function fetchLibraries(): void {
  if (existsSync(LIBRARIES) && readdirSync(LIBRARIES).length > 50) return;
  execFileSync(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${LIBRARIES}`],
    { cwd: HERE, stdio: 'pipe' },
  );
}
