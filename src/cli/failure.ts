// An error as lines for the person at the command line, and as an exit status.
import { type ErrorCode, HostError, SakerError } from '../errors.js';
import { printable } from '../rules/source.js';
import type { Failure } from '../sensor/protocol.js';

/** The message, then what to do; anything that is not ours is a defect and shows where. */
export function errorLines(error: unknown): string[] {
  const known = knownError(error);
  if (known === undefined) return [`saker: unexpected: ${stackOf(error)}`, `saker: ${A_DEFECT}`];
  // A message may name a file, and a file may be named to take over the terminal.
  const lines = known.message.split('\n').map((line) => `saker: ${printable(line)}`);
  if (known.hint !== undefined) lines.push(`saker: ${printable(known.hint)}`);
  return lines;
}

/** 1 the input is wrong, 2 wrong use, 3 the host cannot do it, 70 a defect. */
export function exitStatusOf(error: unknown): number {
  const known = knownError(error);
  return (known === undefined ? undefined : STATUS[known.code]) ?? DEFECT;
}

/** An error as plain data, for the other thread. */
export function failureOf(error: unknown): Failure {
  const exitStatus = exitStatusOf(error);
  const known = knownError(error);
  if (known === undefined)
    return { code: 'INTERNAL', message: stackOf(error), hint: A_DEFECT, exitStatus };
  return { code: known.code, message: known.message, hint: known.hint, exitStatus };
}

const DEFECT = 70; // EX_SOFTWARE, sysexits.h
const A_DEFECT = 'this is a defect of Saker, please report it';

/** An error of ours, or one that anything may meet and that the host is to blame for. */
function knownError(error: unknown): SakerError | undefined {
  if (error instanceof SakerError) return error;
  if (!(error instanceof Error)) return undefined;
  // In the text too: a module that could not be opened in a thread comes without its code.
  if (/\bE[MN]FILE\b/.test(error.message))
    return new HostError('HOST_UNABLE', 'too few files may be open at once', {
      hint: 'raise the limit: ulimit -n 1024, or LimitNOFILE=1024 for systemd',
      cause: error,
    });
  const missing = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (missing === undefined) return undefined;
  return new HostError('HOST_UNABLE', `the npm package ${missing} is not installed`, {
    hint: 'run npm ci in the folder of Saker',
    cause: error,
  });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A failure that came as plain data. */
export function errorOfFailure({ code, message, hint, diagnostics = [] }: Failure): SakerError {
  return new SakerError(code, [...diagnostics, message].join('\n'), { hint });
}

// What is not here should not have come this far.
const STATUS: Partial<Record<ErrorCode, number>> = {
  ABI_MISMATCH: 3,
  BPF_LOAD: 3,
  BPF_ATTACH: 3,
  BPF_MAP: 3,
  HOST_UNABLE: 3,
  CONFIG_INVALID: 1,
  CONFIG_READ: 1,
  RULE_INVALID: 1,
  RULE_READ: 1,
  AGENT_RUNNING: 1,
  CONTROL_SOCKET: 1,
  STATUS_SERVER: 1,
  SINK_WRITE: 1,
  CAPTURE_FILE: 1,
  SCENARIO_INVALID: 1,
  USAGE: 2,
};
