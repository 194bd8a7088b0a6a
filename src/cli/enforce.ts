// `saker enforce`: what a persistent agent left in the kernel, and its removal.
import { PinFolder } from '../bpf/pin.js';
import { parseStat, readProc } from '../enrich/proc-files.js';
import { SakerError } from '../errors.js';
import type { Untold } from '../respond/journal.js';
import { printable, printableJson } from '../rules/source.js';
import { clear, journalsIn } from '../sensor/persistence.js';
import { runConfig } from './configured.js';
import type { Console, EnforceFlags } from './flags.js';
import { requireRoot } from './run.js';
import { table } from './table.js';

/** What is pinned, and what it denied that no agent has told. */
interface Report {
  folder: string;
  hooks: readonly string[];
  /** Pid of the agent that holds it; absent: none does. */
  agent?: number;
  /** By rule. */
  denied: Readonly<Record<string, number>>;
  cleared: boolean;
}

/**
 * Prints what is pinned; with `--clear` removes it, and prints what was.
 *
 * @throws SakerError AGENT_RUNNING where an agent would lose its hooks' pins
 */
export async function enforce(options: EnforceFlags, console: Console): Promise<number> {
  requireRoot('saker enforce');
  const { pin_dir } = runConfig(options).config.enforcement;
  const folder = PinFolder.find(pin_dir);
  const report: Report = { folder: pin_dir, hooks: [], denied: {}, cleared: false };
  if (folder !== undefined) {
    report.hooks = hooksIn(folder);
    const journals = journalsIn(folder);
    report.denied = denied(journals);
    const agent = journals.find(({ agent }) => isAlive(agent))?.agent.pid;
    if (agent !== undefined) report.agent = agent;
    if (options.clear === true) {
      if (agent !== undefined && options.force !== true) throw running(agent);
      // What came in the meantime is in what it hands back.
      report.denied = denied(clear(folder).journals);
      folder.removeEmpty();
      report.cleared = true;
    }
  }
  console.out(options.json === true ? `${printableJson(report)}\n` : text(report));
  return 0;
}

function hooksIn(folder: PinFolder): string[] {
  return folder.pins().flatMap(({ kind, object }) => (kind === 'link' ? [object] : []));
}

function denied(journals: readonly Untold[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const journal of journals)
    for (const [rule, count] of journal.denied) sums[rule] = (sums[rule] ?? 0) + count;
  return sums;
}

/** USER_HZ is 100 on every architecture that we run on. */
const TICK_NS = 10_000_000n;

function isAlive({ pid, start_ns }: Untold['agent']): boolean {
  const stat = parseStat(readProc(`/proc/${pid}/stat`) ?? '');
  return stat !== undefined && BigInt(stat.start_ticks) === start_ns / TICK_NS;
}

function running(pid: number): SakerError {
  return new SakerError('AGENT_RUNNING', `an agent holds what is pinned: process ${pid}`, {
    hint: 'stop it first; with --force its denials end when it does',
  });
}

function text({ folder, hooks, agent, denied: byRule, cleared }: Report): string {
  if (hooks.length === 0 && agent === undefined && Object.keys(byRule).length === 0)
    return `nothing is pinned in ${printable(folder)}\n`;
  const said = cleared
    ? `removed ${hooks.length} hooks from ${printable(folder)}\n`
    : `${hooks.length} hooks are pinned in ${printable(folder)}: ${hooks.join(', ')}\n`;
  const holder = agent === undefined ? '' : `process ${agent} is their agent\n`;
  const rows = Object.entries(byRule).map(([rule, count]) => [printable(rule), count]);
  return said + holder + (rows.length === 0 ? '' : table(['rule', 'denied, not yet told'], rows));
}
