// The keys of the outputs: Falco's and ours, what is refused, what is never shown.
import { describe, expect, test } from 'vitest';
import { configText } from '../../../src/cli/print-config.js';
import { syslogTarget } from '../../../src/config/syslog-output.js';
import { type Config, parseConfig, readConfigText } from '../../../src/config.js';
import { problems } from './problems.js';

function config(text: string): Config {
  return parseConfig(text, 'saker.yaml');
}

test("Falco's keys of http_output mean what they mean there", () => {
  const { http_output } = config(`
http_output:
  enabled: true
  url: http://falcosidekick:2801/
  user_agent: "falcosecurity/falco"
  insecure: true
  ca_cert: ""
  ca_bundle: /etc/ssl/bundle.pem
  ca_path: /etc/ssl/certs/
  mtls: false
  client_cert: "/etc/ssl/certs/client.crt"
  client_key: "/etc/ssl/certs/client.key"
  echo: false
  compress_uploads: true
  keep_alive: false
  max_consecutive_timeouts: 5
`);
  expect(http_output).toMatchObject({
    url: 'http://falcosidekick:2801/',
    user_agent: 'falcosecurity/falco',
    insecure: true,
    ca_cert: '/etc/ssl/bundle.pem',
    ca_path: '/etc/ssl/certs/',
    client_cert: '',
    client_key: '',
    compress_uploads: true,
    keep_alive: false,
  });
});

test("Falco's program_output and syslog_output", () => {
  const both = config(`
json_output: true
program_output: {enabled: true, keep_alive: true, program: "jq . >> /tmp/x"}
syslog_output: {enabled: true}
`);
  expect(both.program_output).toMatchObject({ program: 'jq . >> /tmp/x', keep_alive: true });
  expect(both.syslog_output).toMatchObject({
    protocol: 'local',
    address: '/dev/log',
    format: 'falco',
  });
});

describe('syslog', () => {
  test.each([
    ['log.example', 'udp', { host: 'log.example', port: 514 }],
    ['10.0.0.1:1514', 'tcp', { host: '10.0.0.1', port: 1514 }],
    ['[2001:db8::1]', 'tls', { host: '2001:db8::1', port: 6514 }],
    ['[::1]:99', 'udp', { host: '::1', port: 99 }],
  ] as const)('%s over %s', (address, protocol, target) => {
    const { syslog_output } = config(
      `syslog_output: {address: "${address}", protocol: ${protocol}}`,
    );
    expect(syslogTarget(syslog_output)).toEqual(target);
    expect(syslog_output.format).toBe('falco');
  });

  test('a path is a socket of this host', () => {
    expect(config('syslog_output: {address: /run/log}').syslog_output.protocol).toBe('local');
  });

  test.each(['a:0', 'a:70000', 'a b', 'a:b:c'])('%s is no address', (address) => {
    expect(problems(`syslog_output: {address: "${address}"}`)).toEqual([
      expect.stringContaining('syslog_output.address: expected HOST:PORT'),
    ]);
  });
});

test.each([
  ['http_output: {enabled: true}', 'http_output.url: expected https'],
  ['http_output: {enabled: true, url: "ftp://x"}', 'http_output.url: expected https'],
  ['http_output: {batch: all}', 'http_output.batch: expected one of'],
  ['http_output: {client_cert: /x}', 'http_output: client_cert and client_key'],
  ['http_output: {headers: {"a b": x}}', 'http_output.headers: expected'],
  ['elasticsearch_output: {data_stream: Upper}', 'elasticsearch_output.data_stream: expected'],
  ['elasticsearch_output: {format: cef}', 'elasticsearch_output.format: expected one of'],
  ['elasticsearch_output: {api_key: a, username: b}', 'either api_key or username'],
  ['splunk_output: {enabled: true, url: "https://x"}', 'splunk_output.token: is needed'],
  ['syslog_output: {facility: local9}', 'syslog_output.facility: expected one of'],
  ['syslog_output: {max_bytes: 10}', 'syslog_output.max_bytes: expected a number from 480'],
  ['program_output: {enabled: true}', 'program_output.program: is needed'],
  ['file_output: {rotation: {max_bytes: 10}}', 'file_output.rotation.max_bytes: expected 0 or'],
  ['file_output: {rotation: {interval: 1s}}', 'file_output.rotation.interval: expected 0 or'],
  ['spool: {path: spool}', 'spool.path: expected an absolute path'],
  ['spool: {path: /proc/saker}', 'spool.path: the kernel keeps no files there'],
  ['spool: {path: /var/../sys/fs/saker}', 'spool.path: the kernel keeps no files there'],
  ['splunk_output: {tokn: x}', 'unknown key splunk_output.tokn; did you mean token?'],
])('%s is refused', (text, message) => {
  expect(problems(text)).toEqual([expect.stringContaining(message)]);
});

test('what is printed says the same, without secrets', () => {
  const text = `
http_output: {url: "https://x/", headers: {authorization: Bearer-1}, hmac_secret: secret-2, timeout: 5s}
elasticsearch_output: {username: u, password: secret-3}
splunk_output: {token: secret-4, ack_timeout: 5m}
syslog_output: {address: "log:99", protocol: tcp}
file_output: {rotation: {interval: 1d, max_bytes: 100000, compress: true}}
`;
  const loaded = readConfigText(text, 'saker.yaml');
  const printed = configText(loaded);
  for (const secret of ['Bearer-1', 'secret-2', 'secret-3', 'secret-4'])
    expect(printed).not.toContain(secret);
  expect([...loaded.secrets.logged]).toEqual(['Bearer-1', 'secret-2', 'secret-3', 'secret-4']);
  const again = config(printed);
  expect(again.file_output).toEqual(loaded.config.file_output);
  expect(again.syslog_output).toEqual(loaded.config.syslog_output);
  expect(again.splunk_output).toMatchObject({ ack_timeout_ms: 300_000, token: '***' });
  expect(again.http_output.timeout_ms).toBe(5000);
});
