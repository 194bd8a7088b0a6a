// From the configuration to an output: HTTP, syslog, Elasticsearch, Splunk.
import type { HttpConfig } from '../config/http-outputs.js';
import { syslogTarget } from '../config/syslog-output.js';
import type { Config } from '../config.js';
import type { HttpOptions } from '../output/http-client.js';
import type { RemoteOutput } from '../output/remote.js';
import { ElasticOutput } from '../output/to-elastic.js';
import { HttpOutput } from '../output/to-http.js';
import { SplunkOutput } from '../output/to-splunk.js';
import { SyslogOutput } from '../output/to-syslog.js';

/** What the outputs are told of this agent. */
export interface AgentNames {
  hostname: string;
  /** Of Saker. */
  version: string;
}

/** The webhook. @throws ConfigError when a certificate cannot be read; so do the others. */
export function openHttp(config: Config['http_output'], { version }: AgentNames): RemoteOutput {
  return new HttpOutput({ ...config, ...httpOptions(config), name: 'http', version });
}

/** Syslog over the network, or to the daemon of this host. */
export function openSyslog(config: Config['syslog_output'], names: AgentNames): RemoteOutput {
  const { host, port } = syslogTarget(config) ?? { host: config.address, port: 0 };
  return new SyslogOutput({
    ...config,
    ...names,
    host,
    port,
    name: 'syslog',
    limit_bytes: config.max_bytes,
    tls: config,
  });
}

/** Elasticsearch or OpenSearch. */
export function openElastic(
  config: Config['elasticsearch_output'],
  { version }: AgentNames,
): RemoteOutput {
  const { username, password, api_key } = config;
  const basic = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  const authorization =
    api_key !== '' ? `ApiKey ${api_key}` : username !== '' ? `Basic ${basic}` : undefined;
  return new ElasticOutput({
    ...config,
    ...httpOptions(config, authorization === undefined ? {} : { authorization }),
    name: 'elasticsearch',
    batch: batchOf(config),
    version,
  });
}

/** Splunk's HTTP Event Collector. */
export function openSplunk(config: Config['splunk_output'], names: AgentNames): RemoteOutput {
  return new SplunkOutput({
    ...config,
    ...httpOptions(config),
    ...names,
    name: 'splunk',
    batch: batchOf(config),
  });
}

function httpOptions(config: HttpConfig, more: Readonly<Record<string, string>> = {}): HttpOptions {
  return {
    headers: { 'user-agent': config.user_agent, ...more, ...config.headers },
    tls: config,
    timeout_ms: config.timeout_ms,
    keep_alive: config.keep_alive,
    compress: config.compress_uploads,
  };
}

function batchOf(config: Config['splunk_output'] | Config['elasticsearch_output']) {
  const { batch_alerts: alerts, batch_bytes: bytes, linger_ms } = config;
  return { alerts, bytes, linger_ms };
}
