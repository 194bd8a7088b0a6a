// The rules of the sensor as its thread has them, and what comes out of them.
import { loadForRun } from '../../../src/cli/load.js';
import type { ContainerView } from '../../../src/decode/event.js';
import type { AlertBatch } from '../../../src/output/batch.js';
import { compileRules } from '../../../src/sensor/compile-rules.js';
import type { OpenEvent } from '../../../src/sensor/open.js';
import {
  GAUGE_OPEN_EVENTS,
  GAUGE_SLOTS,
  type PreparedRules,
  type SensorOptions,
} from '../../../src/sensor/protocol.js';
import { RuleStage } from '../../../src/sensor/rules.js';

/** What a test sees of an alert. */
export interface AlertLine {
  rule: string;
  output_fields: Record<string, unknown>;
  saker: Record<string, unknown>;
}

/** A stage, what it handed to the main thread, and its alerts so far. */
export interface Staged {
  stage: RuleStage;
  prepared: PreparedRules;
  opened: { open: OpenEvent; load: number }[];
  alerts(): AlertLine[];
  /** Names of the rules of each event that was handed over. */
  handed(): (string | undefined)[][];
}

export interface StageOptions {
  matching?: 'first' | 'all';
  waitMs?: number;
  /** Events that the main thread has before it. */
  undecided?: number;
  isOpen?: (container: ContainerView) => boolean;
  /** By the name of the output. */
  filters?: Readonly<Record<string, string>>;
}

/** The load under which the rules are known. */
export const LOAD = 7;

/** @throws when the rules are wrong */
export function stageOf(items: readonly object[], options: StageOptions = {}): Staged {
  const { matching = 'all', waitMs = 0, undecided = 0, isOpen = () => false, filters } = options;
  const loaded = loadForRun({
    sources: [{ name: 'test', text: JSON.stringify(items) }],
    switches: [],
    minPriority: 7,
    matching,
    appendOutput: [],
    staticFields: {},
    skipInvalid: false,
    filters,
  });
  if (loaded.failure !== undefined) throw new Error(loaded.failure.diagnostics?.join('\n'));
  const gauges = new SharedArrayBuffer(4 * GAUGE_SLOTS);
  Atomics.store(new Int32Array(gauges), GAUGE_OPEN_EVENTS, undecided);
  const batches: AlertBatch[] = [];
  const opened: Staged['opened'] = [];
  const stage = new RuleStage(
    { ...SENSOR_OPTIONS, containerWaitMs: waitMs, gauges },
    { size: 0, refused: 0, isOpen },
    (batch) => batches.push(batch),
    (open, load) => opened.push({ open, load }),
  );
  const prepared: PreparedRules = {
    rules: loaded.active,
    matching,
    staticFields: {},
    warnings: [],
    asksFacts: true,
    hostNames: [],
  };
  stage.use(compileRules(prepared, LOAD));
  return {
    stage,
    prepared,
    opened,
    alerts: () => {
      stage.flush();
      return batches.flatMap(({ lines }) => linesOf(lines.falco));
    },
    handed: () =>
      opened.map(({ open }) => open.alternatives.map(({ index }) => loaded.active[index]?.name)),
  };
}

const SENSOR_OPTIONS: Omit<SensorOptions, 'gauges'> = {
  wakeFd: -1,
  awaitRules: true,
  ringBytes: 0,
  containerWaitMs: 0,
  alerts: {
    hostname: 'h',
    iso8601: false,
    includeOutput: true,
    includeMessage: false,
    includeTags: true,
    includeOutputFields: true,
  },
  lanes: [{ key: 'falco', format: 'falco' }],
};

function linesOf(bytes: Uint8Array | undefined): AlertLine[] {
  const text = Buffer.from(bytes ?? []).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): AlertLine => JSON.parse(line));
}
