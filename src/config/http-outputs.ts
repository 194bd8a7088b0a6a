// The parts of the configuration about outputs that speak HTTP: a web address, Elasticsearch, Splunk.
import type { Section } from './section.js';
import { type OutputLimits, readOutputLimits } from './shaping.js';

/** In which form an output sends alerts. */
export const OUTPUT_FORMATS = ['falco', 'ecs', 'ocsf', 'cef', 'text'] as const;

/** The name of a form. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** How alerts are put into requests. */
export const HTTP_BATCHES = ['none', 'array', 'lines'] as const;

/** The forms that are JSON objects. */
export const ELASTIC_FORMATS = ['ecs', 'falco', 'ocsf'] as const;

/** Paths of PEM files; an empty text means none. */
export interface TlsFilesConfig {
  /** Whom to trust in the place of the usual authorities. */
  ca_cert: string;
  /** A folder of such files. */
  ca_path: string;
  client_cert: string;
  client_key: string;
  /** Takes any certificate of the server. */
  insecure: boolean;
}

/** What the outputs have in common. */
export interface HttpConfig extends OutputLimits, TlsFilesConfig {
  enabled: boolean;
  url: string;
  /** The values are secrets. */
  headers: Readonly<Record<string, string>>;
  user_agent: string;
  keep_alive: boolean;
  compress_uploads: boolean;
  timeout_ms: number;
}

/** `http_output`; keys that Falco has mean what they mean there. */
export interface HttpOutputConfig extends HttpConfig {
  format: OutputFormat;
  batch: (typeof HTTP_BATCHES)[number];
  batch_alerts: number;
  /** A secret. */
  hmac_secret: string;
}

/** How much is sent together. */
export interface BatchConfig {
  batch_alerts: number;
  batch_bytes: number;
  linger_ms: number;
}

/** `elasticsearch_output` */
export interface ElasticOutputConfig extends HttpConfig, BatchConfig {
  data_stream: string;
  format: (typeof ELASTIC_FORMATS)[number];
  username: string;
  /** A secret. */
  password: string;
  /** A secret. */
  api_key: string;
  create_template: boolean;
}

/** `splunk_output` */
export interface SplunkOutputConfig extends HttpConfig, BatchConfig {
  /** A secret. */
  token: string;
  format: OutputFormat;
  index: string;
  source: string;
  sourcetype: string;
  acknowledge: boolean;
  ack_poll_ms: number;
  ack_timeout_ms: number;
}

/** All three, by their keys. */
export interface HttpOutputsConfig {
  http_output: HttpOutputConfig;
  elasticsearch_output: ElasticOutputConfig;
  splunk_output: SplunkOutputConfig;
}

/** Reads them from the top of the configuration. */
export function readHttpOutputs(top: Section): HttpOutputsConfig {
  return {
    http_output: readHttp(top.section('http_output')),
    elasticsearch_output: readElastic(top.section('elasticsearch_output')),
    splunk_output: readSplunk(top.section('splunk_output')),
  };
}

/** Reads the files of TLS from the section of an output. */
export function readTlsFiles(section: Section): TlsFilesConfig {
  const files = {
    ca_cert: section.text('ca_cert', ''),
    ca_path: section.text('ca_path', ''),
    client_cert: section.text('client_cert', ''),
    client_key: section.text('client_key', ''),
    insecure: section.flag('insecure', false),
  };
  if ((files.client_cert === '') !== (files.client_key === ''))
    section.refuse(undefined, 'client_cert and client_key are needed together');
  return files;
}

function readCommon(section: Section): HttpConfig {
  const config = {
    enabled: section.flag('enabled', false),
    url: section.text('url', ''),
    headers: section.secretMap('headers'),
    user_agent: section.text('user_agent', 'saker'),
    keep_alive: section.flag('keep_alive', true),
    compress_uploads: section.flag('compress_uploads', false),
    timeout_ms: section.duration_ms('timeout', 30_000),
    ...readTlsFiles(section),
    ...readOutputLimits(section),
  };
  if (config.enabled && !/^https?:\/\/[^/]/.test(config.url))
    section.refuse('url', 'expected https://HOST:PORT/PATH');
  if (config.timeout_ms < 100) section.refuse('timeout', 'expected at least 100ms');
  for (const [name, value] of Object.entries(config.headers))
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value))
      section.refuse(
        'headers',
        `expected names and printable ASCII, found ${JSON.stringify(name)}`,
      );
  return config;
}

function readHttp(section: Section): HttpOutputConfig {
  const common = readCommon(section);
  // Falco has two names for what is a file of certificates, and a switch for those of ours.
  const bundle = section.text('ca_bundle', '');
  const mutual = section.flag('mtls', common.client_cert !== '');
  const config = {
    ...common,
    ca_cert: common.ca_cert || bundle,
    client_cert: mutual ? common.client_cert : '',
    client_key: mutual ? common.client_key : '',
    format: section.choice('format', OUTPUT_FORMATS, 'falco'),
    batch: section.choice('batch', HTTP_BATCHES, 'none'),
    batch_alerts: section.integer('batch_alerts', 100),
    hmac_secret: section.secret('hmac_secret'),
  };
  if (config.batch_alerts < 1) section.refuse('batch_alerts', 'expected a number from 1');
  section.close();
  return config;
}

function readElastic(section: Section): ElasticOutputConfig {
  const config = {
    ...readCommon(section),
    ...readBatch(section),
    data_stream: section.text('data_stream', 'logs-saker.alerts-default'),
    format: section.choice('format', ELASTIC_FORMATS, 'ecs'),
    username: section.text('username', ''),
    password: section.secret('password'),
    api_key: section.secret('api_key'),
    create_template: section.flag('create_template', true),
  };
  // https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-create-data-stream.html
  if (!/^[a-z0-9][a-z0-9._-]{0,254}$/.test(config.data_stream))
    section.refuse(
      'data_stream',
      'expected lower case letters, digits, dots, hyphens, underscores',
    );
  if (config.api_key !== '' && config.username !== '')
    section.refuse('api_key', 'expected either api_key or username and password');
  section.close();
  return config;
}

function readSplunk(section: Section): SplunkOutputConfig {
  const config = {
    ...readCommon(section),
    ...readBatch(section),
    token: section.secret('token'),
    format: section.choice('format', OUTPUT_FORMATS, 'falco'),
    index: section.text('index', ''),
    source: section.text('source', 'saker'),
    sourcetype: section.text('sourcetype', 'saker:alert'),
    acknowledge: section.flag('acknowledge', true),
    ack_poll_ms: section.duration_ms('ack_poll', 1000),
    ack_timeout_ms: section.duration_ms('ack_timeout', 120_000),
  };
  if (config.enabled && config.token === '') section.refuse('token', 'is needed');
  if (config.ack_poll_ms < 10) section.refuse('ack_poll', 'expected at least 10ms');
  section.close();
  return config;
}

function readBatch(section: Section): BatchConfig {
  const config = {
    batch_alerts: section.integer('batch_alerts', 500),
    batch_bytes: section.integer('batch_bytes', 4_000_000),
    linger_ms: section.duration_ms('linger', 500),
  };
  for (const key of ['batch_alerts', 'batch_bytes'] as const)
    if (config[key] < 1) section.refuse(key, 'expected a number from 1');
  return config;
}
