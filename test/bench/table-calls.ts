// The system calls of the comparison: what an empty program, the agent with the kernel filter and the agent
// without it add to each, in turns of one run.

import { attach } from '../../src/bpf/attach.js';
import { Agent, NO_FILTER, totals } from './agent.js';
import { loadEmpty } from './filter.js';
import { median } from './load.js';
import { OFFICIAL_RULES } from './official.js';
import { row, type Say } from './rows.js';
import { WindowFigures } from './windows.js';

/** Who watches: nobody, an empty program, the agent, the agent with one of the files, without its filter. */
export type Variant = 'bare' | 'empty' | 'on' | 'few' | 'off';

/** Where the load runs, and where the agent. */
export const LOAD_CPU = 0;
export const AGENT_CPU = 1;
/** From the plan in force to the first load. */
export const SETTLE_MS = 1500;

/** What Falco 0.44.1 did with the same load, and what is aimed at, nanoseconds; `count`: of a window. */
export const CALLS: readonly (readonly [
  operation: string,
  count: number,
  falco: string,
  goal: string,
])[] = [
  ['getppid', 1000, '+119', '10 more than an empty program'],
  ['pread', 400, '+161', '10 more than an empty program'],
  ['stat', 150, '+131', '10 more than an empty program'],
  ['open', 60, '+1,990', '+550, agent 2 %'],
  ['missing', 100, '+1,010', '+300'],
  ['dup', 250, '+605', '+250'],
  ['connect', 10, '+2,150', '+700'],
  ['fork', 2, '+10,000', '+4,000'],
  ['exec', 1, '+28,000', '+15,000'],
];

/** Those that are measured in the first moments of a program too. */
const EARLY: readonly string[] = ['open', 'missing'];

interface Counted {
  seen: number;
  sent: number;
  lost: number;
}

/** Figures of all calls. */
export class CallTable {
  readonly #times = new WindowFigures();
  readonly #shares = new Map<string, number[]>();
  readonly #counted = new Map<string, Counted>();

  /** Measures all of them once, while this agent watches, or nobody. */
  async measure(variant: Variant, agent: Agent | undefined): Promise<void> {
    for (const [operation, count] of CALLS) {
      if (variant === 'few' && operation !== 'open') continue;
      const before = await sample(agent);
      const cpu_s = agent?.threads_cpu_s() ?? 0;
      const begin = performance.now();
      this.#times.measure(variant, operation, count, LOAD_CPU);
      const wall_s = (performance.now() - begin) / 1000;
      if (variant !== 'on') continue;
      const share = ((agent?.threads_cpu_s() ?? 0) - cpu_s) / wall_s;
      this.#shares.set(operation, [...(this.#shares.get(operation) ?? []), share]);
      this.#count(operation, before, await sample(agent));
    }
    if (variant !== 'bare' && variant !== 'on') return;
    for (const [operation, count] of CALLS)
      if (EARLY.includes(operation)) this.#times.measureEarly(variant, operation, count, LOAD_CPU);
  }

  /** The same with an empty program at the hook of the dispatcher. */
  async measureEmpty(): Promise<void> {
    const detach = attachEmpty();
    try {
      await this.measure('empty', undefined);
    } finally {
      detach();
    }
  }

  say(say: Say): void {
    say(
      "Falco's three files, agent on one processor and load on the other; nanoseconds. Each load runs for 1.5 s in",
    );
    say(
      'a program of its own, all variants in turns. Medians of short windows, of those in which the processor had its',
    );
    say(
      `core to itself (${(100 * this.#times.share()).toFixed(0)} % of them, see test/bench/windows.ts). The figures of Falco 0.44.1 (modern eBPF), of such a`,
    );
    say(
      'machine, are from another harness. The same there as here: the calls and their arguments, one program for each',
    );
    say(
      'load that repeats it for 1 to 3 s, processors, files of rules; but whole runs were timed there, not windows.',
    );
    say();
    const head = ['load', 'bare', 'empty program', 'filter on', 'filter off', 'Falco', 'aim'];
    row(say, ...head, 'agent', 'sent of seen', 'lost');
    row(say, ...Array.from({ length: head.length + 3 }, () => '---'));
    for (const [operation, , falco, goal] of CALLS) {
      const added = (variant: Variant): string => signed(this.#times.added(variant, operation));
      const { seen, sent, lost } = this.#counted.get(operation) ?? { seen: 0, sent: 0, lost: 0 };
      row(
        say,
        this.#times.isWhole(operation) ? `${operation} (all windows)` : operation,
        whole(this.#times.of('bare', operation)),
        added('empty'),
        added('on'),
        added('off'),
        falco,
        goal,
        `${(100 * median(this.#shares.get(operation) ?? [])).toFixed(1)} % of a core`,
        `${sent} of ${seen}`,
        String(lost),
      );
    }
    say();
    this.#sayOthers(say);
  }

  #sayOthers(say: Say): void {
    say(
      `An open that no rule is about: ${signed(this.#times.added('few', 'open'))} with one of the files, ` +
        `${signed(this.#times.added('on', 'open'))} with all three (aim: within 10 %).`,
    );
    const early = EARLY.map((one) => `${one} ${signed(this.#times.addedEarly('on', one))}`);
    say(
      `In the first 50 ms of a program, before the kernel filter is told of it: ${early.join(', ')}.`,
    );
    const others = CALLS.map(([operation]) => {
      const bare = this.#times.ofAll('bare', operation);
      return `${operation} ${bare.toFixed(0)} ${signed(this.#times.ofAll('on', operation) - bare)}`;
    });
    say(`Medians of all windows, bare and what the filter adds: ${others.join(', ')}.`);
    say();
  }

  #count(operation: string, before: Counted, after: Counted): void {
    const sum = this.#counted.get(operation) ?? { seen: 0, sent: 0, lost: 0 };
    this.#counted.set(operation, {
      seen: sum.seen + after.seen - before.seen,
      sent: sum.sent + after.sent - before.sent,
      lost: sum.lost + after.lost - before.lost,
    });
  }
}

/** Attaches a program that does nothing where the dispatcher is; what it returns takes it away. */
export function attachEmpty(): () => void {
  const object = loadEmpty();
  const attachment = attach(object, 'empty_exit');
  return () => {
    attachment.close();
    object.close();
  };
}

/** The agent that a variant is about, on processor `cpu` or on any. */
export function agentFor(variant: Variant, cpu?: number): Promise<Agent | undefined> {
  switch (variant) {
    case 'on':
      return Agent.start([OFFICIAL_RULES], cpu);
    case 'off':
      return Agent.start([OFFICIAL_RULES], cpu, [NO_FILTER]);
    case 'few':
      return Agent.start([`${OFFICIAL_RULES}/falco_rules.yaml`], cpu);
    default:
      return Promise.resolve(undefined);
  }
}

/** What it has seen, sent and lost so far. */
export async function sample(agent: Agent | undefined): Promise<Counted> {
  return agent === undefined ? { seen: 0, sent: 0, lost: 0 } : totals(await agent.ask());
}

function whole(ns: number): string {
  return Number.isNaN(ns) ? '—' : ns.toFixed(0);
}

// A dash where nothing was measured.
function signed(ns: number): string {
  if (Number.isNaN(ns)) return '—';
  return `${ns < 0 ? '−' : '+'}${Math.abs(Math.round(ns)).toLocaleString('en')}`;
}
