// Rules that kill, in force in this kernel: what the tests of kernel kills have in common.

import { record_header } from '../../src/abi/layout.js';
import { prepareRules } from '../../src/cli/load.js';
import { ENFORCEMENT_DEFAULTS, type EnforcementConfig } from '../../src/config/enforcement.js';
import { type KillPart, killPartOf } from '../../src/decode/kill.js';
import { KillLimit } from '../../src/respond/guard.js';
import { RuleOutput, resolveField } from '../../src/sensor/alerts.js';
import { asWritten } from '../../src/sensor/protocol.js';
import { SensorVerdicts } from '../../src/sensor/verdicts.js';
import { attach, type Sensor } from './harness.js';

/** A sensor of some system calls, whose kernel kills. */
export class Killer {
  readonly sensor: Sensor;
  readonly verdicts: SensorVerdicts;
  /** What records said since the last `forget`. */
  readonly parts: KillPart[] = [];
  /** The same, as names of the rules by which the kernel has killed. */
  readonly killedBy: string[][] = [];

  constructor(syscalls: readonly string[]) {
    this.sensor = attach({ syscalls });
    this.verdicts = new SensorVerdicts(this.sensor.object, new KillLimit());
    this.sensor.also = (memory, offset, length) => {
      const kind = memory.readUInt16LE(offset + record_header.kind);
      const part = killPartOf(kind, memory, offset, length);
      if (part === undefined) return;
      this.parts.push(part);
      const kills = this.verdicts.killsOf(kind, memory, offset, length) ?? [];
      this.killedBy.push([...kills].flatMap(([rule, { action }]) => (action.done ? rule : [])));
    };
  }

  /** Puts rules in force that kill; their names are their places, and `name`. */
  use(name: string, conditions: readonly string[], config: Partial<EnforcementConfig> = {}): void {
    const rules = conditions.map((condition, i) => ({
      rule: `${name} ${i}`,
      desc: 'd',
      condition,
      output: 'o',
      priority: 'INFO',
      action: 'kill',
    }));
    const enforcement: EnforcementConfig = {
      ...ENFORCEMENT_DEFAULTS,
      mode: 'on',
      kills_per_minute: 10_000,
      ...config,
    };
    const source = { name: 'test', text: JSON.stringify(rules) };
    const prepared = prepareRules({ ...asWritten([source]), enforcement });
    if ('failure' in prepared) throw new Error(prepared.failure.message);
    const outputs = prepared.rules.rules.map(
      (rule, index) => new RuleOutput(rule, index, {}, resolveField),
    );
    this.verdicts.use(prepared.rules.verdicts, outputs);
  }

  forget(): void {
    this.sensor.drain();
    this.sensor.records.length = 0;
    this.parts.length = 0;
    this.killedBy.length = 0;
  }

  close(): void {
    this.verdicts.close();
    this.sensor.close();
  }
}
