// Two agents with the same rules, one of which has the kernel filter and the other has not: they see
// the same processes do the same things, so that their alerts must be the same.

import { askStats } from '../../src/cli/control-client.js';
import { type AlertLine, RunningAgent } from './agent.js';

/** Tell whose alert it is: rules do not say so themselves. */
const WHOSE = [
  'proc.pid',
  'proc.vpid',
  'proc.apid[1]',
  'proc.apid[2]',
  'proc.apid[3]',
  'proc.apid[4]',
  'proc.apid[5]',
  'container.id',
];

/** The one that is not filtered must not lose what the other never sees, however busy the host is. */
const RING = `ring_bytes=${64 * 1024 * 1024}`;

/** A filtering agent and one that is not. */
export class FilterPair {
  private begun = '';

  private constructor(
    readonly filtered: RunningAgent,
    readonly whole: RunningAgent,
  ) {}

  /**
   * @param under a program through which each is started; see `RunningAgent.startUnder`
   * @param fields that alerts must have besides
   */
  static async start(
    rules: readonly string[],
    options: readonly string[] = [],
    under: readonly string[] = [],
    fields: readonly string[] = [],
  ): Promise<FilterPair> {
    const shown = JSON.stringify([...WHOSE, ...fields]);
    const given = [...options, '-o', `append_output[].extra_fields=${shown}`, '-o', RING];
    const filtered = await RunningAgent.startUnder(under, rules, ...given);
    try {
      const whole = await RunningAgent.startUnder(
        under,
        rules,
        ...given,
        '-o',
        'kernel_filter=false',
      );
      const pair = new FilterPair(filtered, whole);
      await filtered.filtering();
      await pair.begin();
      return pair;
    } catch (error) {
      await filtered.stop();
      throw error;
    }
  }

  /** Only what happens from here on counts. */
  async begin(): Promise<void> {
    await this.settle();
    this.begun = new Date().toISOString();
  }

  /** Waits until both have judged everything that happened before. */
  async settle(): Promise<void> {
    await Promise.all([this.filtered.settle(), this.whole.settle()]);
  }

  /** The alerts of both that are about a process below another one, or about one of the containers. */
  alerts(below: number, containers: readonly string[] = []): { filtered: Told[]; whole: Told[] } {
    const ids = containers.map((id) => id.slice(0, 12));
    const agents = [this.filtered.pid, this.whole.pid];
    const isOurs = ({ rule, time, output_fields: fields }: AlertLine): boolean => {
      if (time < this.begun || rule === 'Marker of the test') return false;
      if (agents.includes(Number(fields['proc.pid']))) return false;
      if (ids.includes(String(fields['container.id']))) return true;
      return WHOSE.some((name) => name.includes('apid') && fields[name] === below);
    };
    const told = (agent: RunningAgent) => agent.alerts.filter(isOurs).map(tell).sort(byText);
    return { filtered: told(this.filtered), whole: told(this.whole) };
  }

  /** What the filtering one's kernel side did with system calls. */
  async counts(): Promise<{ plan: number; seen: number; filtered: number; lost: number }> {
    const { types, filter } = await askStats(this.filtered.socket);
    const sum = { plan: filter?.plan ?? 0, seen: 0, filtered: 0, lost: 0 };
    for (const [name, { seen, filtered, lost }] of Object.entries(types)) {
      if (/^(process|task)_/.test(name)) continue;
      sum.seen += seen;
      sum.filtered += filtered;
      sum.lost += lost;
    }
    return sum;
  }

  async stop(): Promise<void> {
    await Promise.all([this.filtered.stop(), this.whole.stop()]);
  }
}

/** All of an alert that two agents can agree on. */
export interface Told {
  rule: string;
  fields: AlertLine['output_fields'];
  lineage: unknown;
}

function tell({ rule, output_fields, saker }: AlertLine): Told {
  const fields = Object.entries(output_fields).filter(([name]) => !OWN.test(name));
  return { rule, fields: Object.fromEntries(fields), lineage: saker?.lineage };
}

// Times, and numbers that each agent counts for itself.
const OWN = /^evt\.(time|num|deltatime|datetime|rawtime|reltime|count)|duration/;

function byText(a: Told, b: Told): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
