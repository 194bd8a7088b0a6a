// A real Apache Kafka for a test: brokers in KRaft mode that are killed, stopped and started again. Each has a plain listener for the test itself, and
// listeners with TLS and with SASL.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { type Certificates, makeCertificates } from '../unit/output/certificates.js';
import { freePorts } from './free-ports.js';
import { classPath, fetchLibraries, java, type KafkaVersion } from './kafka-libraries.js';

/** The user that SASL listeners know. */
export const KAFKA_USER = { username: 'saker', password: 'not-so-secret' };

const LISTENERS = ['plain', 'sasl', 'tls', 'sasl_tls', 'controller'] as const;
type Listener = (typeof LISTENERS)[number];

/** One message as a consumer got it. */
export interface Received {
  topic: string;
  partition: number;
  offset: number;
  key: string;
  value: string;
  headers: Record<string, string>;
}

interface Broker {
  id: number;
  ports: Record<Listener, number>;
  folder: string;
  process: ChildProcess | undefined;
}

/** A cluster with data of its own; topics must be made. */
export class KafkaCluster {
  readonly certificates: Certificates;
  readonly #brokers: Broker[] = [];

  private constructor(
    readonly version: KafkaVersion,
    private readonly folder: string,
  ) {
    this.certificates = makeCertificates(folder);
  }

