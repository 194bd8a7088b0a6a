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
  /** `HOST`, `HOST:PORT` or `[IPV6]:PORT`; for `local` the path of the socket. */
  address: string;
  facility: (typeof FACILITIES)[number];
  format: OutputFormat;
  app_name: string;
  max_bytes: number;
  timeout_ms: number;
}

/**
 * Reads `syslog_output` from the top of the configuration.
 *
 * @param json whether other outputs print JSON: Falco's syslog messages are what they print.
 */
export function readSyslogOutput(top: Section, json: boolean): SyslogOutputConfig {
  const section = top.section('syslog_output');
  const address = section.text('address', '');
  const protocol = section.choice('protocol', SYSLOG_PROTOCOLS, address === '' ? 'local' : 'udp');
  const isLocal = protocol === 'local' || address.startsWith('/');
  const config: SyslogOutputConfig = {
    enabled: section.flag('enabled', false),
    protocol: isLocal ? 'local' : protocol,
    address: isLocal && address === '' ? '/dev/log' : address,
    facility: section.choice('facility', FACILITIES, 'user'),
    format: section.choice('format', OUTPUT_FORMATS, isLocal && !json ? 'text' : 'falco'),
    app_name: section.text('app_name', 'saker'),
    max_bytes: section.integer('max_bytes', protocol === 'udp' ? UDP_BYTES : STREAM_BYTES),
    timeout_ms: section.duration_ms('timeout', 10_000),
    ...readTlsFiles(section),
    ...readOutputLimits(section),
  };
  if (!isLocal && syslogTarget(config) === undefined)
    section.refuse('address', `expected HOST:PORT, found ${JSON.stringify(address)}`);
  const most = protocol === 'udp' ? 65_507 : 1024 * 1024;
  if (config.max_bytes < 480 || config.max_bytes > most)
    section.refuse('max_bytes', `expected a number from 480 (RFC 5424) to ${most}`);
  if (!/^[!-~]{1,48}$/.test(config.app_name))
    section.refuse('app_name', 'expected 1 to 48 printable characters without spaces');
  section.close();
  return config;
}

/** Where messages go; `undefined` when the address is none. */
export function syslogTarget({
  address,
  protocol,
}: Pick<SyslogOutputConfig, 'address' | 'protocol'>): { host: string; port: number } | undefined {
  if (protocol === 'local') return { host: address, port: 0 };
  const [, bracketed, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
  const host = bracketed ?? name ?? '';
  const port = digits === undefined ? (protocol === 'tls' ? 6514 : 514) : Number(digits);
  return host === '' || port < 1 || port > 65535 ? undefined : { host, port };
}

/** RFC 5424: what receivers should take. rsyslog's own bound is the other. */
const UDP_BYTES = 2048;
const STREAM_BYTES = 8192;
