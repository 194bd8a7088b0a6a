// A daemon that a test starts, kills, starts again, and leaves nothing of.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A daemon that listens on a socket and keeps everything below a folder of its own. */
export class Daemon {
  #process: ChildProcess | undefined;
  #closed = false;
  readonly #kill = () => this.#process?.kill('SIGKILL');

  constructor(
    private readonly folder: string,
    private readonly socket: string,
    private readonly argv: readonly string[],
    private readonly environment: Record<string, string> = {},
  ) {
    process.once('exit', this.#kill);
  }

  /** @throws with the end of the daemon's log when it does not listen. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.argv;
    const log = openSync(join(this.folder, 'log'), 'a');
    const child = spawn(program, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.environment },
    });
    closeSync(log);
    child.once('error', () => {}); // the wait below ends with the reason
    this.#process = child;
    for (let attempt = 0; !(await listens(this.socket)); attempt++) {
      if (child.exitCode !== null || child.pid === undefined || attempt > 300)
        throw new Error(`${program} does not start:\n${tail(join(this.folder, 'log'))}`);
      await delay(100);
    }
  }

  /** Ends it the hard way and starts it again. */
  async restart(): Promise<void> {
    await this.#stop('SIGKILL');
    // A daemon killed this way leaves its socket and pid files behind. dockerd's containerd dies with
    // it, but where the host's init reaps nothing its pid still looks alive.
    for (const name of [this.socket, ...STALE.map((file) => join(this.folder, file))])
      rmSync(name, { force: true });
    await delay(500);
    await this.start();
  }

  /** Ends it after `clean`, and all processes, mounts and files it leaves. May be called twice. */
  async close(clean: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await clean();
    } finally {
      await this.#stop('SIGTERM');
      process.off('exit', this.#kill);
      await this.#endRest();
      await this.#removeFiles();
    }
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await exited;
    clearTimeout(late);
  }

  // Shims and podman's clean-up run on for a moment, and would make files again.
  async #endRest(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const left = processesNaming(this.folder);
      if (left.length === 0) return;
      if (attempt === 50) for (const pid of left) process.kill(pid, 'SIGKILL');
      await delay(100);
    }
  }

  async #removeFiles(): Promise<void> {
    // Podman keeps a mount of its own, and a killed daemon leaves its: the innermost first. A mount
    // may show only when the one above it is gone.
    for (let left = this.#mounts(), round = 0; left.length > 0 && round < 5; round++) {
      for (const path of left.reverse()) await command('umount', ['-l', path]).catch(() => {});
      left = this.#mounts();
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #mounts(): string[] {
    return lines(readFileSync('/proc/self/mounts', 'utf8'))
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.folder}/`));
  }
}

const STALE = ['docker.pid', 'exec/containerd/containerd.pid', 'exec/containerd/containerd.sock'];

/** Runs a program and gives its standard output, trimmed. */
export async function command(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...process.env, ...environment },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 60_000,
  });
  return stdout.trim();
}

/** The lines of a text that are not empty. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

// A zombie has no command line.
function processesNaming(path: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(path));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it ended meanwhile
  }
}

function tail(file: string): string {
  return lines(readFileSync(file, 'utf8')).slice(-15).join('\n');
}

function delay(pause_ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, pause_ms));
}
