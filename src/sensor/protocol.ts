// What the main thread and the sensor thread say to each other: plain data, structured-cloned.
//
// The sensor waits in epoll_wait, where no JavaScript runs: the main thread posts a message and
// then writes to the eventfd `wakeFd`; the sensor reads that fd empty and takes the messages with
// `receiveMessageOnPort(parentPort)`. The other way needs no care: postMessage only enqueues.

import type { AppendOutput } from '../config/append-output.js';
import type { EnforcementConfig } from '../config/enforcement.js';
import type { RuleSwitch } from '../config/rule-switch.js';
import type { ShapingConfig } from '../config/shaping.js';
import type { ContainerMetadata } from '../decode/event.js';
import type { ErrorCode } from '../errors.js';
import type { AlertOptions } from '../output/alert.js';
import type { AlertBatch, Lane } from '../output/batch.js';
import type { Attempt } from '../output/internal.js';
import type { RulePlan } from '../plan/planner.js';
import type { VerdictPlan } from '../plan/verdict-plan.js';
import type { EnforcementCounts } from '../respond/enforcer.js';
import type { Rule } from '../rules/rule.js';
import type { OpenEvent } from './open.js';
import type { Inherited } from './persistence.js';
import type { VerdictTotals } from './verdicts.js';

/** A rule file as text; `name` is what diagnostics print. */
export interface RuleText {
  name: string;
  text: string;
}

/** What decides which rules exist and what they say. */
export interface RuleOptions {
  sources: readonly RuleText[];
  switches: readonly RuleSwitch[];
  /** Rules with a greater number (less urgent) are not enabled; 7 lets all in. */
  minPriority: number;
  matching: 'first' | 'all';
  appendOutput: readonly AppendOutput[];
  staticFields: Readonly<Record<string, string>>;
  /** Leave out rules that do not load instead of failing. */
  skipInvalid: boolean;
  /** Limits of rules that have none of their own. */
  shaping?: readonly ShapingConfig[];
  /** Conditions by the name of the output that wants only such alerts. */
  filters?: Readonly<Record<string, string>>;
  /** The kernel is to decide which events leave it; without it all of the rules' types do. */
  kernelFilter?: boolean;
  /** Whether rules with an action act; left out: as the configuration's defaults say. */
  enforcement?: EnforcementConfig;
}

/** Rules as their texts say: nothing is switched, added, or left out. */
export function asWritten(sources: readonly RuleText[]): RuleOptions {
  return {
    sources,
    switches: [],
    minPriority: 7,
    matching: 'all',
    appendOutput: [],
    staticFields: {},
    skipInvalid: false,
  };
}

/** Rules that were read and checked: what the sensor compiles. */
export interface PreparedRules {
  /** In the order in which they are evaluated. */
  rules: readonly Rule[];
  matching: 'first' | 'all';
  staticFields: Readonly<Record<string, string>>;
  /** Some rule depends on what has to be found out outside of the sensor. */
  asksFacts: boolean;
  /** Host names that a rule compares with, each once. */
  hostNames: readonly string[];
  /** What must be said although all is well, as text. */
  warnings: readonly string[];
  /** Whether their actions are taken; absent: by the defaults. */
  enforcement?: EnforcementConfig;
  /** What the kernel denies by them; the rules in it are matched nowhere else. */
  verdicts?: VerdictPlan;
  /** How the kernel filters for them; absent: it does not. */
  plan?: PreparedPlan;
  /** They are in use already, without their plan. */
  follows?: boolean;
}

/** A plan, and what it was made with. */
export interface PreparedPlan extends RulePlan {
  /** `UserNames.hostMark`: of another state of the host's accounts the plan says nothing. */
  accounts: string;
}

/** The worker's `workerData`, or the first message to it. */
export interface SensorOptions {
  /** An eventfd, non-blocking; readable when messages wait. Owned by the main thread. */
  wakeFd: number;
  /** Rules will come; false when only taps are wanted (`saker events` without an agent). */
  awaitRules: boolean;
  /**
   * Names of event types that they will ask for, as it seems: what these need is loaded before the rules are
   * there. What the guess lacks is loaded with them.
   */
  expected?: readonly string[];
  ringBytes: number;
  alerts: AlertOptions;
  /** Which alerts are wanted in which form. */
  lanes: readonly Lane[];
  /** The longest an event waits for the metadata of its container; 0: never. */
  containerWaitMs: number;
  /** Others are kept from the agent, and told of. */
  protectAgent?: boolean;
  /** Where hooks that deny are pinned. */
  pinDir?: string;
  /** They are: otherwise only what an earlier agent pinned is removed. */
  persist?: boolean;
  /** Int32Array of GAUGE_SLOTS: how much the main thread has not taken yet. */
  gauges: SharedArrayBuffer;
}

/** Index into `SensorOptions.gauges`. */
export const GAUGE_ALERT_BYTES = 0;
/** Index into `SensorOptions.gauges`. */
export const GAUGE_EVENT_BYTES = 1;
/** Index into `SensorOptions.gauges`. */
export const GAUGE_OPEN_EVENTS = 2;
export const GAUGE_SLOTS = 3;
/** More alert text than this under way: alerts are dropped in the sensor and counted. */
export const MAX_ALERT_BYTES = 32 * 1024 * 1024;
/** The same for the live event stream, which may be dropped with less regret. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** More events than this that wait for the main thread's decision: no more are put before it. */
export const MAX_OPEN_EVENTS = 4096;

