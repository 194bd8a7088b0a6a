// Verdicts as the sensor keeps them: which rules the kernel denies by, its programs at their hooks, and
// what its records say was denied.

import { abi_limit, verdict_place } from '../abi/layout.js';
import { probeFeatures } from '../bpf/features.js';
import { cgroupVersion } from '../bpf/host.js';
import { u32Key } from '../bpf/map.js';
import type { BpfObject } from '../bpf/object.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { killPartOf } from '../decode/kill.js';
import type { VerdictCursor } from '../decode/verdict.js';
import type { Process } from '../enrich/process.js';
import { HostError } from '../errors.js';
import type { ActionTaken } from '../output/alert.js';
import { operationOf } from '../plan/operations.js';
import type { Spared } from '../plan/verdict-encode.js';
import { killPrograms, lsmRules, type VerdictPlan, verdictPrograms } from '../plan/verdict-plan.js';
import { type VerdictCount, VerdictTables } from '../plan/verdict-push.js';
import { type KernelKill, SUSPENDED } from '../respond/enforcer.js';
import type { KillLimit } from '../respond/guard.js';
import { KillLimits } from '../respond/kill-limits.js';
import type { RuleOutput } from './alerts.js';
import { ownParent, ownProcess } from './persistence.js';
import { silentOperations, type Tried } from './self-test.js';

/** What came of the rules of a plan, with those that tell it. */
interface InForce {
  readonly number: number;
  readonly plan: VerdictPlan;
  /** Of the load that the plan belongs to, by the index of the rule. */
  readonly outputs: readonly RuleOutput[];
}

/** Of one rule since the start; what could not be decided is part of the other numbers. */
export interface VerdictTotals {
  denied: number;
  /** Would have been denied. */
  audited: number;
  /** Could not be decided: then `on_error` counts. */
  undecided: number;
  /** Of all these: without an alert, because there were too many. */
  untold: number;
  /** Signals that the kernel has sent. */
  killed: number;
}

/** An alert that a verdict asks for. */
export interface VerdictTelling {
  readonly output: RuleOutput;
  readonly action: ActionTaken;
}

/** What the kernel did about one event, by rule, with those that tell it. */
export type SensorKills = ReadonlyMap<string, KernelKill & { readonly output: RuleOutput }>;

/** Where programs that kill are jumped to from. */
const KILLERS: Readonly<Record<string, readonly [map: string, place: number]>> = {
  kill_call: ['calls', abi_limit.SLOT_KILL],
  kill_exec: ['exec_kill', 0],
};

/** The part of the sensor that has the kernel deny, and kill. */
export class SensorVerdicts {
  readonly #tables: VerdictTables;
  /** The kernel was told of. */
  readonly #cgroups = new Set<number | bigint>();
  #now: InForce | undefined;
  /** Its records may still be in the ring. */
  #before: InForce | undefined;
  readonly #totals = new Map<string, VerdictTotals>();
  /** Programs that kill, by name; loaded when a rule first needs them. */
  readonly #killers = new Map<string, BpfObject>();
  #limits: KillLimits | undefined;

  /**
   * @param limit is what rules that kill spend of
   * @param name is told the rules of each clause of a plan, before it is in force in that slot
   */
  constructor(
    private readonly object: SensorObject,
    private readonly limit: KillLimit,
    private readonly name: (slot: number, rules: readonly string[]) => void = () => {},
  ) {
    this.#tables = new VerdictTables(object);
  }

  /**
   * Has the kernel deny by these rules and no others.
   *
   * @throws HostError when this kernel cannot deny
   * @throws BpfError when it refuses; the rules before stay in force
   */
  use(plan: VerdictPlan | undefined, outputs: readonly RuleOutput[]): void {
    const wanted = plan === undefined ? [] : this.object.hooked(programsOf(plan));
    if (plan !== undefined) requireLsm(plan, outputs);
    this.object.load(wanted);
    const killers = plan === undefined ? [] : killPrograms(plan);
    for (const killer of killers) this.#loadKiller(killer);
    if (plan === undefined) this.#tables.clear();
    this.#settle();
    for (const program of wanted) this.object.attach(program);
    this.#before = this.#now;
    this.#now = plan === undefined ? undefined : this.#push(plan, outputs);
    const old = this.#before === undefined ? [] : programsOf(this.#before.plan);
    for (const program of old) if (!wanted.includes(program)) this.object.detach(program);
    this.#jumpTo(killers);
  }

