// What a failure of Kafka means: whether waiting helps, and what somebody has to change.
import type { KafkaOutputConfig } from '../config/kafka-output.js';
import { SakerError, SinkError } from '../errors.js';

/** A failure as the delivery understands it. */
export function kafkaError(
  error: unknown,
  { brokers }: Pick<KafkaOutputConfig, 'brokers'>,
): SinkError {
  if (error instanceof SinkError) return error;
  const { name, type, message } = innermost(error);
  const place = brokers.length > 3 ? `${brokers.slice(0, 3).join(', ')}, ...` : brokers.join(', ');
  const known = KNOWN.find(({ found }) => found.test(`${name} ${type} ${message}`));
  const hint = error instanceof SakerError ? error.hint : known?.hint;
  const what = type === '' || message.includes(type) ? message : `${message} (${type})`;
  return new SinkError('SINK_SEND', `kafka at ${place}: ${what}`, {
    cause: error,
    retryable: known === undefined,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The broker will never take a message of this size. */
export function isTooLarge(error: unknown): boolean {
  const { type } = innermost(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

/** The broker and this producer no longer agree on what was sent: only a new one goes on. */
export function needsNewProducer(error: unknown): boolean {
  return FATAL.has(innermost(error).type);
}

// Of the Kafka protocol's errors.
const FATAL = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
]);

// Waiting alone does not help against these.
const KNOWN: readonly { found: RegExp; hint: string }[] = [
  {
    found: /SASL/,
    hint: 'correct kafka_output.sasl: mechanism, username and password',
  },
  {
    found: /certificate|altnames|CERT_|SSL|TLS|EPROTO/i,
    hint: 'correct kafka_output.tls: ca must hold the authority that signed the certificate of the brokers',
  },
  {
    found: /UNKNOWN_TOPIC_OR_PARTITION|does not host this topic/,
    hint: 'create the topic, or correct kafka_output.topic',
  },
  { found: /INVALID_TOPIC_EXCEPTION/, hint: 'correct kafka_output.topic' },
  {
    found: /AUTHORIZATION_FAILED/,
    hint: 'allow the user of kafka_output.sasl to write to the topic, idempotently',
  },
  {
    found: /INVALID_TIMESTAMP/,
    hint: 'set the clock of this host: the brokers refuse messages from the future',
  },
  { found: /ENOTFOUND/, hint: 'correct kafka_output.brokers: the name does not exist' },
];

interface Failure {
  name: string;
  /** Of the protocol; empty: the failure has another origin. */
  type: string;
  message: string;
}

// kafkajs wraps the failure into one about the attempts it made.
function innermost(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: '', type: '', message: String(error) };
  if (error.cause instanceof Error) return innermost(error.cause);
  const type = 'type' in error && typeof error.type === 'string' ? error.type : '';
  return { name: error.name, type, message: error.message };
}
