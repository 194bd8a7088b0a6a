// The daemon's own log on stderr; alerts never go here.
// On a terminal one readable line each, otherwise one JSON object each.
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Falco's names of the levels; what pino does not tell apart is put together. */
export const LOG_LEVELS = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a log goes and what of it. */
export interface LogOptions {
  level: LogLevel;
  /** False: nothing is written. */
  enabled: boolean;
  /** Readable lines instead of JSON; left out: when stderr is a terminal. */
  readable?: boolean;
  /** Takes the place of stderr. */
  write?: (line: string) => void;
  /** Texts that must not be in it, wherever they come from. */
  secrets?: ReadonlySet<string>;
}

/** Makes the log. Writing never throws: a log that cannot be written must not stop the agent. */
export function makeLog(options: LogOptions): Logger {
  const { secrets = new Set() } = options;
  const out = options.write ?? writeStderr;
  const write = (line: string) => out(withoutTexts(line, secrets));
  const readable = options.readable ?? isatty(2);
  return pino(
    {
      level: options.enabled ? PINO_LEVELS[options.level] : 'silent',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    { write: readable ? (line: string) => write(readableLine(line)) : write },
  );
}

/** A text in which each of these, also as JSON writes it, is `***`. */
export function withoutTexts(text: string, secrets: ReadonlySet<string>): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    shown = shown.replaceAll(secret, '***');
    const quoted = JSON.stringify(secret).slice(1, -1);
    if (quoted !== secret) shown = shown.replaceAll(quoted, '***');
  }
  return shown;
}

const PINO_LEVELS: Record<LogLevel, string> = {
  emergency: 'fatal',
  alert: 'fatal',
  critical: 'fatal',
  error: 'error',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  debug: 'debug',
};

const COLOURS: Record<string, string> = { fatal: '1;31', error: '31', warn: '33', debug: '2' };

// `saker: LEVEL message key=value`; the message is ours, the values are quoted by JSON.
function readableLine(line: string): string {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return line; // not written by pino: better shown as it is than lost
  }
  if (typeof fields !== 'object' || fields === null) return line;
  const entries = new Map<string, unknown>(Object.entries(fields));
  const level = String(entries.get('level'));
  const time = String(entries.get('time')).slice(11, 19);
  const message = String(entries.get('msg') ?? '');
  for (const key of ['level', 'time', 'msg']) entries.delete(key);
  const rest = [...entries].map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join('');
  const colour = COLOURS[level];
  const shown = colour === undefined ? level : `\u001b[${colour}m${level}\u001b[0m`;
  return `${time} ${shown} ${message}${rest}\n`;
}

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return { code, message: error.message, stack: error.stack };
}

function writeStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads stderr (closed pipe, full disk): there is no place left to say so.
  }
}
