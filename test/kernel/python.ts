// Lines of Python, each run in turn by a new process that says what came of it: the acts of tests of rules
// that deny. One interpreter is started for all and forks, because to start takes a guest half a second.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Without modules that are written in Python themselves, which take longest. JSON of texts is Python, too. */
const SERVER = `
import ctypes, os, sys
import _signal as signal, _socket as socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    if libc.syscall(ctypes.c_long(number), *args) < 0:
        raise OSError(ctypes.get_errno(), 'system call')
def attempt(line):
    try:
        exec(line, dict(globals()))
        print('done')
    except OSError as error:
        print(error.errno)
for lines in iter(sys.stdin.readline, ''):
    child = os.fork()
    if not child:
        for line in eval(lines): attempt(line)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    print('end', child, flush=True)`;

/** What came of some lines. */
export interface Said {
  /** Of each line: `done`, or the number of the error. */
  said: string[];
  /** Who ran them. */
  pid: number;
}

/** The interpreter. In its lines are `call` (a system call by its number), ctypes, os, signal and socket. */
export class Python {
  readonly #server: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const server = spawn('python3', ['-IS', '-c', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#server = server;
    this.#answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  }

  /** Runs lines in a process of their own, one after the other. */
  async run(...lines: string[]): Promise<Said> {
    this.#server.stdin?.write(`${JSON.stringify(lines)}\n`);
    const said: string[] = [];
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error('the interpreter has ended');
      const [, pid] = /^end (\d+)$/.exec(value) ?? [];
      if (pid !== undefined) return { said, pid: Number(pid) };
      said.push(value);
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.on('close', resolve));
    this.#server.stdin?.end();
    await ended;
  }
}
