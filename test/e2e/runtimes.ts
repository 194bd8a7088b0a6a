// Container runtimes for tests: fresh daemons that touch nothing of the host's own, and leave
// neither processes nor mounts behind.
//
// What a host needs: root, a kernel with overlayfs and the cgroup controllers mounted (version 1,
// 2 or both), the packages docker.io (it brings containerd, ctr and runc), podman and
// busybox-static. Network, iptables, systemd, AppArmor and CNI plugins are not needed: containers
// run without network or in the network of the host.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, Daemon, lines } from './daemon.js';
import { busyboxTar } from './registry.js';

/** A running daemon and the command line that speaks to it. */
export interface Runtime {
  /** Everything of the daemon is below it. */
  readonly folder: string;
  /** The API's socket. */
  readonly socket: string;
  /** Socket of the containerd below; the same as `socket` for containerd. */
  readonly containerdSocket: string;
  /** Runs `docker`, `ctr` or `podman` against this daemon; gives its standard output, trimmed. */
  run(...args: string[]): Promise<string>;
  /** Ends the daemon the hard way and starts it again on the same socket. */
  restart(): Promise<void>;
  /** Removes the containers, stops the daemon, removes mounts and files. May be called twice. */
  close(): Promise<void>;
}

/** The image that `startDocker` and `startPodman` have loaded: busybox, without a digest. */
export const TEST_IMAGE = 'saker-test:1.0';

/** Starts dockerd with a containerd of its own, and loads TEST_IMAGE. */
export async function startDocker(): Promise<Runtime> {
  const folder = makeFolder('docker');
  const socket = join(folder, 'docker.sock');
  const daemon = new Daemon(folder, socket, [
    'dockerd',
    `--config-file=${write(folder, 'daemon.json', daemonConfig(folder))}`,
    `--host=unix://${socket}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'docker.pid')}`,
    '--bridge=none', // neither an interface nor packet filter rules are made on the host
    '--iptables=false',
    '--ip6tables=false',
  ]);
  await daemon.start();
  const run = (...args: string[]) =>
    command('docker', [`--host=unix://${socket}`, ...args], { DOCKER_CONFIG: folder });
  await withInput('docker', [`--host=unix://${socket}`, 'import', '-', TEST_IMAGE], busyboxTar());
  return {
    folder,
    socket,
    containerdSocket: join(folder, 'exec/containerd/containerd.sock'),
    run,
    restart: () => daemon.restart(),
    close: () =>
      daemon.close(async () => {
        const ids = lines(await run('ps', '-aq'));
        if (ids.length > 0) await run('rm', '-f', ...ids);
      }),
  };
}

// runc gives a privileged container every capability, which fails where root itself lacks one, as in
// many build machines: CAP_SYS_RESOURCE is taken out of what docker asks for.
function daemonConfig(folder: string): string {
  const script = `#!/bin/sh
for argument; do
  [ "$before" = --bundle ] && sed -i 's/"CAP_SYS_RESOURCE",//g' "$argument/config.json"
  before=$argument
done
exec runc "$@"
`;
  const path = write(folder, 'lesser-runc', script);
  chmodSync(path, 0o755);
  return JSON.stringify({ runtimes: { lesser: { path } }, 'default-runtime': 'lesser' });
}

/** Starts containerd alone, with CRI; `run` is ctr, which takes `-n NAMESPACE` first. */
export async function startContainerd(): Promise<Runtime> {
  const folder = makeFolder('containerd');
  const socket = join(folder, 'containerd.sock');
  const config = `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  sandbox_image = "${SANDBOX_IMAGE}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${folder}/cni"
    conf_dir = "${folder}/cni"
`;
  const daemon = new Daemon(folder, socket, [
    'containerd',
    `--config=${write(folder, 'config.toml', config)}`,
  ]);
  await daemon.start();
  const run = (...args: string[]) => command('ctr', [`--address=${socket}`, ...args]);
  return {
    folder,
    socket,
    containerdSocket: socket,
    run,
    restart: () => daemon.restart(),
    close: () =>
      daemon.close(async () => {
        for (const namespace of lines(await run('namespace', 'ls', '-q')))
          for (const id of lines(await run('-n', namespace, 'container', 'ls', '-q'))) {
            await run('-n', namespace, 'task', 'rm', '-f', id).catch(() => {}); // may have none
            await run('-n', namespace, 'container', 'rm', id).catch(() => {}); // went with its pod
          }
      }),
  };
}

/** Name under which the CRI of `startContainerd` looks for the image that holds a pod's namespaces. */
export const SANDBOX_IMAGE = 'saker.test/pause:1.0';

/** Starts podman's service, and loads TEST_IMAGE. */
export async function startPodman(): Promise<Runtime> {
  const folder = makeFolder('podman');
  const socket = join(folder, 'podman.sock');
  const options = [
    `--root=${join(folder, 'root')}`,
    `--runroot=${join(folder, 'run')}`,
    `--tmpdir=${join(folder, 'tmp')}`,
    '--cgroup-manager=cgroupfs', // no systemd needed
    '--events-backend=file',
    '--runtime=runc',
  ];
  // Podman raises limits further than a root without CAP_SYS_RESOURCE may.
  const config = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n';
  const environment = { CONTAINERS_CONF: write(folder, 'containers.conf', config) };
  const daemon = new Daemon(
    folder,
    socket,
    ['podman', ...options, 'system', 'service', '--time=0', `unix://${socket}`],
    environment,
  );
  await daemon.start();
  const run = (...args: string[]) => command('podman', [...options, ...args], environment);
  await withInput('podman', [...options, 'import', '-', TEST_IMAGE], busyboxTar());
  return {
    folder,
    socket,
    containerdSocket: '',
    run,
    restart: () => daemon.restart(),
    close: () =>
      daemon.close(async () => {
        await run('rm', '-af', '-t', '0');
      }),
  };
}

// Short, since a socket's path may have 107 bytes and containerd makes long ones below it.
function makeFolder(name: string): string {
  return mkdtempSync(`/tmp/saker-${name}-`);
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function withInput(program: string, args: readonly string[], input: Buffer): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${Buffer.concat(said)}`);
}
