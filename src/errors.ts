// The error base class, its subclasses, every code.

/** What an error says besides its message. */
export interface ErrorDetail {
  /** What the reader can do about it, one sentence. */
  hint?: string;
  cause?: unknown;
}

/** What a failed output says about trying again. */
export interface SinkErrorDetail extends ErrorDetail {
  /** Left out: true. */
  retryable?: boolean;
  retry_after_ms?: number;
}

/** Every code an error of ours can carry; tests match these, never messages. */
export type ErrorCode =
  | 'ABI_MISMATCH'
  | 'BPF_LOAD'
  | 'BPF_ATTACH'
  | 'BPF_MAP'
  | 'HOST_UNABLE'
  | 'RING_CORRUPT'
  | 'CONFIG_INVALID'
  | 'CONFIG_READ'
  | 'RULE_INVALID'
  | 'RULE_READ'
  | 'USAGE'
  | 'CONTROL_SOCKET'
  | 'STATUS_SERVER'
  | 'SINK_WRITE'
  | 'SINK_SEND'
  | 'SPOOL_BUSY'
  | 'SPOOL_BROKEN'
  | 'AGENT_RUNNING'
  | 'RUNTIME_ANSWER'
  | 'CAPTURE_FILE'
  | 'SCENARIO_INVALID'
  | 'INTERNAL';

/** The base of all errors that Saker throws: a code, a message, and where possible a remedy. */
export class SakerError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = detail.hint;
  }
}

/** The object's layout is not the one this build was made for: the start stops. */
export class AbiError extends SakerError {}

/** The configuration is wrong: the start stops with exit status 1. */
export class ConfigError extends SakerError {}

/** The kernel or libbpf refused something: the agent degrades or stops. */
export class BpfError extends SakerError {}

/** This host cannot do it (no BTF, no privilege): exit status 3. */
export class HostError extends SakerError {}

/** The ring's memory does not make sense; it is unusable from then on. */
export class RingError extends SakerError {}

/** A rule file is wrong: points at text, exit status 1. */
export class RuleError extends SakerError {}

/** A command line is wrong: exit status 2. */
export class UsageError extends SakerError {}

/** An output could not take an alert: retried. */
export class SinkError extends SakerError {
  /** False: it fails until somebody changes something; tried less often, never given up. */
  readonly retryable: boolean;
  /** The other side asked for this pause. */
  readonly retry_after_ms: number | undefined;

  constructor(code: ErrorCode, message: string, detail: SinkErrorDetail = {}) {
    super(code, message, detail);
    this.retryable = detail.retryable ?? true;
    this.retry_after_ms = detail.retry_after_ms;
  }
}

/** The alerts on disk cannot be read or written, or belong to another agent. */
export class SpoolError extends SakerError {}

/** A container runtime did not answer, or not in the words of its interface: asked again later. */
export class RuntimeError extends SakerError {}

/** A scenario of events, or a test file, does not make sense: exit status 1. */
export class ScenarioError extends SakerError {}
