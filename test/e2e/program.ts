// A program that a test starts, whose output it waits for, and that it ends.
import { type ChildProcess, spawn } from 'node:child_process';

const WAIT_LIMIT_MS = 60_000;

/** Runs until `stop`. */
export class Program {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #gone = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly program: string,
    args: readonly string[],
    environment: Record<string, string> = {},
  ) {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', (status) => {
        this.#gone = true;
        this.#changed();
        resolve(status);
      });
    });
  }

  /** Waits until standard error holds a text. */
  hear(text: string): Promise<void> {
    return this.#until(() => this.stderr.includes(text), text);
  }

  /** Waits until standard output holds a text. */
  see(text: string): Promise<void> {
    return this.#until(() => this.stdout.includes(text), text);
  }

  /** Ends it; its exit status. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.#gone) this.#child.kill(signal);
    return this.#ended;
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        if (problem === undefined) resolve();
        else reject(new Error(`${this.program} ${problem} "${what}"; it said:\n${this.stderr}`));
      };
      const look = (): void => {
        if (holds()) finish();
        else if (this.#gone) finish('ended without');
      };
      const timer = setTimeout(() => finish('did not say'), WAIT_LIMIT_MS);
      this.#waiting.add(look);
      look();
    });
  }
}
