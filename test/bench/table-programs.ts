// Programs of the host in the comparison: a compiler, a search, a shell. The speed of a shared processor drifts
// by more within a minute than an agent costs, so bare runs and runs beside an agent take turns, a few of each,
// and it is each turn of an agent beside the bare ones before and after it that counts.

import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from './load.js';
import { quiet } from './quiet.js';
import { row, type Say } from './rows.js';
import { agentFor, attachEmpty, SETTLE_MS, type Variant } from './table-calls.js';
import { type HostLoadName, HostLoads } from './table-loads.js';

/** `turns` of an agent in a round, each of so many `runs` after those that are `uncounted`. */
interface Program {
  readonly name: HostLoadName;
  readonly label: string;
  readonly turns: number;
  readonly uncounted: number;
  readonly runs: number;
  readonly falco: string;
  readonly aim: string;
}

/**
 * An agent compiles what it runs often: 1,500 pipelines take 0.13 s of a new one, 0.07 to 0.10 s of one that
 * is 15 s older.
 */
const PROGRAMS: readonly Program[] = [
  {
    name: 'compile',
    label: 'gcc of 300 files, -j2',
    turns: 2,
    uncounted: 1,
    runs: 2,
    falco: '× 1.09, 0.60 s',
    aim: '× 1.04, 0.25 s',
  },
  {
    name: 'search',
    label: 'find /, then cat of 20,000 files',
    turns: 5,
    uncounted: 4,
    runs: 4,
    falco: '× 1.28, 0.33 s',
    aim: '× 1.10, 0.1 s',
  },
  {
    name: 'pipelines',
    label: '1,500 bash pipelines',
    turns: 3,
    uncounted: 3,
    runs: 3,
    falco: '× 1.18, 0.46 s',
    aim: '× 1.08, 0.3 s',
  },
];

/** After every third turn of an agent an empty program has one, and once in all an agent without the filter. */
const EMPTY_EVERY = 3;

/** Before each run: long enough for the agent to read what it has not read yet. */
const PAUSE_MS = 500;

/** What the turns of one load gave, by who watched. */
class Turns {
  readonly bare_s: number[] = [];
  readonly #slower = new Map<Variant, number[]>();
  readonly #cpu_s = new Map<Variant, number[]>();

  add(variant: Variant, slower: number): void {
    this.#slower.set(variant, [...(this.#slower.get(variant) ?? []), slower]);
  }

  addCpu(variant: Variant, cpu_s: number): void {
    this.#cpu_s.set(variant, [...(this.#cpu_s.get(variant) ?? []), cpu_s]);
  }

  /** Of wall times to the bare ones beside them: the median, and between what the half of them lies. */
  slowed(variant: Variant): string {
    const found = this.#slower.get(variant) ?? [];
    if (found.length === 0) return '—';
    const middle = `× ${median(found).toFixed(2)}`;
    if (found.length < 4) return middle;
    return `${middle} (${quantile(found, 0.25).toFixed(2)} to ${quantile(found, 0.75).toFixed(2)})`;
  }

  /** Processor time of the agent, of a run. */
  cpu(variant: Variant): string {
    const found = this.#cpu_s.get(variant);
    return found === undefined ? '' : `, ${median(found).toFixed(2)} s`;
  }

  count(variant: Variant): number {
    return this.#slower.get(variant)?.length ?? 0;
  }
}

/** Figures of all programs. */
export class ProgramTable {
  readonly #loads = new HostLoads();
  readonly #turns = new Map(PROGRAMS.map(({ name }) => [name, new Turns()]));
  #runs = 0;
  #disturbed = 0;

  /** One round. */
  async measure(): Promise<void> {
    for (const program of PROGRAMS) await this.#measure(program);
  }

  close(): void {
    this.#loads.close();
  }

  async #measure(program: Program): Promise<void> {
    const { name, turns } = program;
    const found = this.#turns.get(name) ?? new Turns();
    this.#loads.run(name); // what is read lies in memory then, for as long as the host leaves it there
    let before = await this.#turnOf('bare', program);
    for (const variant of variantsOf(turns, found)) {
      const time = await this.#turnOf(variant, program);
      const after = await this.#turnOf('bare', program);
      found.add(variant, time / median([before, after]));
      before = after;
    }
  }

  // The median of the runs, seconds.
  async #turnOf(variant: Variant, { name, uncounted, runs }: Program): Promise<number> {
    const found = this.#turns.get(name);
    const agent = await agentFor(variant);
    const detach = variant === 'empty' ? attachEmpty() : undefined;
    const times: number[] = [];
    try {
      await sleep(SETTLE_MS);
      if (agent !== undefined) for (let run = 0; run < uncounted; run++) this.#loads.run(name);
      for (let run = 0; run < runs; run++) {
        await sleep(PAUSE_MS);
        this.#runs += 1;
        if (!(await quiet())) this.#disturbed += 1;
        const before = agent?.threads_cpu_s() ?? 0;
        times.push(this.#loads.run(name));
        if (agent === undefined) continue;
        await sleep(PAUSE_MS);
        found?.addCpu(variant, agent.threads_cpu_s() - before);
      }
    } finally {
      detach?.();
      await agent?.stop();
    }
    if (variant === 'bare') found?.bare_s.push(...times);
    return median(times);
  }

  say(say: Say): void {
    say(
      'Programs of the host, agent on any processor, of sources and pipelines of the same kind and size as where Falco was',
    );
    say(
      `measured: wall time, and processor time of the agent. Turns of ${listed((program) => program.runs)} runs, of an agent after ${listed((program) => program.uncounted)} that are not`,
    );
    say(
      `counted; ${listed(({ name }) => this.#turns.get(name)?.count('on') ?? 0)} of them. The median of a turn beside that of the bare turns before and after it: of these the`,
    );
    say(
      'median, and in brackets between what the half of them lies. Each run waits until the machine is at its usual speed, at',
    );
    say(
      `most a quarter of a minute (test/bench/quiet.ts): ${this.#disturbed} of ${this.#runs} runs began without it.`,
    );
    say();
    row(say, 'load', 'bare s', 'empty program', 'filter on', 'filter off', 'Falco', 'aim');
    row(say, ...Array.from({ length: 7 }, () => '---'));
    for (const { name, label, falco, aim } of PROGRAMS) {
      const turns = this.#turns.get(name) ?? new Turns();
      const told = (variant: Variant): string => turns.slowed(variant) + turns.cpu(variant);
      const bare = median(turns.bare_s).toFixed(2);
      row(say, label, bare, told('empty'), told('on'), told('off'), falco, aim);
    }
    say();
  }
}

/** Who watches in the turns of a round; `found` of the earlier ones. */
function variantsOf(turns: number, found: Turns): Variant[] {
  const variants: Variant[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    variants.push('on');
    if ((found.count('on') + turn) % EMPTY_EVERY === 0) variants.push('empty');
  }
  if (found.count('off') === 0) variants.push('off');
  return variants;
}

function listed(figure: (program: Program) => number): string {
  return PROGRAMS.map(figure).join(', ');
}