/** Messages from the main thread. */
export type ToSensor =
  /** The first message to a thread that was started without `workerData`. */
  | { kind: 'start'; options: SensorOptions }
  /** The first are what `watching` waits for; later ones replace those before. */
  | { kind: 'rules'; rules: PreparedRules; load: number }
  /** A rule's condition says which events are wanted, its output how they look as text. */
  | { kind: 'tap'; id: number; rule: Rule; json: boolean }
  | { kind: 'untap'; id: number }
  /** Events that satisfy the rule go into a file, and all that processes are; until the sensor stops. */
  | { kind: 'record'; id: number; rule: Rule; path: string; limit_bytes: number }
  /** What a host name of the rules resolves to now; no addresses: nothing. The name is JS text. */
  | { kind: 'host_name'; name: string; addresses: readonly string[] }
  | { kind: 'stats'; id: number }
  /** Keeps the alerts of a rule back until then, since 1970; 0: no longer. */
  | { kind: 'mute'; rule: string; until_ms: number }
  /** Answers `container_wanted`, or tells unasked; `undefined`: no runtime knows the container. */
  | { kind: 'container'; full_id: string; metadata: ContainerMetadata | undefined }
  | { kind: 'stop' };

/** A failure, or a step towards one, as plain data. */
export interface Failure {
  code: ErrorCode;
  message: string;
  hint?: string;
  /** 1 the input is wrong, 3 the host cannot do it, 70 a defect of ours. */
  exitStatus: number;
  /** Rule diagnostics as text, ready to print, one per entry. */
  diagnostics?: readonly string[];
}

/** Counters of one event type; `seen = filtered + suppressed + sent + lost`. */
export interface TypeCounts {
  seen: number;
  filtered: number;
  suppressed: number;
  sent: number;
  lost: number;
  /** Where it was filtered, by dimension; only those that filtered something. */
  filtered_at?: Record<string, number>;
}

/** What the sensor counted since it started. */
export interface SensorStats {
  types: Record<string, TypeCounts>;
  /** Records taken from the ring. */
  received: number;
  /** By rule, only those that fired. */
  alerts: Record<string, number>;
  /** By rule: kept back because it is muted; by a rate limit or as repetitions. */
  alertsMuted: Record<string, number>;
  alertsSuppressed: Record<string, number>;
  /** Alerts dropped in the sensor because the main thread did not keep up. */
  alertsDropped: number;
  /** Records that could not be decoded, readers that threw: by reason. */
  faults: Record<string, number>;
  containers: ContainerStats;
  filter?: FilterStats;
  enforcement?: EnforcementCounts;
  /** By rule that denies. */
  verdicts?: Record<string, VerdictTotals>;
}

/** The kernel filter and what it was told. */
export interface FilterStats {
  /** Number of the plan in force, 0: the kernel sends all events of the types that rules name. */
  plan: number;
  clauses: number;
  /** System calls that rules want. */
  types: number;
  /** Dimensions that the kernel does without for want of room. */
  omitted: readonly string[];
  /** Entries of processes: written, the process was gone, refused; processes that wait for one. */
  processes: { written: number; gone: number; refused: number; waiting: number };
}

/** Events and what they waited for. */
export interface ContainerStats {
  /** Containers that runtimes are being asked about. */
  open: number;
  /** Not asked about: too many were open. */
  refused: number;
  /** Events that wait now. */
  waiting: number;
  /** Events that had to wait, those below among them. */
  waited: number;
  /** Judged without metadata: the answer took too long. */
  late: number;
  /** Judged without metadata: too many waited. */
  crowded_out: number;
}

/** What is in a file of `saker record`. */
export interface RecordingCounts {
  records: number;
  /** Not written: the file is as long as it may be. */
  refused: number;
  bytes: number;
}

/** Messages from the sensor. */
export type FromSensor =
  | {
      kind: 'watching';
      rules: number;
      hooks: number;
      processes: number;
      warnings: readonly string[];
    }
  /** The rules are to be planned anew: what the plan was made with has changed. */
  | { kind: 'replan'; reason: string }
  | { kind: 'reloaded'; rules: number; hooks: number; warnings: readonly string[] }
  /** The kernel would not take the rules; the old ones stay in force. */
  | { kind: 'refused'; failure: Failure; load: number }
  /** `gaugeBytes` was added to GAUGE_ALERT_BYTES; the main thread takes it off again. */
  | { kind: 'alerts'; batch: AlertBatch }
  /** An event of which the main thread finds out whether its rules hold; `load` names the rules. */
  | { kind: 'open'; open: OpenEvent; load: number }
  | { kind: 'events'; id: number; text: string; gaugeBytes: number; dropped: number }
  /** Whether a rule reads what container runtimes know. */
  | { kind: 'containers'; wanted: boolean }
  /** The `type` is what the cgroup says: docker, podman, cri-o, ... */
  | { kind: 'container_wanted'; full_id: string; type: string }
  | { kind: 'tapped'; id: number; failure?: Failure }
  /** The recording has ended: the sensor stops, the file is full, or it cannot be written. */
  | { kind: 'recorded'; counts: RecordingCounts; failure?: Failure }
  | { kind: 'stats'; id: number; stats: SensorStats }
  /** What an earlier agent left denied this, and nobody told. */
  | { kind: 'inherited'; inherited: Inherited }
  /** Somebody reached for the agent. */
  | { kind: 'tampered'; attempt: Attempt }
  /** Events the kernel could not hand over since the last such message; times are since 1970. */
  | { kind: 'loss'; types: Record<string, number>; from_ns: bigint; to_ns: bigint }
  | {
      kind: 'log';
      level: 'debug' | 'info' | 'warn' | 'error';
      message: string;
      fields: Record<string, unknown>;
    }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'stopped'; stats: SensorStats };
