// The part of the configuration about Kafka.
import type { Section } from './section.js';
import { type OutputLimits, readOutputLimits } from './shaping.js';

export const KAFKA_FORMATS = ['falco', 'ecs', 'ocsf', 'cef', 'text'] as const;
export const KAFKA_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const;
export const KAFKA_COMPRESSIONS = ['none', 'gzip'] as const;

/** TLS towards a server; paths of PEM files. */
export interface KafkaTlsConfig {
  enabled: boolean;
  /** Empty: the certificate authorities of the system. */
  ca: string;
  /** Empty: no certificate of ours. */
  cert: string;
  key: string;
  /** Of the key; a secret. */
  passphrase: string;
}

/** Names are those of the file. */
export interface KafkaOutputConfig extends OutputLimits {
  enabled: boolean;
  /** `HOST:PORT`, some of the cluster. */
  brokers: readonly string[];
  /** May hold `%{priority}`, `%{rule}` and `%{hostname}`. */
  topic: string;
  /** What messages are keyed with: `hostname`, or a field of the alert. */
  key: string;
  format: (typeof KAFKA_FORMATS)[number];
  compression: (typeof KAFKA_COMPRESSIONS)[number];
  client_id: string;
  tls: KafkaTlsConfig;
  sasl: {
    mechanism: (typeof KAFKA_MECHANISMS)[number];
    username: string;
    /** A secret. */
    password: string;
  };
  batch_alerts: number;
  batch_bytes: number;
  linger_ms: number;
  timeout_ms: number;
}

/** Reads `kafka_output` from the top of the configuration. */
export function readKafkaOutput(top: Section): KafkaOutputConfig {
  const section = top.section('kafka_output');
  const tls = section.section('tls');
  const sasl = section.section('sasl');
  const config: KafkaOutputConfig = {
    enabled: section.flag('enabled', false),
    brokers: section.texts('brokers'),
    topic: section.text('topic', 'saker-alerts'),
    key: section.text('key', 'hostname'),
    format: section.choice('format', KAFKA_FORMATS, 'falco'),
    compression: section.choice('compression', KAFKA_COMPRESSIONS, 'gzip'),
    client_id: section.text('client_id', 'saker'),
    tls: {
      enabled: tls.flag('enabled', false),
      ca: tls.text('ca', ''),
      cert: tls.text('cert', ''),
      key: tls.text('key', ''),
      passphrase: tls.secret('passphrase'),
    },
    sasl: {
      mechanism: sasl.choice('mechanism', KAFKA_MECHANISMS, 'none'),
      username: sasl.text('username', ''),
      password: sasl.secret('password'),
    },
    batch_alerts: section.integer('batch_alerts', 2000),
    batch_bytes: section.integer('batch_bytes', 900_000),
    linger_ms: section.integer('linger_ms', 20),
    timeout_ms: section.duration_ms('timeout', 30_000),
    ...readOutputLimits(section),
  };
  check(section, tls, sasl, config);
  for (const each of [tls, sasl, section]) each.close();
  return config;
}

function check(section: Section, tls: Section, sasl: Section, config: KafkaOutputConfig): void {
  if (!config.enabled) return;
  if (config.brokers.length === 0) section.refuse('brokers', 'expected HOST:PORT, at least one');
  for (const broker of config.brokers)
    if (!/^(?:[^\s:]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(broker))
      section.refuse('brokers', `expected HOST:PORT, found ${JSON.stringify(broker)}`);
  const unknown = [...config.topic.matchAll(/%\{?[^%]*/g)].find(
    ([text]) => !/^%\{(?:priority|rule|hostname)\}/.test(text),
  );
  if (unknown !== undefined)
    section.refuse('topic', `expected %{priority}, %{rule} or %{hostname}, found ${unknown[0]}`);
  const fixed = config.topic.replace(/%\{\w+\}/g, 'x');
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(fixed) || fixed === '.' || fixed === '..')
    section.refuse('topic', 'expected letters, digits, dots, underscores and hyphens, at most 249');
  if ((tls.text('cert', '') === '') !== (tls.text('key', '') === ''))
    tls.refuse(undefined, 'cert and key are needed together');
  if (config.sasl.mechanism !== 'none' && config.sasl.username === '')
    sasl.refuse('username', 'is needed with a mechanism');
  for (const key of ['batch_alerts', 'batch_bytes'] as const)
    if (config[key] < 1) section.refuse(key, 'expected a number from 1');
  if (config.timeout_ms < 1000) section.refuse('timeout', 'expected at least 1s');
}
