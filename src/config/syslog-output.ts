// The part of the configuration about syslog.
import {
  OUTPUT_FORMATS,
  type OutputFormat,
  readTlsFiles,
  type TlsFilesConfig,
} from './http-outputs.js';
import type { Section } from './section.js';
import { type OutputLimits, readOutputLimits } from './shaping.js';

/** How messages travel; `local` is the datagram socket of this host's daemon. */
export const SYSLOG_PROTOCOLS = ['local', 'udp', 'tcp', 'tls'] as const;

/** The facilities by name; the number is their place. RFC 5424, section 6.2.1. */
export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** `syslog_output`; Falco has `enabled` only, which means the daemon of this host. */
export interface SyslogOutputConfig extends OutputLimits, TlsFilesConfig {
  enabled: boolean;
  protocol: (typeof SYSLOG_PROTOCOLS)[number];
  /** A name or an address; for `local` the path of the socket. */
  host: string;
  port: number;
  facility: (typeof FACILITIES)[number];
  format: OutputFormat;
  app_name: string;
  max_bytes: number;
  timeout_ms: number;
}

/** Reads `syslog_output` from the top of the configuration. */
export function readSyslogOutput(top: Section): SyslogOutputConfig {
  const section = top.section('syslog_output');
  const address = section.text('address', '');
  const protocol = section.choice('protocol', SYSLOG_PROTOCOLS, address === '' ? 'local' : 'udp');
  const local = protocol === 'local';
  const { host, port } = local
    ? { host: address, port: 0 }
    : hostAndPort(section, address, protocol);
  const config = {
    enabled: section.flag('enabled', false),
    protocol,
    host: local && host === '' ? '/dev/log' : host,
    port,
    facility: section.choice('facility', FACILITIES, 'user'),
    // Falco's syslog messages are what its other outputs are.
    format: section.choice(
      'format',
      OUTPUT_FORMATS,
      local && !top.flag('json_output', false) ? 'text' : 'falco',
    ),
    app_name: section.text('app_name', 'saker'),
    max_bytes: section.integer('max_bytes', protocol === 'udp' ? UDP_BYTES : STREAM_BYTES),
    timeout_ms: section.duration_ms('timeout', 10_000),
    ...readTlsFiles(section),
    ...readOutputLimits(section),
  };
  const most = protocol === 'udp' ? 65_507 : 1024 * 1024;
  if (config.max_bytes < 480 || config.max_bytes > most)
    section.refuse('max_bytes', `expected a number from 480 (RFC 5424) to ${most}`);
  if (!/^[!-~]{1,48}$/.test(config.app_name))
    section.refuse('app_name', 'expected 1 to 48 printable characters without spaces');
  section.close();
  return config;
}

/** RFC 5424: what receivers should take. rsyslog's own bound is the other. */
const UDP_BYTES = 2048;
const STREAM_BYTES = 8192;

/** `HOST`, `HOST:PORT`, `[IPV6]:PORT`. */
function hostAndPort(
  section: Section,
  address: string,
  protocol: 'udp' | 'tcp' | 'tls',
): { host: string; port: number } {
  const [, bracketed, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
  const host = bracketed ?? name ?? '';
  const port = digits === undefined ? (protocol === 'tls' ? 6514 : 514) : Number(digits);
  if (host === '' || port < 1 || port > 65535)
    section.refuse('address', `expected HOST:PORT, found ${JSON.stringify(address)}`);
  return { host, port };
}
