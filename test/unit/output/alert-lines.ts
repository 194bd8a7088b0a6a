// Alerts for the tests of formats and outputs: a full one, and ones with random values.
import type { Alert, AlertOptions } from '../../../src/output/alert.js';
import type { Random } from '../../seeded.js';
import { asFalco } from './printers.js';

const options: AlertOptions = {
  hostname: 'tower',
  iso8601: false,
  includeOutput: true,
  includeMessage: false,
  includeTags: true,
  includeOutputFields: true,
};

/** An alert that says all the formats can name, as the JSON line that outputs are given. */
export function fullAlert(changes: Readonly<Record<string, Alert['values'][number]>> = {}): string {
  return alertLine({
    'container.id': '3ad7b26ded6d',
    'container.image.digest': 'sha256:9f86d081884c7d65',
    'container.image.repository': 'docker.io/library/nginx',
    'container.image.tag': '1.25',
    'container.name': 'web',
    'container.privileged': false,
    'container.type': 'containerd',
    'evt.arg.flags': 'O_RDONLY',
    'evt.failed': false,
    'evt.type': 'openat',
    'fd.name': '/etc/shadow',
    'fd.type': 'file',
    'group.gid': 0,
    'group.name': 'root',
    'k8s.ns.name': 'shop',
    'k8s.pod.name': 'web-7d4',
    'k8s.pod.uid': '0c5b',
    'proc.args': ['-n', '/etc/shadow'],
    'proc.cmdline': 'cat -n /etc/shadow',
    'proc.cwd': '/root/',
    'proc.exepath': '/usr/bin/cat',
    'proc.name': 'cat',
    'proc.pcmdline': 'sh -c x',
    'proc.pid': 812,
    'proc.pname': 'sh',
    'proc.ppid': 800,
    'proc.vpid': 12,
    'thread.tid': 813,
    'user.name': 'root',
    'user.uid': 0,
    ...changes,
  });
}

/** A connection to another host. */
export function networkAlert(client: string, server: string): string {
  return fullAlert({
    'evt.type': 'connect',
    'fd.type': 'ipv4',
    'fd.name': `${client}:4000->${server}:443`,
    'fd.cip': client,
    'fd.cport': 4000,
    'fd.sip': server,
    'fd.sport': 443,
    'fd.l4proto': 'tcp',
  });
}

/** The Falco format of an alert with these values. */
export function alertLine(
  values: Readonly<Record<string, Alert['values'][number]>>,
  rule: Partial<Alert['rule']> = {},
  message = 'Sensitive file opened | file=/etc/shadow',
): string {
  return asFalco(options)({
    rule: {
      name: 'Read sensitive file',
      priority: 4,
      source: 'syscall',
      tags: ['T1003.008', 'T1555', 'host', 'mitre_credential_access', 'mitre_command_and_control'],
      fieldNames: Object.keys(values),
      ...rule,
    },
    time_ns: 1_700_000_000_012_345_678n,
    message,
    values: Object.values(values),
    saker: {
      event_id: 'b2c4-7',
      pid: 812,
      start_ns: 9_007_199_254_740_993n,
      lineage: ['/usr/bin/dash', '/usr/sbin/nginx'],
    },
  });
}

/** The full alert with every value replaced by what an attacker may have written. */
export function hostileAlert(random: Random): string {
  const nasty = (): string => {
    const pick = random.below(4);
    if (pick === 0) return random.bytes(random.below(40)).toString('latin1');
    const part = NASTY[random.below(NASTY.length)] ?? '';
    return pick === 1 ? part : `/${part.repeat(1 + random.below(30))}/x`;
  };
  const values = Object.fromEntries(
    FIELDS.filter(() => random.below(3) > 0).map((name): [string, string | string[]] => [
      name,
      random.below(5) === 0 ? [nasty(), nasty()] : nasty(),
    ]),
  );
  return alertLine(values, { name: `Rule ${nasty()}`, tags: [nasty(), 'T1059'] }, nasty());
}

const NASTY = [
  '|a|b=c\\d',
  '\\',
  '\\n',
  '=',
  'a="b" ]"\\]',
  '\n\r\n{"priority":"Debug"}\n',
  '\u0000\u001b[31m',
  '\xc3(\xff\xfe',
  '\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf',
  '\xed\xa0\x80',
  '12345678901234567890',
  '<34>1 - - - - - -',
  '10.0.0.1:80->10.0.0.2:99999',
  '"}}]',
];

const FIELDS = [
  'container.id',
  'container.image.repository',
  'container.name',
  'container.privileged',
  'evt.failed',
  'evt.type',
  'fd.cip',
  'fd.cport',
  'fd.l4proto',
  'fd.name',
  'fd.sip',
  'fd.type',
  'fs.path.name',
  'k8s.pod.name',
  'proc.args',
  'proc.aname[2]',
  'proc.cmdline',
  'proc.exepath',
  'proc.name',
  'proc.pid',
  'proc.pname',
  'user.name',
  'user.uid',
];
