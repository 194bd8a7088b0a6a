// What an agent says beside its log, to whoever started it: that it watches, why it fails, its summary.
// That is said whatever the log's level.
import { failureOf } from '../cli/failure.js';
import { type Logger, makeLog, withoutTexts } from '../log.js';
import type { Failure } from '../sensor/protocol.js';
import type { AgentOptions } from './options.js';
import { type Summary, summaryLines } from './summary.js';

/** One agent's way to say things. */
export class Voice {
  readonly log: Logger;

  constructor(
    private readonly options: Pick<AgentOptions, 'config' | 'person' | 'writeLog' | 'secrets'>,
  ) {
    this.log = this.#makeLog(options.config.log_level);
  }

  /** Scripts and people wait for this line. */
  watching(counts: { rules: number; hooks: number; processes: number }): void {
    this.#makeLog('info').info(counts, 'watching');
  }

  /** Why the agent ends. */
  failed(failure: Failure): void {
    for (const diagnostic of failure.diagnostics ?? []) this.#say(diagnostic);
    this.#say(`saker: ${failure.message}`);
    if (failure.hint !== undefined) this.#say(`saker: ${failure.hint}`);
  }

  /** What was seen, at the end. */
  stopped(summary: Summary): void {
    if (!this.options.person) this.log.info(summary, 'stopped');
    else for (const line of summaryLines(summary)) this.#say(line);
  }

  #makeLog(level: AgentOptions['config']['log_level']): Logger {
    const { config, writeLog, secrets } = this.options;
    return makeLog({ level, enabled: config.log_stderr, write: writeLog, secrets });
  }

  // Whatever the log's form.
  #say(text: string): void {
    const line = withoutTexts(text, this.options.secrets ?? new Set());
    if (this.options.writeLog !== undefined) this.options.writeLog(`${line}\n`);
    else process.stderr.write(`${line}\n`);
  }
}

/** What the sensor's thread ended with, as a failure of the sensor. */
export function crash(error: Error): Failure {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { code: 'INTERNAL', message: 'the sensor ran out of memory', exitStatus: 70 };
  const failure = failureOf(error);
  if (failure.code !== 'INTERNAL') return failure;
  return { ...failure, message: `the sensor failed: ${failure.message}` };
}
