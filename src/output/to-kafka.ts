// Alerts to Kafka. An idempotent producer with acks=all: what it says was taken is on all replicas that
// have to have it, and a batch that is sent once more after a failure is stored once.
import './kafka-records.js'; // before kafkajs
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import kafkajs, {
  type KafkaConfig,
  type Message,
  type PartitionerArgs,
  type Producer,
  type SASLOptions,
  type TopicMessages,
} from 'kafkajs';
import type { KafkaOutputConfig, KafkaTlsConfig } from '../config/kafka-output.js';
import { ConfigError } from '../errors.js';
import type { Logger } from '../log.js';
import { priorityName } from './alert.js';
import { parseAlertObject, textOf } from './alert-object.js';
import { type LineFormatter, lineFormatter } from './format.js';
import { isTooLarge, kafkaError, needsNewProducer } from './kafka-failure.js';
import type {
  BatchLimits,
  RefusedAlert,
  RemoteOutput,
  SendResult,
  SpooledAlert,
} from './remote.js';

// Not all of what this CommonJS module exports is seen by name.
const { CompressionCodecs, CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs;

/** What the output needs besides its configuration. */
export interface KafkaOutputOptions {
  hostname: string;
  /** Of Saker. */
  version: string;
  log: Logger;
}

/** Sends to the topics of one cluster. */
export class KafkaOutput implements RemoteOutput {
  readonly name = 'kafka';
  readonly batch: BatchLimits;
  readonly #format: LineFormatter;
  readonly #topics = new Map<string, string>();
  #producer: Promise<Producer> | undefined;
  #closed = false;

  /** @throws ConfigError when a file of keys or certificates cannot be read. */
  constructor(
    private readonly config: KafkaOutputConfig,
    private readonly options: KafkaOutputOptions,
  ) {
    const { batch_alerts, batch_bytes, linger_ms } = config;
    this.batch = { alerts: batch_alerts, bytes: batch_bytes, linger_ms };
    this.#format = lineFormatter(config.format, options.version);
    if (config.tls.enabled) readTls(config.tls);
    // kafkajs says so on the console, whatever logCreator it is given.
    process.env.KAFKAJS_NO_PARTITIONER_WARNING ??= '1';
  }

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    const refused: RefusedAlert[] = [];
    let accepted = 0;
    try {
      for await (const part of this.#parts(alerts, refused)) accepted += part;
    } catch (error) {
      if (needsNewProducer(error)) await this.#drop();
      // What is done must not be sent again: the failure shows itself once more with the next call.
      if (accepted === 0) throw kafkaError(error, this.config);
    }
    return { accepted, refused };
  }

  async close(limit_ms: number): Promise<void> {
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limit_ms);
    });
    await Promise.race([this.#drop(), limit]);
    clearTimeout(timer);
  }

  // A batch that is too large is halved until what is too large stands alone. Yields how many alerts
  // from the start are done.
  async *#parts(alerts: readonly SpooledAlert[], refused: RefusedAlert[]): AsyncGenerator<number> {
    try {
      yield await this.#sendAll(alerts, refused);
      return;
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const [only] = alerts;
      if (alerts.length === 1 && only !== undefined) {
        refused.push({ alert: only, reason: kafkaError(error, this.config).message });
        yield 1;
        return;
      }
      // Some topics may have taken their part of it, under numbers that the halves must not reuse.
      await this.#drop();
    }
    const half = alerts.length >> 1;
    yield* this.#parts(alerts.slice(0, half), refused);
    yield* this.#parts(alerts.slice(half), refused);
  }

  async #sendAll(alerts: readonly SpooledAlert[], refused: RefusedAlert[]): Promise<number> {
    const topics = new Map<string, Message[]>();
    const none: RefusedAlert[] = [];
    for (const alert of alerts) {
      const value = this.#format(alert.json);
      if (value === undefined) {
        none.push({ alert, reason: 'is no alert' });
        continue;
      }
      const topic = this.#topic(alert);
      const messages = topics.get(topic);
      if (messages === undefined) topics.set(topic, [this.#message(alert, value)]);
      else messages.push(this.#message(alert, value));
    }
    const topicMessages: TopicMessages[] = [...topics].map(([topic, messages]) => ({
      topic,
      messages,
    }));
    if (topicMessages.length > 0) {
      const producer = await this.#connected();
      const { compression, timeout_ms } = this.config;
      await producer.sendBatch({
        topicMessages,
        acks: -1,
        timeout: timeout_ms,
        compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
      });
    }
    refused.push(...none);
    return alerts.length;
  }

  #message(alert: SpooledAlert, value: string): Message {
    const { event_id, rule, priority, time_ns } = alert;
    return {
      key: this.#key(alert),
      value,
      timestamp: String(time_ns / 1_000_000n),
      headers: { event_id, rule, priority: priorityName(priority) },
    };
  }

  #key(alert: SpooledAlert): string {
    const { key } = this.config;
    const { hostname } = this.options;
    if (key === 'hostname') return hostname;
    if (key === 'rule') return alert.rule;
    if (key === 'priority') return priorityName(alert.priority);
    const value = parseAlertObject(alert.json)?.fields.get(key);
    return value === undefined || value === null ? hostname : textOf(value);
  }

  #topic({ rule, priority }: SpooledAlert): string {
    if (!this.config.topic.includes('%')) return this.config.topic;
    const which = `${priority} ${rule}`;
    const known = this.#topics.get(which);
    if (known !== undefined) return known;
    const topic = topicName(this.config.topic, {
      rule,
      priority: priorityName(priority),
      hostname: this.options.hostname,
    });
    this.#topics.set(which, topic);
    return topic;
  }

  #connected(): Promise<Producer> {
    if (this.#closed) throw new Error('the output is closed');
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const kafka = new Kafka(clientConfig(this.config, this.options.log));
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: partitioner,
      // Two attempts are for a leader that moved; the rest is waited for outside.
      retry: RETRY,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.#producer = undefined;
      await producer.disconnect().catch(() => {}); // it never was connected
      throw error;
    }
  }

  // A new producer has a new identity, to which nothing that came before matters.
  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    try {
      await (await producer)?.disconnect();
    } catch {
      // Its connection is gone already.
    }
  }
}

