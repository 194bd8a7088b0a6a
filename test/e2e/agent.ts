// Starts the built agent as an operator would, and reads what it says.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { askStats } from '../../src/cli/control-client.js';

/** The repository. */
export const ROOT = join(import.meta.dirname, '..', '..');
/** The program under test; `npm test` has built it. */
export const MAIN = join(ROOT, 'dist', 'main.js');
/** The rules that we ship. */
export const SHIPPED_RULES = join(ROOT, 'rules');

/** One line of JSON that the agent wrote. */
export interface AlertLine {
  rule: string;
  priority: string;
  source: string;
  hostname: string;
  output: string;
  time: string;
  tags: string[];
  output_fields: Record<string, string | number | boolean | null>;
  saker?: Record<string, unknown>;
}

/** How a run of the agent ended. */
export interface Ending {
  status: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

const MARKER_RULE = `
- rule: Marker of the test
  desc: Says that everything which happened before has been judged.
  condition: evt.type in (open, openat) and evt.is_open_write = true and fd.name startswith MARKER
  output: marker %fd.name
  priority: DEBUG
`;
const SOCKET_OPTION = 'control_socket=';
/** A guest without KVM is some twenty times as slow. */
const PATIENCE = process.env.SAKER_VM_KERNEL === undefined ? 1 : 6;
const START_LIMIT_MS = 60_000 * PATIENCE;
const WAIT_LIMIT_MS = 30_000 * PATIENCE;

/**
 * A running agent with the given rules, and a rule of its own that fires when `settle` asks.
 * Ends with `stop` or `kill`; the test that started it must call one of them.
 */
export class RunningAgent {
  readonly alerts: AlertLine[] = [];
  readonly socket: string;
  private readonly child: ChildProcess;
  private readonly scratch: string;
  /** How it ended, once it has. */
  readonly ended: Promise<Ending>;
  private readonly marker: string;
  private readonly waiting = new Set<() => void>();
  stderr = '';
  private markers = 0;
  private gone = false;

  private constructor(
    rules: readonly string[],
    options: readonly string[],
    under: readonly string[] = [],
  ) {
    this.scratch = mkdtempSync(join(tmpdir(), 'saker-e2e-'));
    this.marker = join(this.scratch, 'marker-');
    const given = options.find((option) => option.startsWith(SOCKET_OPTION));
    this.socket = given?.slice(SOCKET_OPTION.length) ?? join(this.scratch, 'agent.sock');
    const markerRule = join(this.scratch, 'marker.yaml');
    writeFileSync(markerRule, MARKER_RULE.replace('MARKER', this.marker));
    const args = ['run', '--json', '-o', `${SOCKET_OPTION}${this.socket}`];
    args.push('-o', 'rule_matching=all', '-o', 'agent_alerts.enabled=false');
    args.push('-o', `spool.path=${join(this.scratch, 'spool')}`);
    for (const path of [...rules, markerRule]) args.push('-r', path);
    const [program = '', ...before] = [...under, process.execPath, MAIN];
    const child = spawn(program, [...before, ...args, ...options], {
      cwd: this.scratch,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.on('data', (text: Buffer) => {
      this.stderr += text.toString();
      this.changed();
    });
    createInterface(child.stdout).on('line', (line) => {
      const alert: AlertLine = JSON.parse(line);
      this.alerts.push(alert);
      this.changed();
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        this.gone = true;
        rmSync(this.scratch, { recursive: true, force: true });
        this.changed();
        resolve({ status, signal, stderr: this.stderr });
      });
    });
  }

  /** Starts an agent and waits until it watches. */
  static start(rules: readonly string[], ...options: string[]): Promise<RunningAgent> {
    return RunningAgent.startUnder([], rules, ...options);
  }

  /** The same through another program, which becomes the agent: its arguments come before. */
  static async startUnder(
    under: readonly string[],
    rules: readonly string[],
    ...options: string[]
  ): Promise<RunningAgent> {
    const agent = new RunningAgent(rules, options, under);
    await agent.until(() => agent.stderr.includes('watching'), 'to be watching', START_LIMIT_MS);
    return agent;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** What it said on stderr so far. */
  get said(): string {
    return this.stderr;
  }

  /** Waits until stderr holds a text so many times. */
  hear(text: string, times = 1): Promise<void> {
    const heard = () => this.stderr.split(text).length > times;
    return this.until(heard, `to say "${text}"`, WAIT_LIMIT_MS);
  }

  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /**
   * Waits until everything that happened before the call has been judged, also what had to wait for
   * a container runtime.
   */
  async settle(): Promise<void> {
    await this.taken();
    const limit = Date.now() + WAIT_LIMIT_MS;
    while ((await askStats(this.socket)).containers.waiting > 0) {
      if (Date.now() > limit) throw new Error('events wait for a container runtime, in vain');
      await sleep(20);
    }
    await this.taken();
  }

  /** Waits until the kernel filters by a plan of the rules, which comes after `watching`. */
  async filtering(): Promise<void> {
    const limit = Date.now() + WAIT_LIMIT_MS;
    while (((await askStats(this.socket)).filter?.plan ?? 0) === 0) {
      if (Date.now() > limit) throw new Error('no plan came into force');
      await sleep(20);
    }
  }

  /**
   * Waits until everything that happened before the call has reached the rules: the ring keeps order,
   * so the alert of a file opened now comes after the alerts of what was done earlier.
   */
  async taken(): Promise<void> {
    this.markers += 1;
    const path = `${this.marker}${this.markers}`;
    writeFileSync(path, '');
    unlinkSync(path);
    await this.until(() => this.has('fd.name', path), `to report ${path}`, WAIT_LIMIT_MS);
  }

  /** Alerts so far, without the marker's, of which one output field has this value. */
  of(field: string, value: string | number): AlertLine[] {
    return this.alerts.filter(
      (alert) => alert.rule !== 'Marker of the test' && alert.output_fields[field] === value,
    );
  }

  /** Ends it with a signal and waits until it is gone. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    if (!this.gone) this.child.kill(signal);
    return this.ended;
  }

  private has(field: string, value: string): boolean {
    return this.alerts.some((alert) => alert.output_fields[field] === value);
  }

  private changed(): void {
    for (const look of this.waiting) look();
  }

  private until(holds: () => boolean, what: string, limitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        if (problem === undefined) resolve();
        else reject(new Error(`the agent ${problem}; it said:\n${this.stderr}`));
      };
      const look = (): void => {
        if (holds()) finish();
        else if (this.gone) finish(`ended while it was expected ${what}`);
      };
      const timer = setTimeout(() => finish(`was expected ${what}, in vain`), limitMs);
      this.waiting.add(look);
      look();
    });
  }
}
