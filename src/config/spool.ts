// The part of the configuration about alerts that wait on disk for outputs to other systems.
import { resolve } from 'node:path';
import type { Section } from './section.js';

/** Names are those of the file. */
export interface SpoolConfig {
  /** A folder of its own; two agents cannot share one. */
  path: string;
  max_bytes: number;
  max_age_ms: number;
  /** Every write is on the disk before it counts. */
  sync: boolean;
}

export const DEFAULT_SPOOL_PATH = '/var/lib/saker/spool';

/** Reads `spool` from the top of the configuration. */
export function readSpool(top: Section): SpoolConfig {
  const section = top.section('spool');
  const config: SpoolConfig = {
    path: section.text('path', DEFAULT_SPOOL_PATH),
    max_bytes: section.integer('max_bytes', DEFAULT_BYTES),
    max_age_ms: section.duration_ms('max_age', DEFAULT_AGE_MS),
    sync: section.flag('sync', true),
  };
  if (!config.path.startsWith('/')) section.refuse('path', 'expected an absolute path');
  else if (/^\/(?:proc|sys)(?:\/|$)/.test(resolve(config.path)))
    section.refuse('path', 'the kernel keeps no files there: name a folder on a disk');
  if (config.max_bytes < LEAST_BYTES)
    section.refuse('max_bytes', `expected at least ${LEAST_BYTES} bytes`);
  if (config.max_age_ms < 1000) section.refuse('max_age', 'expected at least 1s');
  section.close();
  return config;
}

// Half an hour of a thousand alerts a second.
const DEFAULT_BYTES = 2 * 1024 ** 3;
const LEAST_BYTES = 1024 * 1024;
const DEFAULT_AGE_MS = 7 * 86_400_000;