  #loadKiller(name: string): void {
    const loaded = this.#killers.has(name) ? undefined : this.object.load([name]);
    if (loaded !== undefined) this.#killers.set(name, loaded);
  }

  // Other programs jump to them, and to no others.
  #jumpTo(wanted: readonly string[]): void {
    for (const [name, object] of this.#killers) {
      const [map = '', place = 0] = KILLERS[name] ?? [];
      const programs = this.object.object.map(map);
      if (wanted.includes(name)) programs.put(u32Key(place), u32Key(object.programFd(name)));
      else programs.delete(u32Key(place));
    }
  }

  // By clause the place of its rule's limit.
  #limitsOf({ kill, rules, kill_rate }: VerdictPlan, names: readonly string[]): number[] {
    if (kill === 0n) return [];
    this.#limits ??= new KillLimits(this.object.object.map('kill_limits'));
    const limits = this.#limits;
    const killing = rules.flatMap(({ action }, at) => (action === 'kill' ? (names[at] ?? []) : []));
    const places = new Map(limits.use(killing, kill_rate).map((place, i) => [killing[i], place]));
    for (const [name, place] of places)
      if (name !== undefined) this.limit.share(name, limits.words(place));
    return names.map((name) => places.get(name) ?? 0);
  }

  /**
   * What the kernel did about the event of a record: rules by which it has killed, or which were suspended.
   *
   * @returns `undefined`: nothing
   */
  killsOf(kind: number, memory: Buffer, offset: number, length: number): SensorKills | undefined {
    if (this.#limits === undefined) return undefined;
    const part = killPartOf(kind, memory, offset, length);
    if (part === undefined) return undefined;
    const plan = [this.#now, this.#before].find((one) => one?.number === part.plan);
    if (plan === undefined) return undefined;
    const kills = new Map<string, KernelKill & { output: RuleOutput }>();
    for (const [clause, { rule }] of plan.plan.rules.entries()) {
      const bit = 1n << BigInt(clause);
      const output = plan.outputs[rule];
      if (((part.killed | part.suspended) & bit) === 0n || output === undefined) continue;
      const done = (part.killed & bit) !== 0n || kills.get(output.name)?.action.done === true;
      const action: ActionTaken = {
        wanted: 'kill',
        done,
        by: 'kernel',
        mode: 'on',
        after_us: part.after_us,
      };
      if (!done) action.why = SUSPENDED;
      const trips = (part.tripped & bit) !== 0n || kills.get(output.name)?.trips === true;
      kills.set(output.name, { action, trips, output });
    }
    return kills;
  }

  /** May be called twice. */
  close(): void {
    this.#limits?.close();
  }

  // Hooks that stay silent once their rules are in force would leave everything open.
  #push(plan: VerdictPlan, outputs: readonly RuleOutput[]): InForce {
    const names = namesOf(plan, outputs);
    this.name(this.#tables.next_slot, names);
    const spared = { ...ownProcess(), parent: ownParent() };
    const number = this.#tables.push(plan, spared, this.#limitsOf(plan, names));
    const used = [...plan.operations.keys()].flatMap((one) => operationOf(one) ?? []);
    const silent = silentOperations(this.object.object.map('self_tests'), used);
    if (silent.length > 0) {
      const before = this.#now;
      if (before === undefined) this.#tables.clear();
      else this.#now = { ...before, number: this.#pushAgain(before, spared) };
      throw silentHooks(silent, [...new Set(names)]);
    }
    return { number, plan, outputs };
  }

  #pushAgain({ plan, outputs }: InForce, spared: Spared): number {
    return this.#tables.push(plan, spared, this.#limitsOf(plan, namesOf(plan, outputs)));
  }

  /**
   * Says where the processes of a cgroup are, when the first of them is seen: until then that is unknown.
   * Without a single hierarchy cgroups do not tell it.
   */
  note(process: Pick<Process, 'cgroup' | 'cgroup_id' | 'container'> | undefined): void {
    if (process?.container === undefined || this.#cgroups.has(process.cgroup_id)) return;
    if (!HAS_CGROUPS || process.cgroup === '' || this.#cgroups.size >= MAX_CGROUPS) return;
    this.#cgroups.add(process.cgroup_id);
    const { PLACE_HOST, PLACE_CONTAINER } = verdict_place;
    const place = process.container.type === 'host' ? PLACE_HOST : PLACE_CONTAINER;
    this.#tables.tellCgroup(BigInt(process.cgroup_id), place);
  }

  /** Puts the rules before those of the last `use` in force again. */
  undo(): void {
    this.use(this.#before?.plan, this.#before?.outputs ?? []);
  }

  /** Whom a record of a verdict is to be told by; a rule once, whichever of its clauses it was. */
  *tellings(verdict: VerdictCursor): Generator<VerdictTelling> {
    const number = verdict.verdicts;
    const plan = [this.#now, this.#before].find((one) => one?.number === number);
    if (plan === undefined) return;
    const { denied, undecided } = verdict;
    const what = operationOf(verdict.operation)?.name ?? '';
    const told = new Set<number>();
    for (const [clause, { rule }] of plan.plan.rules.entries()) {
      const bit = 1n << BigInt(clause);
      if (((denied | verdict.audited) & bit) === 0n || told.has(rule)) continue;
      const output = plan.outputs[rule];
      if (output === undefined) continue;
      told.add(rule);
      const done = (denied & bit) !== 0n;
      const mode = done ? 'on' : 'audit';
      const action: ActionTaken = { wanted: 'deny', done, by: 'kernel', mode, what };
      if (!done) action.why = AUDITED;
      else if ((undecided & bit) !== 0n) action.why = UNDECIDED;
      yield { output, action };
    }
  }

  /** By rule, of those that came to something. */
  totals(): Record<string, VerdictTotals> {
    const found = new Map([...this.#totals].map(([name, totals]) => [name, { ...totals }]));
    if (this.#now !== undefined) this.#add(found, this.#now);
    return Object.fromEntries(found);
  }

  // Before the counts of a plan are used for another.
  #settle(): void {
    if (this.#now !== undefined) this.#add(this.#totals, this.#now);
  }

  #add(totals: Map<string, VerdictTotals>, { number, plan, outputs }: InForce): void {
    const counts = this.#tables.counts(number);
    for (const [clause, { rule }] of plan.rules.entries()) {
      const count = counts[clause];
      const name = outputs[rule]?.name;
      if (count === undefined || name === undefined || isIdle(count)) continue;
      const sum = totals.get(name) ?? { ...NOTHING };
      sum.denied += Number(count.denied);
      sum.audited += Number(count.audited);
      sum.undecided += Number(count.error_denied + count.error_audited + count.error_allowed);
      sum.untold += Number(count.untold);
      sum.killed += Number(count.killed);
      totals.set(name, sum);
    }
  }
}

function isIdle({ denied, audited, error_allowed, killed }: VerdictCount): boolean {
  return denied + audited + error_allowed + killed === 0n;
}

function namesOf({ rules }: VerdictPlan, outputs: readonly RuleOutput[]): string[] {
  return rules.map(({ rule }) => outputs[rule]?.name ?? '');
}

function programsOf(plan: VerdictPlan): string[] {
  return verdictPrograms(plan, probeFeatures().features.get('lsm')?.available === true);
}

// An agent that is told to deny and cannot must not look as if it did.
function requireLsm(plan: VerdictPlan, outputs: readonly RuleOutput[]): void {
  const lsm = probeFeatures().features.get('lsm');
  if (lsm?.available === true) return;
  const names = [...lsmRules(plan)].map((rule) => `"${outputs[rule]?.name ?? rule}"`);
  if (names.length === 0) return;
  const which = names.length === 1 ? `rule ${names[0]} denies` : `rules ${names.join(', ')} deny`;
  throw new HostError(
    'HOST_UNABLE',
    `${which} what this kernel cannot deny: ${lsm?.reason ?? 'it has no BPF LSM'}`,
    {
      hint:
        `${lsm?.remedy ?? ''}; or switch them off: enforcement.rules: [{rule: NAME, mode: off}]. ` +
        'Without it connect, bind and datagrams of the internet can be denied: fd.type in (ipv4, ipv6)',
    },
  );
}

function silentHooks(operations: readonly Tried[], rules: readonly string[]): HostError {
  const what = operations.map(({ name }) => name).join(', ');
  return new HostError(
    'HOST_UNABLE',
    `hooks that deny do not run: what was tried, and not refused: ${what}`,
    {
      hint: `see \`saker probe\`; no rule with action deny is in force: ${rules.join(', ')}`,
    },
  );
}

const NOTHING: VerdictTotals = { denied: 0, audited: 0, undecided: 0, untold: 0, killed: 0 };
const AUDITED = 'audit: it would have been denied';
const UNDECIDED = 'it could not be decided: on_error is deny';

const HAS_CGROUPS = cgroupVersion() === 'v2';
/** Entries of map verdict_cgroups. */
const MAX_CGROUPS = 16_384;