  /** Starts brokers; resolves when they answer. */
  static async start(version: KafkaVersion, brokers = 1): Promise<KafkaCluster> {
    fetchLibraries(version);
    const cluster = new KafkaCluster(version, mkdtempSync(join(tmpdir(), 'saker-kafka-')));
    process.once('exit', cluster.#killAll);
    for (let id = 1; id <= brokers; id++) {
      const [plain = 0, sasl = 0, tls = 0, sasl_tls = 0, controller = 0] = await freePorts(5);
      const ports = { plain, sasl, tls, sasl_tls, controller };
      const folder = join(cluster.folder, String(id));
      mkdirSync(folder);
      cluster.#brokers.push({ id, ports, folder, process: undefined });
    }
    for (const broker of cluster.#brokers) cluster.#format(broker);
    await Promise.all(cluster.#brokers.map(({ id }) => cluster.run(id)));
    return cluster;
  }

  /** `HOST:PORT` of every broker. */
  addresses(listener: Listener = 'plain'): string[] {
    return this.#brokers.map(({ ports }) => `localhost:${ports[listener]}`);
  }

  /** Starts a broker again, with the data that it had. */
  async run(id = 1): Promise<void> {
    const broker = this.#broker(id);
    const child = java(this.version, broker.folder, '-Xmx384m', 'kafka.Kafka', 'server.properties');
    broker.process = child;
    let said = '';
    const listen = (chunk: Buffer): void => {
      said = `${said}${chunk}`.slice(-4000);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    while (!(await this.#answers(broker))) {
      if (child.exitCode !== null) throw new Error(`Kafka ended with ${child.exitCode}: ${said}`);
      await sleep(200);
    }
  }

  /** At once, as a crash would. */
  async kill(id = 1): Promise<void> {
    await this.#end(id, 'SIGKILL');
  }

  /** In order: leaders move first. */
  async shutDown(id = 1): Promise<void> {
    await this.#end(id, 'SIGTERM');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#brokers.map(({ id }) => this.kill(id)));
    process.off('exit', this.#killAll);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes a topic and waits until it has leaders. */
  async createTopic(
    topic: string,
    { partitions = 1, replicas = 1, config = {} as Record<string, string> } = {},
  ): Promise<void> {
    await this.#asked((admin) =>
      admin.createTopics({
        waitForLeaders: false, // kafkajs does not wait for a broker that has not heard of it
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    );
    while ((await this.leader(topic)) < 0) await sleep(100);
  }

  /** The broker that leads the first partition; -1: none yet. */
  async leader(topic: string): Promise<number> {
    return await this.#asked(async (admin) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]?.partitions[0]?.leader ?? -1;
      } catch {
        return -1; // the broker that was asked has not heard of it yet
      }
    });
  }

  /** All messages of a topic, in the order of each partition. */
  async messages(topic: string): Promise<Received[]> {
    const ends = await this.#asked((admin) => admin.fetchTopicOffsets(topic));
    const left = new Map(
      ends.map(({ partition, high, low }) => [partition, [Number(low), Number(high)]]),
    );
    for (const [partition, [low, high]] of left) if (low === high) left.delete(partition);
    const received: Received[] = [];
    if (left.size === 0) return received;
    const consumer = this.#client().consumer({ groupId: `test-${process.pid}-${groups++}` });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        // A broker that has just started may still load its groups: kafkajs tries again.
        consumer.on('consumer.crash', ({ payload }) => {
          if (!payload.restart) reject(payload.error);
        });
        consumer
          .run({
            eachMessage: async ({ partition, message }) => {
              const headers = Object.entries(message.headers ?? {});
              received.push({
                topic,
                partition,
                offset: Number(message.offset),
                key: String(message.key),
                value: String(message.value),
                headers: Object.fromEntries(headers.map(([name, text]) => [name, String(text)])),
              });
              const end = left.get(partition)?.[1] ?? 0;
              if (Number(message.offset) + 1 >= end) left.delete(partition);
              if (left.size === 0) resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    return received.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  #broker(id: number): Broker {
    const broker = this.#brokers.find((each) => each.id === id);
    if (broker === undefined) throw new Error(`no broker ${id}`);
    return broker;
  }

  readonly #killAll = (): void => {
    for (const broker of this.#brokers) broker.process?.kill('SIGKILL');
  };

  async #end(id: number, signal: NodeJS.Signals): Promise<void> {
    const broker = this.#broker(id);
    const child = broker.process;
    broker.process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  }

  async #answers(broker: Broker): Promise<boolean> {
    const address = `localhost:${broker.ports.plain}`;
    const admin = this.#client([address]).admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      return brokers.some(({ nodeId }) => nodeId === broker.id);
    } catch {
      return false; // not yet
    } finally {
      await admin.disconnect();
    }
  }

  async #asked<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#client().admin();
    try {
      await admin.connect();
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  #client(brokers = this.addresses()): Kafka {
    return new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      retry: { retries: 8, initialRetryTime: 200 },
      connectionTimeout: 3000,
    });
  }

  #format(broker: Broker): void {
    const properties = this.#properties(broker);
    const text = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(broker.folder, 'server.properties'), text.join(''));
    const { username, password } = KAFKA_USER;
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]);
    const argv = ['format', '-t', CLUSTER_ID, '-c', 'server.properties', ...scram];
    execFileSync('java', [...classPath(this.version), 'kafka.tools.StorageTool', ...argv], {
      cwd: broker.folder,
      stdio: 'pipe',
    });
  }

  #properties({ id, ports, folder }: Broker): Record<string, string> {
    const { ca, serverCert, serverKey } = this.certificates;
    const pem = join(folder, 'server.pem');
    writeFileSync(pem, readFileSync(serverKey, 'utf8') + readFileSync(serverCert, 'utf8'));
    const replicas = String(Math.min(3, this.#brokers.length));
    const { username, password } = KAFKA_USER;
    const voters = this.#brokers.map((each) => `${each.id}@localhost:${each.ports.controller}`);
    const addresses = (names: readonly Listener[]): string =>
      names.map((name) => `${name.toUpperCase()}://localhost:${ports[name]}`).join(',');
    const own: Record<string, string> = {
      'process.roles': 'broker,controller',
      'node.id': String(id),
      'controller.quorum.voters': voters.join(','),
      'controller.listener.names': 'CONTROLLER',
      listeners: addresses(LISTENERS),
      'advertised.listeners': addresses(LISTENERS.filter((name) => name !== 'controller')),
      'listener.security.protocol.map':
        'PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASL_TLS:SASL_SSL,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'PLAIN',
      'log.dirs': join(folder, 'data'),
      'auto.create.topics.enable': 'false',
      'log.retention.ms': '-1', // the alerts of tests are years old
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': '1',
      'offsets.topic.num.partitions': '1',
      'group.initial.rebalance.delay.ms': '0',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': pem,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': ca,
      'listener.name.tls.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    };
    for (const listener of ['sasl', 'sasl_tls']) {
      const prefix = `listener.name.${listener}`;
      own[`${prefix}.plain.sasl.jaas.config`] =
        'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
        `username="${username}" password="${password}" user_${username}="${password}";`;
      for (const mechanism of ['scram-sha-256', 'scram-sha-512'])
        own[`${prefix}.${mechanism}.sasl.jaas.config`] =
          'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    }
    return own;
  }
}

let groups = 0;
const CLUSTER_ID = 'c2FrZXJzYWtlcnNha2Vycw';
