// Verdicts as the sensor keeps them: which rules the kernel denies by, its programs at their hooks, and
// what its records say was denied.

import { verdict_place } from '../abi/layout.js';
import { probeLsm } from '../bpf/features.js';
import { cgroupVersion } from '../bpf/host.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { killPartOf } from '../decode/kill.js';
import type { VerdictCursor } from '../decode/verdict.js';
import type { Process } from '../enrich/process.js';
import { HostError } from '../errors.js';
import type { ActionTaken } from '../output/alert.js';
import { operationOf } from '../plan/operations.js';
import type { Spared } from '../plan/verdict-encode.js';
import type { VerdictPlan } from '../plan/verdict-plan.js';
import { killPrograms, lsmRules, verdictPrograms } from '../plan/verdict-programs.js';
import { type VerdictCount, VerdictTables } from '../plan/verdict-push.js';
import type { KillLimit } from '../respond/guard.js';
import type { RuleOutput } from './alerts.js';
import { KernelKills, killsOf, type SensorKills } from './kernel-kills.js';
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

/** The part of the sensor that has the kernel deny, and kill. */
export class SensorVerdicts {
  readonly #tables: VerdictTables;
  /** The kernel was told of. */
  readonly #cgroups = new Set<number | bigint>();
  #now: InForce | undefined;
  /** Its records may still be in the ring. */
  #before: InForce | undefined;
  readonly #totals = new Map<string, VerdictTotals>();
  readonly #kills: KernelKills;

  /**
   * @param limit is what rules that kill spend of
   * @param name is told the rules of each clause of a plan, before it is in force in that slot
   */
  constructor(
    private readonly object: SensorObject,
    limit: KillLimit,
    private readonly name: (slot: number, rules: readonly string[]) => void = () => {},
  ) {
    this.#tables = new VerdictTables(object);
    this.#kills = new KernelKills(object, limit);
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
    this.#kills.load(killers);
    if (plan === undefined) this.#tables.clear();
    this.#settle();
    for (const program of wanted) this.object.attach(program);
    this.#before = this.#now;
    this.#now = plan === undefined ? undefined : this.#push(plan, outputs);
    const old = this.#before === undefined ? [] : programsOf(this.#before.plan);
    for (const program of old) if (!wanted.includes(program)) this.object.detach(program);
    this.#kills.jumpTo(killers);
  }

  /**
   * What the kernel did about the event of a record: rules by which it has killed, or which were suspended.
   *
   * @returns `undefined`: nothing
   */
  killsOf(kind: number, memory: Buffer, offset: number, length: number): SensorKills | undefined {
    if (!this.#kills.any) return undefined;
    const part = killPartOf(kind, memory, offset, length);
    const plan = [this.#now, this.#before].find((one) => one?.number === part?.plan);
    if (part === undefined || plan === undefined) return undefined;
    return killsOf(part, plan.plan, plan.outputs);
  }

  /** May be called twice. */
  close(): void {
    this.#kills.close();
  }

  // Hooks that stay silent once their rules are in force would leave everything open.
  #push(plan: VerdictPlan, outputs: readonly RuleOutput[]): InForce {
    const names = namesOf(plan, outputs);
    this.name(this.#tables.next_slot, names);
    const spared = { ...ownProcess(), parent: ownParent() };
    const number = this.#tables.push(plan, spared, this.#kills.limitsOf(plan, names));
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
    return this.#tables.push(plan, spared, this.#kills.limitsOf(plan, namesOf(plan, outputs)));
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
  return verdictPrograms(plan, probeLsm()?.available === true);
}

// An agent that is told to deny and cannot must not look as if it did.
function requireLsm(plan: VerdictPlan, outputs: readonly RuleOutput[]): void {
  const lsm = probeLsm();
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