/** A topic for an alert: what Kafka allows in names, at most 249 characters. */
export function topicName(template: string, values: Readonly<Record<string, string>>): string {
  const filled = template.replace(/%\{(\w+)\}/g, (_, name: string) =>
    (values[name] ?? '').toLowerCase().replace(/[^a-z0-9._-]+/g, '-'),
  );
  const topic = filled.slice(0, MAX_TOPIC);
  return topic === '' || topic === '.' || topic === '..' ? 'saker-alerts' : topic;
}

/** Kafka's own choice by the key, remembered: most batches have one key, and hashing it is slow. */
function partitioner(): (args: PartitionerArgs) => number {
  const choose = Partitioners.DefaultPartitioner();
  let last = { topic: '', key: '', partitions: 0, partition: 0 };
  return (args) => {
    const { topic, partitionMetadata, message } = args;
    const key = typeof message.key === 'string' ? message.key : '';
    const partitions = partitionMetadata.length;
    if (last.key !== key || last.topic !== topic || last.partitions !== partitions)
      last = { topic, key, partitions, partition: choose(args) };
    return last.partition;
  };
}

// Level 1 in the place of zlib's 6: alerts of one batch are so alike that they become nearly as small,
// in two thirds of the time.
CompressionCodecs[CompressionTypes.GZIP] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => promisify(gzip)(buffer, { level: 1 }),
  decompress: (buffer: Buffer) => promisify(gunzip)(buffer),
});

const MAX_TOPIC = 249;
const RETRY = { retries: 2, initialRetryTime: 200, maxRetryTime: 1000 };

function clientConfig(config: KafkaOutputConfig, log: Logger): KafkaConfig {
  const { brokers, client_id, tls, sasl, timeout_ms } = config;
  const own = log.child({ output: 'kafka' });
  const client: KafkaConfig = {
    clientId: client_id,
    brokers: [...brokers],
    connectionTimeout: Math.min(timeout_ms, CONNECT_MS),
    requestTimeout: timeout_ms,
    retry: RETRY,
    logLevel: logLevel.INFO,
    // Each failure reaches whoever sends, who tells it once; kafkajs tells every attempt.
    logCreator:
      () =>
      ({ namespace, log: { message } }) =>
        own.debug({ namespace }, message),
  };
  if (tls.enabled) client.ssl = readTls(tls);
  const options = saslOptions(sasl);
  if (options !== undefined) client.sasl = options;
  return client;
}

const CONNECT_MS = 10_000;

function saslOptions({
  mechanism,
  username,
  password,
}: KafkaOutputConfig['sasl']): SASLOptions | undefined {
  return mechanism === 'none' ? undefined : { mechanism, username, password };
}

// Read anew for each producer: certificates are renewed while an agent runs.
function readTls({ ca, cert, key, passphrase }: KafkaTlsConfig) {
  return {
    ...(ca === '' ? {} : { ca: readPem(ca, 'ca') }),
    ...(cert === '' ? {} : { cert: readPem(cert, 'cert'), key: readPem(key, 'key') }),
    ...(passphrase === '' ? {} : { passphrase }),
  };
}

function readPem(file: string, key: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('CONFIG_INVALID', `kafka_output.tls.${key}: ${reason}`, {
      hint: 'name a readable PEM file',
      cause,
    });
  }
}
