// What random events are made of: types, names and texts around every limit, users, containers.

import type { Account, ContainerView, Surroundings } from '../../../src/decode/event.js';
import { NOBODY, NOWHERE } from '../../../src/decode/event.js';
import { HOST } from '../../../src/plan/live.js';
import { parseAddress } from '../../../src/rules/values.js';

/** Types that random events have; most are asked about by some rule. */
export const TYPES = [
  ...['open', 'openat', 'openat', 'openat', 'openat2', 'creat', 'open_by_handle_at'],
  ...['connect', 'connect', 'accept4', 'accept', 'sendto', 'recvfrom', 'bind', 'listen', 'socket'],
  ...['read', 'write', 'close', 'dup', 'dup2', 'fchmod', 'fchdir', 'ftruncate', 'execve'],
  ...[
    'unlink',
    'unlinkat',
    'mkdir',
    'mkdirat',
    'rmdir',
    'chmod',
    'fchmodat',
    'rename',
    'renameat2',
  ],
  ...['link', 'linkat', 'symlink', 'symlinkat', 'stat', 'chdir', 'mount', 'umount2', 'mknod'],
  ...[
    'ptrace',
    'kill',
    'kill',
    'tgkill',
    'pidfd_send_signal',
    'process_vm_readv',
    'mmap',
    'mprotect',
    'setuid',
    'setns',
    'unshare',
    'bpf',
    'prctl',
    'fcntl',
  ],
  ...['getppid', 'pipe', 'memfd_create', 'userfaultfd', 'flock', 'setsid', 'quotactl'],
] as const;

export const PATHS = [
  ...['/', '/etc', '/etc/shadow', '/etc/passwd', '/etc/ssl/certs/ca', '/etcetera', '/usr/bin/id'],
  ...['/usr/bin', '/usr/bin/x/y', '/bin/sh', '/root/.ssh/id_rsa', '/home/u/.ssh/config', '/tmp/x'],
  ...['/root/.bashrc', '/var/log/auth.log', '/dev/null', '/proc/12/environ', `/${'l'.repeat(260)}`],
  ...[`/etc/${'m'.repeat(300)}/shadow`, '/a', '/a/b', '/a/b/c.log', '/home/x', '/sh', '/etc/x.log'],
  ...[`/tmp/${'n'.repeat(70)}.log`, '/tmp/.hidden', '/lib/id_rsa.pub', '/etc/..data/shadow'],
];
const CLAIMS = [
  ...['shadow', '../etc/shadow', './x', 'a/../b', '/etc/../etc/shadow', '/etc//shadow', '/etc/'],
  ...[
    '/tmp/./x',
    '/usr/bin/..',
    '/etc/a..b',
    '',
    '/x/../../../etc/passwd',
    `/${'q/'.repeat(600)}z`,
  ],
];
export const COMMS = ['sh', 'bash', 'cat', 'sshd', 'nginx', 'runc:[1:CHILD]', 'a-name-of-15-ch'];
const PROGRAMS = ['/bin/bash', '/usr/bin/cat', '/usr/sbin/sshd', '/tmp/x', './a', 'java'];
const ARGS = ['', '-c id', '-i', '/etc/shadow', '-e', 'kafka.Kafka', 'init'];
export const ADDRESSES = [
  ...['10.0.0.1', '10.1.2.3', '127.0.0.1', '0.0.0.0', '192.168.1.1', '169.254.169.254', '8.8.8.8'],
  ...['::1', '::', '2001:db8::1', 'fe80::1', '2001:db8:1::5'],
];
export const PORTS = [0, 22, 53, 80, 443, 8080, 31000, 65535];

/** What random events are made of. */
export interface Pools {
  types: readonly string[];
  paths: readonly string[];
  claims: readonly string[];
  comms: readonly string[];
  programs: readonly string[];
  args: readonly string[];
  ports: readonly number[];
  addresses: readonly string[];
}
const USERS = new Map<number, Account>([
  [0, { name: 'root', home: '/root', shell: '/bin/bash' }],
  [1000, { name: 'user', home: '/home/user', shell: '/bin/sh' }],
  [33, { name: 'www-data', home: '/var/www', shell: '/usr/sbin/nologin' }],
]);
export const UIDS = [0, 33, 1000, 1001, 65534];

/** The host's users, and what a container calls the same numbers. */
export const HOST_USERS: ReadonlyMap<number, Account> = USERS;
const IN_CONTAINER = new Map<number, Account>([
  [0, { name: 'toor', home: '/', shell: '/bin/ash' }],
  [1000, { name: 'root', home: '/root', shell: '/bin/bash' }],
]);

export const POOLS: Pools = {
  types: TYPES,
  paths: PATHS,
  claims: CLAIMS,
  comms: COMMS,
  programs: PROGRAMS,
  args: ARGS,
  ports: PORTS,
  addresses: ADDRESSES,
};

export const SURROUNDINGS: Surroundings = {
  ...NOWHERE,
  user: (uid, process) => {
    const { container } = process;
    const table = container === undefined || container.id === 'host' ? USERS : IN_CONTAINER;
    return table.get(uid);
  },
  hostNames: (address) => (address === parseAddress('8.8.8.8') ? ['dns.google'] : []),
  isLocalAddress: (address) => address === parseAddress('10.0.0.1'),
  process: (pid) =>
    pid % 3 === 0 ? undefined : { ...NOBODY, pid, comm: 'sshd', exepath: '/usr/sbin/sshd' },
};

const KNOWN: ContainerView = {
  id: '0123456789ab',
  full_id: '0123456789abcdef',
  type: 'docker',
  pod_uid: undefined,
  metadata: {
    name: 'web',
    image: 'nginx:1',
    image_repository: 'docker.io/nginx',
    privileged: true,
    labels: new Map([['io.kubernetes.pod.name', 'pod-1']]),
  },
};
const SILENT: ContainerView = { ...KNOWN, id: 'ffffffffffff', full_id: 'ff', metadata: undefined };
/** Containers, `undefined` for what nobody knows yet. */
export const CONTAINERS: readonly (ContainerView | undefined)[] = [
  HOST,
  HOST,
  KNOWN,
  SILENT,
  undefined,
];
