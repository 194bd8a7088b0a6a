// The kernel's own kills: the programs that send the signal, what rules may spend, and what a record says
// of it.

import { abi_limit } from '../abi/layout.js';
import { u32Key } from '../bpf/map.js';
import type { BpfObject } from '../bpf/object.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import type { KillPart } from '../decode/kill.js';
import type { ActionTaken } from '../output/alert.js';
import type { VerdictPlan } from '../plan/verdict-plan.js';
import { type KernelKill, SUSPENDED } from '../respond/enforcer.js';
import type { KillLimit } from '../respond/guard.js';
import { KillLimits } from '../respond/kill-limits.js';
import type { RuleOutput } from './alerts.js';

/** What the kernel did about one event, by rule, with those that tell it. */
export type SensorKills = ReadonlyMap<string, KernelKill & { readonly output: RuleOutput }>;

/** Where programs that kill are jumped to from. */
const KILLERS: Readonly<Record<string, readonly [map: string, place: number]>> = {
  kill_call: ['calls', abi_limit.SLOT_KILL],
  kill_any: ['calls', abi_limit.SLOT_KILL_ANY],
  kill_exec: ['exec_kill', 0],
};

/** The programs that kill, and the limits of rules that they and user space spend of. */
export class KernelKills {
  /** By name; loaded when a rule first needs them. */
  readonly #programs = new Map<string, BpfObject>();
  #limits: KillLimits | undefined;

  constructor(
    private readonly object: SensorObject,
    private readonly limit: KillLimit,
  ) {}

  /** Some rule has been killed by, or may have been. */
  get any(): boolean {
    return this.#limits !== undefined;
  }

  /** Loads programs that are not there yet. @throws BpfError when the kernel refuses one */
  load(names: readonly string[]): void {
    for (const name of names) {
      const loaded = this.#programs.has(name) ? undefined : this.object.load([name]);
      if (loaded !== undefined) this.#programs.set(name, loaded);
    }
  }

  /** Has others jump to these programs, which are loaded, and to no others. */
  jumpTo(names: readonly string[]): void {
    for (const [name, object] of this.#programs) {
      const [map = '', place = 0] = KILLERS[name] ?? [];
      const programs = this.object.object.map(map);
      if (names.includes(name)) programs.put(u32Key(place), u32Key(object.programFd(name)));
      else programs.delete(u32Key(place));
    }
  }

  /**
   * By clause of a plan the place of its rule in map kill_limits.
   *
   * @param names of the rules, by clause
   */
  limitsOf({ kill, rules, kill_rate }: VerdictPlan, names: readonly string[]): number[] {
    if (kill === 0n) return [];
    this.#limits ??= new KillLimits(this.object.object.map('kill_limits'));
    const limits = this.#limits;
    const killing = rules.flatMap(({ action }, at) => (action === 'kill' ? (names[at] ?? []) : []));
    const places = new Map(limits.use(killing, kill_rate).map((place, i) => [killing[i], place]));
    for (const [name, place] of places)
      if (name !== undefined) this.limit.share(name, limits.words(place));
    return names.map((name) => places.get(name) ?? 0);
  }

  /** May be called twice. */
  close(): void {
    this.#limits?.close();
  }
}

/** What a record says, in terms of the rules of its plan. */
export function killsOf(
  { killed, suspended, tripped, after_us }: KillPart,
  { rules }: VerdictPlan,
  outputs: readonly RuleOutput[],
): SensorKills {
  const kills = new Map<string, KernelKill & { output: RuleOutput }>();
  for (const [clause, { rule }] of rules.entries()) {
    const bit = 1n << BigInt(clause);
    const output = outputs[rule];
    if (((killed | suspended) & bit) === 0n || output === undefined) continue;
    const known = kills.get(output.name);
    const done = (killed & bit) !== 0n || known?.action.done === true;
    const action: ActionTaken = { wanted: 'kill', done, by: 'kernel', mode: 'on', after_us };
    if (!done) action.why = SUSPENDED;
    const trips = (tripped & bit) !== 0n || known?.trips === true;
    kills.set(output.name, { action, trips, output });
  }
  return kills;
}
