// The parts of the configuration about outputs of this host: a file, a program.
import type { Section } from './section.js';
import { type OutputLimits, readOutputLimits } from './shaping.js';

/** When a file is put aside; 0 switches a bound off. */
export interface RotationConfig {
  max_bytes: number;
  interval_ms: number;
  keep: number;
  compress: boolean;
}

/** `program_output`, as Falco has it. */
export interface ProgramOutputConfig extends OutputLimits {
  enabled: boolean;
  /** A command line for `/bin/sh`. */
  program: string;
  keep_alive: boolean;
}

/** Reads `rotation` of `file_output`. */
export function readRotation(file: Section): RotationConfig {
  const section = file.section('rotation');
  const config = {
    max_bytes: section.integer('max_bytes', 0),
    interval_ms: section.duration_ms('interval', 0),
    keep: section.integer('keep', 10),
    compress: section.flag('compress', false),
  };
  if (config.max_bytes > 0 && config.max_bytes < SMALLEST_FILE)
    section.refuse('max_bytes', `expected 0 or a number from ${SMALLEST_FILE}`);
  if (config.interval_ms > 0 && config.interval_ms < SHORTEST_MS)
    section.refuse('interval', 'expected 0 or at least 1m');
  section.close();
  return config;
}

/** Reads `program_output` from the top of the configuration. */
export function readProgramOutput(top: Section): ProgramOutputConfig {
  const section = top.section('program_output');
  const config = {
    enabled: section.flag('enabled', false),
    program: section.text('program', ''),
    keep_alive: section.flag('keep_alive', false),
    ...readOutputLimits(section),
  };
  if (config.enabled && config.program.trim() === '')
    section.refuse('program', 'is needed when program_output is enabled');
  section.close();
  return config;
}

// A file per alert, or per second, would be a mistake.
const SMALLEST_FILE = 4096;
const SHORTEST_MS = 60_000;
