// For each shipped rule an act that fires it, and one that nearly does.

/** How to perform an act: the program in this folder and its arguments. */
export interface Act {
  program: string;
  args: readonly string[];
}

/** One rule's pair of acts. */
export interface RuleActs {
  fires: Act;
  nearly: Act;
  /** Output fields that the alert must show, by the key of the act's report that says the same. */
  shows?: Readonly<Record<string, string>>;
  /** Other rules that this act fires as well, because it truly does both. */
  also?: readonly string[];
}

const act = (program: string, ...args: string[]): Act => ({ program, args });
const open = (...args: string[]): Act => act('open-file.py', ...args);
const run = (...args: string[]): Act => act('run-program.py', ...args);
const call = (...args: string[]): Act => act('system-call.py', ...args);

const FILE = { 'fd.name': 'path' };
const MOVED = { 'evt.arg.newpath': 'path' };
const STARTED = { 'proc.exepath': 'exe' };
const LONG_LABEL = 'x'.repeat(60);

/** The acts of every rule in rules/, by the rule's name. */
export const ACTS: Readonly<Record<string, RuleActs>> = {
  // rules/process.yaml
  'Program run from shared memory': {
    fires: run('/dev/shm/saker-act/true'),
    nearly: run('/tmp/saker-act.dev/shm/true'),
    shows: STARTED,
  },
  'Hidden program run from a temporary folder': {
    fires: run('/var/tmp/.saker-act/true'),
    nearly: run('/var/tmp/saker-act.d/true'),
    shows: STARTED,
  },
  'Program run from memory without a file': {
    fires: run('--memfd', 'runc_cloned:/proc/self/exe'),
    nearly: run('memfd:payload'),
  },
  'Program that the image does not have run in a container': {
    fires: act('run-in-overlay.py', '--container', 'added'),
    nearly: act('run-in-overlay.py', '--container', 'image'),
    shows: STARTED,
  },
  'Program disguised as a kernel thread': {
    fires: run('--argv0', '[kworker/1:2]', 'payload'),
    nearly: run('--argv0', 'kworker/1:2', 'payload'),
    shows: STARTED,
  },
  'Library preloaded from a writable folder': {
    fires: run('--environment', 'LD_PRELOAD=/tmp/saker-act.so', 'true'),
    nearly: run('--environment', 'LD_PRELOAD=/usr/lib/tmp/saker-act.so', 'true'),
    shows: STARTED,
  },
  'Shell started by a network server': {
    fires: run('--parent-comm', 'nginx', 'sh'),
    nearly: run('--parent-comm', 'nginx-quic', 'sh'),
    shows: { ...STARTED, 'proc.pname': 'parent' },
  },
  'Download piped into a shell': {
    fires: run('sh', '--', '-n', '-c', 'curl -s http://127.0.0.1/x | bash'),
    nearly: run('sh', '--', '-n', '-c', 'curl -s http://127.0.0.1/x | sha256sum'),
    shows: STARTED,
  },
  'Package manager run in a container': {
    fires: run('--container', 'apt-get'),
    nearly: run('--container', 'apt-getter'),
    shows: STARTED,
  },
  'Security service being stopped': {
    fires: run('systemctl', 'stop', 'auditd'),
    nearly: run('systemctl', 'status', 'auditd'),
    shows: STARTED,
  },
  'Network connection used as standard input or output': {
    fires: act('duplicate-socket.py', 'tcp', '0'),
    nearly: act('duplicate-socket.py', 'unix', '0'),
  },
  'Process taken over with ptrace': {
    fires: act('trace.py', 'attach'),
    nearly: act('trace.py', 'traceme'),
  },
  'Memory of another process written': {
    fires: act('other-memory.py', 'write'),
    nearly: act('other-memory.py', 'read'),
  },
  'Set-user-ID bit set on a file': {
    fires: act('change-mode.py', '4755'),
    nearly: act('change-mode.py', '2755'),
    shows: { 'evt.arg.filename': 'path' },
  },
  'Attempt to become root refused': {
    fires: act('set-user.py', '--user', '65534', 'setuid', '0'),
    nearly: act('set-user.py', '--user', '65534', 'setuid', '1'),
  },
  'Logged-in user became root without sudo or su': {
    fires: act('set-user.py', '--detached', '--login', '65534', 'setresuid', '0'),
    nearly: act('set-user.py', '--detached', '--login', '65534', 'setresuid', '65534'),
  },
  'Powerful capability taken by an ordinary user': {
    fires: act('take-capability.py', 'CAP_SYS_ADMIN'),
    nearly: act('take-capability.py', 'CAP_NET_BIND_SERVICE'),
  },
  'Namespace of another process entered': {
    fires: act('namespace.py', 'enter'),
    nearly: act('namespace.py', 'make-network'),
  },
  'User namespace made by an unexpected program': {
    fires: act('namespace.py', 'make-user'),
    nearly: act('namespace.py', 'make-network'),
  },

  // rules/file.yaml
  'Password hashes read': {
    fires: open('/etc/shadow', 'rdonly'),
    nearly: open('/etc/shadow.old', 'rdonly'),
    shows: FILE,
  },
  'Private SSH key read': {
    fires: open('/home/somebody/.ssh/id_ed25519', 'rdonly'),
    nearly: open('/home/somebody/.ssh/id_ed25519.pub', 'rdonly'),
    shows: FILE,
  },
  'Cloud credentials read': {
    fires: open('/home/somebody/.aws/credentials', 'rdonly'),
    nearly: open('/home/somebody/aws/credentials', 'rdonly'),
    shows: FILE,
  },
  'Sensitive file reached by a climbing path': {
    fires: open('--written', '/srv/www/../../etc/passwd', '/etc/passwd', 'rdonly'),
    nearly: open('--written', '/srv/../etc/passwd', '/etc/passwd', 'rdonly'),
    shows: { ...FILE, 'fd.nameraw': 'written' },
  },
  'Link made to a sensitive file': {
    fires: act('link-file.py', 'hard', '/etc/shadow', '/srv/page'),
    nearly: act('link-file.py', 'hard', '/etc/shadow.old', '/srv/page'),
  },
  'Scheduled job written': {
    fires: open('--new', '/etc/cron.d/job', 'wronly|creat'),
    nearly: open('/etc/cron.d/job', 'rdonly'),
    shows: FILE,
  },
  'System service written': {
    fires: act('rename-file.py', '/tmp/unit', '/etc/systemd/system/backdoor.service'),
    nearly: act('rename-file.py', '/tmp/unit', '/etc/systemd.old/backdoor.service'),
    shows: MOVED,
  },
  'Sudo rules changed': {
    fires: open('/etc/sudoers.d/all', 'wronly|append'),
    nearly: open('/etc/sudoers.d/all', 'rdonly'),
    shows: FILE,
  },
  'Library preloaded into every program': {
    fires: act('rename-file.py', '/tmp/list', '/etc/ld.so.preload'),
    nearly: act('rename-file.py', '/tmp/list', '/etc/ld.so.preload.old'),
    shows: MOVED,
  },
  'SSH login keys changed': {
    fires: open('/home/somebody/.ssh/authorized_keys', 'wronly|append'),
    nearly: open('/home/somebody/.ssh/authorized_keys', 'rdonly'),
    shows: FILE,
  },
  'Shell start-up file changed': {
    fires: act('rename-file.py', '/tmp/new', '/home/somebody/.bashrc'),
    nearly: act('rename-file.py', '/tmp/new', '/home/somebody/.bashrc.old'),
    shows: MOVED,
  },
  'User accounts changed by hand': {
    fires: open('/etc/passwd', 'rdwr|append'),
    nearly: open('/etc/passwd', 'rdonly'),
    shows: FILE,
  },
  'System program written': {
    fires: open('--new', '/usr/bin/payload', 'wronly|creat|excl'),
    nearly: open('--new', '/usr/local/bin/payload', 'wronly|creat|excl'),
    shows: FILE,
  },
  'Log emptied or removed': {
    fires: open('/var/log/auth.log', 'wronly|trunc'),
    nearly: open('--new', '/var/log/new.log', 'wronly|creat|trunc'),
    shows: FILE,
  },
  'Shell history emptied or removed': {
    fires: act('remove-file.py', '/root/.bash_history'),
    nearly: act('remove-file.py', '/root/.bash_history.tmp'),
  },

  // rules/network.yaml
  'Interpreter connects to an unusual port of the internet': {
    fires: act('connect.py', '203.0.113.7', '31337'),
    nearly: act('connect.py', '203.0.113.7', '443'),
  },
  'Program in a writable folder connects to the internet': {
    fires: act('connect.py', '--program', '/tmp/saker-connects', '203.0.113.7', '443'),
    nearly: act('connect.py', '--program', '/tmp/saker-connects', '192.168.113.7', '443'),
    shows: STARTED,
  },
  'Connection to a port of mining pools': {
    fires: act('connect.py', '--comm', 'miner', '203.0.113.7', '14444'),
    nearly: act('connect.py', '--comm', 'miner', '203.0.113.7', '14445'),
  },
  'Network tool or shell listens for connections': {
    fires: act('listen.py', '--program', 'nc', '31337'),
    nearly: act('listen.py', '31337'),
  },
  'Packet socket opened': {
    fires: act('open-socket.py', 'packet'),
    nearly: act('open-socket.py', 'datagram'),
  },
  'Cloud metadata asked from a container': {
    fires: act('connect.py', '--container', '169.254.169.254', '80'),
    nearly: act('connect.py', '169.254.169.254', '80'),
  },
  'Data carried out in a name lookup': {
    fires: run('nslookup', `${LONG_LABEL}.example.org`),
    nearly: run('nslookup', `${LONG_LABEL.slice(0, 40)}.example.org`),
    shows: STARTED,
  },
  'Container engine controlled from a container': {
    fires: act('connect-local.py', '--container', '/run/docker.sock'),
    nearly: act('connect-local.py', '/run/docker.sock'),
  },

  // rules/integrity.yaml
  'Kernel module loaded by hand': {
    fires: call('finit_module', '-1', '0', '0'),
    nearly: call('delete_module', '0', '0'),
  },
  'BPF program loaded by an unexpected program': {
    fires: act('use-bpf.py', 'program'),
    nearly: act('use-bpf.py', 'map'),
  },
  'Page faults taken over': {
    fires: call('userfaultfd', '0'),
    nearly: call('eventfd2', '0', '0'),
  },
  'Asynchronous input and output asked for in a container': {
    fires: call('--container', 'io_uring_setup', '0', '0'),
    nearly: call('io_uring_setup', '0', '0'),
  },
  'Kernel counters opened by an ordinary user': {
    fires: call('--user', '65534', 'perf_event_open', '0', '0', '-1', '-1', '0'),
    nearly: call('perf_event_open', '0', '0', '-1', '-1', '0'),
  },
  'File system mounted in a container': {
    fires: act('mount.py', '--container'),
    nearly: act('mount.py'),
  },
  'Kernel memory opened': {
    fires: open('/proc/kcore', 'rdonly'),
    nearly: open('/proc/kcore.txt', 'rdonly'),
    shows: FILE,
  },
  'Program that the kernel runs changed': {
    fires: open('/proc/sys/kernel/core_pattern', 'wronly'),
    nearly: open('/proc/sys/kernel/core_pattern', 'rdonly'),
    shows: FILE,
  },
  'Protection of the kernel changed': {
    fires: open('/proc/sys/kernel/randomize_va_space', 'wronly'),
    nearly: open('/proc/sys/kernel/randomize_va_space', 'rdonly'),
    shows: FILE,
  },
};
