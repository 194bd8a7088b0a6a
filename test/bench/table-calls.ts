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
const CALLS: readonly (readonly [operation: string, count: number, falco: string, goal: string])[] =
  [
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
  }

  /** The same with an empty program at the hook of the dispatcher. */
  async measureEmpty(): Promise<void> {
    const object = loadEmpty();
    const attachment = attach(object, 'empty_exit');
    try {
      await this.measure('empty', undefined);
    } finally {
      attachment.close();
      object.close();
    }
  }

  say(say: Say): void {
    say(
      "Falco's three files, agent on one processor and load on the other; nanoseconds. Medians of short windows, all",
    );
    say('variants in turns, of those windows in which the processor had its core to itself');
    say(
      `(${(100 * this.#times.share()).toFixed(0)} % of them, see test/bench/windows.ts). Falco's figures are those of version 0.44.1 (modern eBPF) on such a`,
    );
    say('machine.');
    say();
    const head = ['load', 'bare', 'empty program', 'filter on', 'filter off', 'Falco', 'aim'];
    row(say, ...head, 'agent', 'sent of seen', 'lost');
    row(say, ...Array.from({ length: head.length + 3 }, () => '---'));
    for (const [operation, , falco, goal] of CALLS) {
      const added = (variant: Variant): string =>
        signed(this.#times.of(variant, operation) - this.#times.of('bare', operation));
      const { seen, sent, lost } = this.#counted.get(operation) ?? { seen: 0, sent: 0, lost: 0 };
      row(
        say,
        operation,
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
      `An open that no rule is about: ${signed(this.#added('few'))} with one of the files, ` +
        `${signed(this.#added('on'))} with all three (aim: within 10 %).`,
    );
    const others = CALLS.map(([operation]) => {
      const bare = this.#times.ofAll('bare', operation);
      return `${operation} ${bare.toFixed(0)} ${signed(this.#times.ofAll('on', operation) - bare)}`;
    });
    say(`Medians of all windows, bare and what the filter adds: ${others.join(', ')}.`);
    say();
  }

  #added(variant: Variant): number {
    return this.#times.of(variant, 'open') - this.#times.of('bare', 'open');
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

/** The agent that a variant is about, on a processor of its own. */
export function agentFor(variant: Variant): Promise<Agent | undefined> {
  switch (variant) {
    case 'on':
      return Agent.start([OFFICIAL_RULES], AGENT_CPU);
    case 'off':
      return Agent.start([OFFICIAL_RULES], AGENT_CPU, [NO_FILTER]);
    case 'few':
      return Agent.start([`${OFFICIAL_RULES}/falco_rules.yaml`], AGENT_CPU);
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

// A dash where the processor hardly ever had its core to itself.
function signed(ns: number): string {
  if (Number.isNaN(ns)) return '—';
  return `${ns < 0 ? '−' : '+'}${Math.abs(Math.round(ns)).toLocaleString('en')}`;
}
