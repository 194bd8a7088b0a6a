// Opens the outputs to other systems that the configuration enables. A new kind is one more entry here.
import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import type { RemoteOutput } from '../output/remote.js';
import { ownVersion } from '../version.js';

/** What remote outputs are opened with. */
export interface RemoteContext {
  hostname: string;
  /** Of Saker. */
  version: string;
  log: Logger;
}

/** One kind of output: its key in the configuration, and how it is made when it is enabled there. */
interface RemoteKind {
  key: string;
  open(config: Config, context: RemoteContext): Promise<RemoteOutput | undefined> | undefined;
}

// Loaded when wanted: each brings its own packages, which cost memory.
const KINDS: readonly RemoteKind[] = [
  {
    key: 'kafka_output',
    open: ({ kafka_output }, context) =>
      kafka_output.enabled ? openKafka(kafka_output, context) : undefined,
  },
  {
    key: 'http_output',
    open: async ({ http_output }, context) =>
      http_output.enabled
        ? (await import('./remote-outputs.js')).openHttp(http_output, context)
        : undefined,
  },
  {
    key: 'syslog_output',
    open: async ({ syslog_output }, context) =>
      syslog_output.enabled
        ? (await import('./remote-outputs.js')).openSyslog(syslog_output, context)
        : undefined,
  },
  {
    key: 'elasticsearch_output',
    open: async ({ elasticsearch_output }, context) =>
      elasticsearch_output.enabled
        ? (await import('./remote-outputs.js')).openElastic(elasticsearch_output, context)
        : undefined,
  },
  {
    key: 'splunk_output',
    open: async ({ splunk_output }, context) =>
      splunk_output.enabled
        ? (await import('./remote-outputs.js')).openSplunk(splunk_output, context)
        : undefined,
  },
];

/** An opened output, and its key in the configuration. */
export interface OpenRemote {
  key: string;
  output: RemoteOutput;
}

/**
 * Makes all that are enabled; nothing is connected yet.
 *
 * @throws ConfigError when a file that one of them needs cannot be read.
 */
export async function openRemotes(
  config: Config,
  { hostname, log }: Omit<RemoteContext, 'version'>,
): Promise<OpenRemote[]> {
  const context = { hostname, log, version: ownVersion() };
  const opened: OpenRemote[] = [];
  for (const { key, open } of KINDS) {
    const output = await open(config, context);
    if (output !== undefined) opened.push({ key, output });
  }
  return opened;
}

async function openKafka(
  config: Config['kafka_output'],
  context: RemoteContext,
): Promise<RemoteOutput> {
  const { KafkaOutput } = await import('../output/to-kafka.js');
  return new KafkaOutput(config, context);
}
