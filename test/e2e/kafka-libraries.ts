// Apache Kafka's artifacts from Maven, kept under build/, and the JVM that runs them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Versions that the output is tested with. */
export const KAFKA_VERSIONS = ['3.9.1', '4.1.1'] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];

const POM = join('test', 'e2e', 'kafka', 'pom.xml');
const ROOT = rootOf(import.meta.dirname);
const BUILD = join(ROOT, 'build', 'kafka');

/** The options that name a version's libraries. */
export function classPath(version: KafkaVersion): string[] {
  return ['-cp', join(BUILD, version, '*')];
}

/** Starts a JVM with that version's libraries. */
export function java(
  version: KafkaVersion,
  cwd: string,
  memory: string,
  ...argv: string[]
): ChildProcess {
  return spawn('java', [memory, '-XX:+UseSerialGC', ...classPath(version), ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Fetches a version's libraries, unless they are there. */
export function fetchLibraries(version: KafkaVersion): void {
  const folder = join(BUILD, version);
  if (existsSync(join(folder, `kafka_2.13-${version}.jar`))) return;
  execFileSync(
    'mvn',
    [
      ...['-q', '-B', '-f', join(ROOT, POM), `-Dkafka.version=${version}`],
      ...['dependency:copy-dependencies', `-DoutputDirectory=${folder}`],
    ],
    { stdio: 'pipe' },
  );
}

// The benchmark runs this from where it was compiled to.
function rootOf(folder: string): string {
  return existsSync(join(folder, POM)) ? folder : rootOf(join(folder, '..'));
}
