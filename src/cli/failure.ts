// An error as lines for the person at the command line, and as an exit status.
import { type ErrorCode, SakerError } from '../errors.js';
import { printable } from '../rules/source.js';
import type { Failure } from '../sensor-protocol.js';

/** The message, then what to do; anything that is not ours is a defect and shows where. */
export function errorLines(error: unknown): string[] {
  if (!(error instanceof SakerError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [`saker: unexpected: ${text}`, 'saker: this is a defect of Saker, please report it'];
  }
  // A message may name a file, and a file may be named to take over the terminal.
  const lines = error.message.split('\n').map((line) => `saker: ${printable(line)}`);
  if (error.hint !== undefined) lines.push(`saker: ${printable(error.hint)}`);
  return lines;
}

/** 1 the input is wrong, 2 wrong use, 3 the host cannot do it, 70 a defect. */
export function exitStatusOf(error: unknown): number {
  return (error instanceof SakerError ? STATUS[error.code] : undefined) ?? DEFECT;
}

const DEFECT = 70; // EX_SOFTWARE, sysexits.h

// What is not here should not have come this far.
/** An error as plain data, for the other thread. */
export function failureOf(error: unknown): Failure {
  const exitStatus = exitStatusOf(error);
  if (!(error instanceof SakerError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      code: 'INTERNAL',
      message,
      hint: 'this is a defect of Saker, please report it',
      exitStatus,
    };
  }
  return { code: error.code, message: error.message, hint: error.hint, exitStatus };
}

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
  CONTROL_SOCKET: 1,
  SINK_WRITE: 1,
  CAPTURE_FILE: 1,
  SCENARIO_INVALID: 1,
  USAGE: 2,
};
