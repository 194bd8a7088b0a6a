// The built agent as a child process of the benchmark, and what it costs.

import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentStats } from '../../src/agent/control.js';
import { askStats } from '../../src/cli/control-client.js';

/** Kernel clock ticks a second, of the times in /proc. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** An option of an agent whose kernel side sends all events of the types that rules name. */
export const NO_FILTER = 'kernel_filter=false';
const PLAN_LIMIT_MS = 60_000;

/** The sums over all event types. */
export function totals({ types }: AgentStats): { seen: number; sent: number; lost: number } {
  const sum = { seen: 0, sent: 0, lost: 0 };
  for (const { seen, sent, lost } of Object.values(types)) {
    sum.seen += seen;
    sum.sent += sent;
    sum.lost += lost;
  }
  return sum;
}

/** A running agent. */
export class Agent {
  /** Milliseconds from launch to the line that says `watching`. */
  readonly ready_ms: number;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, folder: string, ready_ms: number) {
    this.#child = child;
    this.folder = folder;
    this.ready_ms = ready_ms;
  }

  /** Starts `saker run` with its alerts in a file, pinned to `cpu` unless that is undefined. */
  static async start(
    rules: readonly string[],
    cpu?: number,
    options: readonly string[] = [],
  ): Promise<Agent> {
    const folder = mkdtempSync(join(tmpdir(), 'saker-bench-'));
    const args = ['dist/main.js', 'run', '--json'];
    for (const path of rules) args.push('-r', path);
    args.push('-o', `control_socket=${join(folder, 'agent.sock')}`);
    args.push('-o', 'stdout_output.enabled=false');
    args.push('-o', 'file_output.enabled=true');
    args.push('-o', 'file_output.keep_alive=true');
    args.push('-o', `file_output.filename=${join(folder, 'alerts.jsonl')}`);
    for (const option of options) args.push('-o', option);
    const begin = performance.now();
    const pinned = cpu === undefined ? [] : ['taskset', '-c', String(cpu)];
    // A session of its own, as a service has, and with it a share of its own where sessions share processors; a
    // benchmark that is interrupted takes it along all the same.
    const rest = ['--pdeathsig', 'TERM', '--', ...pinned, process.execPath, ...args];
    const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
    const child = spawn('setpriv', rest, { stdio, detached: true });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('watching')) resolve();
      });
      child.on('exit', () => reject(new Error(`the agent ended: ${said}`)));
    });
    const agent = new Agent(child, folder, performance.now() - begin);
    if (!options.includes(NO_FILTER)) await agent.#planned();
    return agent;
  }

  // `watching` comes before the plan of the first rules is made, by a thread of low priority.
  async #planned(): Promise<void> {
    const end = performance.now() + PLAN_LIMIT_MS;
    while (((await this.ask()).filter?.plan ?? 0) === 0) {
      if (performance.now() > end) throw new Error('no plan came into force');
      await sleep(100);
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Processor time of all its threads so far, seconds. */
  cpu_s(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** The same of the threads that it has now, to a nanosecond: of short times. */
  threads_cpu_s(): number {
    const tasks = `/proc/${this.pid}/task`;
    const spent_ns = readdirSync(tasks).map((tid) =>
      Number(readFileSync(join(tasks, tid, 'schedstat'), 'utf8').split(' ')[0]),
    );
    return spent_ns.reduce((sum, one) => sum + one, 0) / 1e9;
  }

  /**
   * Resident memory, MiB, and the part of it that no file is behind. Pages of the ring that are mapped twice
   * are counted once.
   */
  memory(): { resident_mib: number; own_mib: number } {
    let resident = 0;
    let own = 0;
    for (const mapping of readFileSync(`/proc/${this.pid}/smaps`, 'utf8').split(
      /^(?=[0-9a-f]+-)/m,
    )) {
      const kib = (name: string) =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(mapping)?.[1] ?? 0);
      // Proportional to how often a page is mapped; no other process maps it.
      resident += /bpf-map/.test(mapping) ? kib('Pss') : kib('Rss');
      own += kib('Anonymous');
    }
    return { resident_mib: resident / 1024, own_mib: own / 1024 };
  }

  /** Its counters, asked for over its socket. */
  async ask(): Promise<AgentStats> {
    return askStats(join(this.folder, 'agent.sock'));
  }

  /** Alerts in its file that mention a text. */
  alertsOf(text: string): number {
    return readFileSync(join(this.folder, 'alerts.jsonl'), 'utf8').split(text).length - 1;
  }

  async stop(): Promise<void> {
    this.#child.removeAllListeners('exit');
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
