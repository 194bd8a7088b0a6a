// A Docker daemon to test with: the host's, or one of our own without a network.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The image that the tests run: busybox alone, under a name and tag of our own. */
export const IMAGE = 'saker-test/busybox';
export const TAG = 'one';

const START_LIMIT_MS = 60_000;

/** A reachable daemon. `close` ends it if it is ours, and removes what the tests made. */
export class Docker {
  private constructor(
    private readonly daemon: ChildProcess | undefined,
    private readonly folder: string,
  ) {}

  /** Uses the daemon of the host, or starts one with these options, and makes the image. */
  static async start(...options: string[]): Promise<Docker> {
    const folder = mkdtempSync(join(tmpdir(), 'saker-docker-'));
    let daemon: ChildProcess | undefined;
    if (!reachable()) {
      let said = '';
      const args = ['--iptables=false', '--bridge=none', '--data-root', join(folder, 'data')];
      args.push('--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid'));
      daemon = spawn('dockerd', [...args, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
      daemon.stderr?.on('data', (text: Buffer) => {
        said = (said + text.toString()).slice(-4000);
      });
      const limit = Date.now() + START_LIMIT_MS;
      while (!reachable()) {
        if (daemon.exitCode !== null || Date.now() > limit) {
          daemon.kill();
          throw new Error(`dockerd does not answer:\n${said}`);
        }
        await sleep(200);
      }
    }
    const docker = new Docker(daemon, folder);
    docker.makeImage();
    return docker;
  }

  /** Runs the docker client and returns what it printed. */
  run(...args: string[]): string {
    return execFileSync('docker', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  async close(): Promise<void> {
    const mine = this.run('ps', '-aq', '--filter', `ancestor=${IMAGE}:${TAG}`).split('\n');
    for (const id of mine.filter((one) => one !== '')) this.run('rm', '-f', id);
    this.run('rmi', '-f', `${IMAGE}:${TAG}`);
    const { daemon } = this;
    if (daemon !== undefined && daemon.exitCode === null) {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private makeImage(): void {
    const root = join(this.folder, 'root');
    for (const name of ['bin', 'etc', 'tmp', 'root'])
      mkdirSync(join(root, name), { recursive: true });
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    copyFileSync(busybox, join(root, 'bin', 'busybox'));
    for (const name of ['sh', 'cat', 'cp', 'true', 'sleep', 'touch', 'id', 'rm']) {
      symlinkSync('busybox', join(root, 'bin', name));
    }
    const archive = join(this.folder, 'root.tar');
    execFileSync('tar', ['-C', root, '-cf', archive, '.']);
    this.run('import', archive, `${IMAGE}:${TAG}`);
  }
}

function reachable(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // no daemon yet; whoever waits has the limit
  }
}
