// Programs of the host in the comparison: a compiler, a search, a shell. The speed of a shared processor drifts
// by more within a minute than an agent costs, so bare runs and runs beside an agent take turns, a few of each,
// and it is each turn of an agent beside the bare one next to it that counts.

import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from './load.js';
import { row, type Say } from './rows.js';
import { agentFor, attachEmpty, SETTLE_MS, type Variant } from './table-calls.js';
import { type HostLoadName, HostLoads } from './table-loads.js';

/** `runs`: in each turn, after one that is not counted; `turns`: of each variant in a round. */
interface Program {
  readonly name: HostLoadName;
  readonly label: string;
  readonly runs: number;
  readonly turns: number;
  readonly falco: string;
  readonly aim: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'compile',
    label: 'gcc of 300 files, -j2',
    runs: 2,
    turns: 2,
    falco: '× 1.09, 0.60 s',
    aim: '× 1.04, 0.25 s',
  },
  {
    name: 'search',
    label: 'find /, then cat of 20,000 files',
    runs: 4,
    turns: 4,
    falco: '× 1.28, 0.33 s',
    aim: '× 1.10, 0.1 s',
  },
  {
    name: 'pipelines',
    label: '1,500 bash pipelines',
    runs: 3,
    turns: 3,
    falco: '× 1.18, 0.46 s',
    aim: '× 1.08, 0.3 s',
  },
];

/** An empty program is watched in every other turn, an agent without the filter, which nothing is aimed at for, in one of six. */
const EMPTY_EVERY = 2;
const OFF_EVERY = 6;

/** Long enough for the agent to read what it has not read yet. */
const PAUSE_MS = 700;

/** What the turns of one load gave, by who watched. */
class Turns {
  readonly bare_s: number[] = [];
  readonly #slower = new Map<Variant, number[]>();
  readonly #cpu_s = new Map<Variant, number[]>();

  add(variant: Variant, slower: number): void {
    this.#slower.set(variant, [...(this.#slower.get(variant) ?? []), slower]);
  }

  addCpu(variant: Variant, cpu_s: readonly number[]): void {
    this.#cpu_s.set(variant, [...(this.#cpu_s.get(variant) ?? []), ...cpu_s]);
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
  #turn = 0;

  /** One round. */
  async measure(): Promise<void> {
    for (const program of PROGRAMS)
      for (let turn = 0; turn < program.turns; turn++, this.#turn++)
        await this.#measureTurn(program);
  }

  close(): void {
    this.#loads.close();
  }

  // Who is first in one turn is last in the next.
  async #measureTurn(program: Program): Promise<void> {
    const turns = this.#turns.get(program.name) ?? new Turns();
    const variants: Variant[] = ['bare', 'on'];
    if (this.#turn % EMPTY_EVERY === 0) variants.push('empty');
    if (this.#turn % OFF_EVERY === 1) variants.push('off');
    if (this.#turn % 2 === 1) variants.reverse();
    const times = new Map<Variant, number>();
    for (const variant of variants) times.set(variant, await this.#measureOf(variant, program));
    const bare = times.get('bare') ?? Number.NaN;
    turns.bare_s.push(bare);
    for (const [variant, time] of times) if (variant !== 'bare') turns.add(variant, time / bare);
  }

  // The median of the runs, seconds.
  async #measureOf(variant: Variant, { name, runs }: Program): Promise<number> {
    const agent = await agentFor(variant);
    const detach = variant === 'empty' ? attachEmpty() : undefined;
    const times: number[] = [];
    const cpu_s: number[] = [];
    try {
      await sleep(SETTLE_MS);
      this.#loads.run(name); // what is read lies in memory then, for as long as the host leaves it there
      for (let run = 0; run < runs; run++) {
        await sleep(PAUSE_MS); // bare as well: after a pause a program finds less in the caches
        const before = agent?.cpu_s() ?? 0;
        times.push(this.#loads.run(name));
        if (agent === undefined) continue;
        await sleep(PAUSE_MS);
        cpu_s.push(agent.cpu_s() - before);
      }
    } finally {
      detach?.();
      await agent?.stop();
    }
    if (agent !== undefined) this.#turns.get(name)?.addCpu(variant, cpu_s);
    return median(times);
  }

  say(say: Say): void {
    say(
      'Programs of the host, agent on any processor, of sources and pipelines of the same kind and size as where Falco was',
    );
    say(
      `measured: wall time, and processor time of the agent. Turns of ${PROGRAMS.map(({ runs }) => runs).join(', ')} runs, each after one that is not`,
    );
    say(
      `counted, ${PROGRAMS.map(({ name }) => this.#turns.get(name)?.count('on') ?? 0).join(', ')} of them; the median of a turn beside the median of the bare turn next to it: of these the median, and`,
    );
    say('in brackets between what the half of them lies.');
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
