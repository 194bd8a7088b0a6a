// Names of network services to port numbers, for rules that compare a port with a name.

import { readFileSync } from 'node:fs';

/**
 * The port of a service by the host's own list, or by a short list of ours where the host has none
 * (minimal images come without `/etc/services`). `undefined` for an unknown name.
 */
export function portOf(service: string): number | undefined {
  ports ??= readServices('/etc/services');
  return ports.get(service) ?? WELL_KNOWN.get(service);
}

/** Reads a file in the form of `/etc/services`; empty when it cannot be read. */
export function readServices(path: string): Map<string, number> {
  const found = new Map<string, number>();
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // No such file is the normal case in a minimal image; the well-known names remain.
  }
  for (const line of text.split('\n')) {
    const [name = '', target = '', ...aliases] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const port = Number(/^([0-9]{1,5})\/(?:tcp|udp)$/.exec(target)?.[1] ?? -1);
    if (port < 0 || port > 65_535) continue;
    for (const alias of [name, ...aliases]) if (!found.has(alias)) found.set(alias, port);
  }
  return found;
}

let ports: Map<string, number> | undefined;

const WELL_KNOWN = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['tftp', 69],
  ['http', 80],
  ['kerberos', 88],
  ['pop3', 110],
  ['ntp', 123],
  ['imap2', 143],
  ['snmp', 161],
  ['ldap', 389],
  ['https', 443],
  ['syslog', 514],
  ['ldaps', 636],
  ['imaps', 993],
  ['pop3s', 995],
  ['mysql', 3306],
  ['postgresql', 5432],
  ['redis', 6379],
]);
