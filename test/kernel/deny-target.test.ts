// Signals and tracing that rules deny by whom they are aimed at.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { record_header } from '../../src/abi/layout.js';
import type { Value } from '../../src/decode/event.js';
import { Enricher } from '../../src/enrich/enricher.js';
import { fieldReader } from '../../src/enrich/fields.js';
import { Denier, hasLsm } from './deny-harness.js';
import { holdings, nativeNumber, warmHoldings } from './harness.js';
import { Python } from './python.js';

const SIGNALS = 'evt.type in (kill, tkill, tgkill)';
const TRACES = 'evt.type in (ptrace, process_vm_readv)';

/** A process that says what its lines of Python come to, and has a second thread. */
class Victim {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  tid = 0;

  private constructor(program: string, ...args: string[]) {
    const code = 'import _thread, os, sys\nfor line in sys.stdin: print(eval(line), flush=True)';
    const child = spawn(program, [...args, '-S', '-c', code], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONHOME: '/usr' },
    });
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** @param args the program is run by the first of them, where there are any */
  static async start(...args: [string, ...string[]]): Promise<Victim> {
    const victim = new Victim(...args);
    const thread = '(os.write(w, b"%d" % _thread.get_native_id()), os.read(r2, 1))';
    await victim.say('globals().update(zip(("r", "w", "r2", "w2"), os.pipe() + os.pipe()))');
    await victim.say(`_thread.start_new_thread(lambda: ${thread}, ())`);
    victim.tid = Number(await victim.say('int(os.read(r, 9))'));
    return victim;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it answers; it fails where it is not alive. */
  async say(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the victim has ended');
    return value;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin?.end();
    await ended;
  }
}

let denier: Denier;
let interpreter: Python;
let victim: Victim;
let folder = '';
let guarded = '';
let before: ReturnType<typeof holdings>;
/** What alerts would say of each verdict's target: number, name, program. */
const shown: Value[][] = [];

/** What each of some lines of Python comes to: `done`, or the number of the error. */
async function python(...lines: string[]): Promise<string[]> {
  return (await interpreter.run(...lines)).said;
}

/** The same act on a process that no rule names. */
function onOther(line: string): string {
  return `other = os.fork() or signal.pause()
try: ${line}
finally: os.kill(other, signal.SIGKILL)`;
}

/** Every way to send a signal, to `pid` and its thread `tid`. */
function signalsTo(pid: number | string, tid: number | string): string[] {
  const info = `ctypes.create_string_buffer(b'\\0' * 8 + b'\\xff' * 4, 128)`;
  return [
    `os.kill(${pid}, signal.SIGUSR1)`,
    `os.kill(${pid}, 0)`,
    `call(${nativeNumber('tkill')}, ${tid}, 10)`,
    `call(${nativeNumber('tgkill')}, ${pid}, ${tid}, 10)`,
    `signal.pidfd_send_signal(os.pidfd_open(${pid}), signal.SIGUSR1)`,
    `call(${nativeNumber('rt_sigqueueinfo')}, ${pid}, 10, ${info})`,
    `call(${nativeNumber('rt_tgsigqueueinfo')}, ${pid}, ${tid}, 10, ${info})`,
  ];
}

/** Every way to reach into a process. */
function tracesOf(pid: number | string, tid: number | string): string[] {
  const long = (value: number | string): string => `ctypes.c_long(${value})`;
  const iov = '(ctypes.c_size_t * 2)(ctypes.addressof(b), 1)';
  const copy = (call: string): string =>
    `b = ctypes.create_string_buffer(1); call(${nativeNumber(call)}, ${pid}, ${iov}, ${long(1)}, ${iov}, ${long(1)}, ${long(0)})`;
  return [
    `call(${nativeNumber('ptrace')}, ${long(0x4206)}, ${long(pid)}, 0, 0)`,
    `call(${nativeNumber('ptrace')}, ${long(0x4206)}, ${long(tid)}, 0, 0)`,
    copy('process_vm_readv'),
    copy('process_vm_writev'),
    `open('/proc/%d/mem' % ${pid}, 'rb')`,
    `open('/proc/%d/task/%d/mem' % (${pid}, ${tid}), 'rb')`,
    `call(${nativeNumber('pidfd_getfd')}, os.pidfd_open(${pid}), 0, 0)`,
  ];
}

const DENIED = '1';
const all = (said: string, of: readonly string[]): string[] => of.map(() => said);

describe.skipIf(!hasLsm)('signals and tracing', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deny-'));
    guarded = join(folder, 'guarded');
    copyFileSync('/usr/bin/python3', guarded);
    before = warmHoldings();
    denier = new Denier();
    interpreter = new Python();
    victim = await Victim.start(guarded);
    const enricher = new Enricher({ boot_epoch_ns: 0n });
    enricher.fillFromProc();
    const { also } = denier.sensor;
    denier.sensor.also = (memory, offset, length) => {
      also?.(memory, offset, length);
      const kind = memory.readUInt16LE(offset + record_header.kind);
      const event = enricher.take(kind, memory, offset, length);
      if (event === undefined || event.call?.is_attempt !== true) return;
      const fields = ['target.pid', 'target.name', 'target.exepath'];
      shown.push(fields.map((field) => fieldReader(field)?.(event)));
    };
  });

  beforeEach(() => {
    denier.tellings();
    shown.length = 0;
  });

  afterAll(async () => {
    await victim.end();
    await interpreter.close();
    denier.close();
    rmSync(folder, { recursive: true });
    expect(holdings()).toEqual(before);
  });

  test('signals to a program are denied in every way, the same to another process are not', async () => {
    denier.use(`${SIGNALS} and target.exepath in (/no/such, ${guarded})`);
    const lines = signalsTo(victim.pid, victim.tid);
    expect(await python(...lines)).toEqual(all(DENIED, lines));
    const others = signalsTo('other', 'other').map(onOther);
    expect(await python(...others)).toEqual(all('done', others));
    expect(await victim.say('1 + 1')).toBe('2');
    const told = denier.tell();
    expect(told.map(({ target_pid }) => target_pid)).toEqual(lines.map(() => victim.pid));
    expect(shown).toEqual(lines.map(() => [victim.pid, 'guarded', guarded]));
  });

  test('what is denied in audit goes through, and is told', async () => {
    denier.use({ condition: `${SIGNALS} and target.exepath = ${guarded}`, mode: 'audit' });
    expect(await python(`os.kill(${victim.pid}, 0)`)).toEqual(['done']);
    denier.tell();
    expect(shown).toEqual([[victim.pid, 'guarded', guarded]]);
  });

  test('a signal to a group reaches all of it but the protected process', async () => {
    denier.use(`${SIGNALS} and target.exepath = ${guarded}`);
    await victim.say('os.setpgid(0, 0)');
    const group = `os.kill(-${victim.pid}, signal.SIGUSR1)`;
    const both = `other = os.fork() or signal.pause()
os.setpgid(other, ${victim.pid})
${group}
raise OSError(os.waitpid(other, 0)[1], 'ended by')`;
    expect(await python(group, both)).toEqual([DENIED, '10']);
    expect(await victim.say('1 + 1')).toBe('2');
  });

  test('tracing of a program is denied in every way, that of another process is not', async () => {
    denier.use(`${TRACES} and target.exepath = ${guarded}`);
    const lines = tracesOf(victim.pid, victim.tid);
    // An open turns EPERM of this hook into EACCES.
    const said = (await python(...lines)).map((one) => one.replace('13', DENIED));
    expect(said).toEqual(all(DENIED, lines));
    const others = tracesOf('other', 'other').map(onOther);
    expect(await python(...others)).toEqual(all('done', others));
    denier.tell();
    expect(shown).toEqual(lines.map(() => [victim.pid, 'guarded', guarded]));
  });

  test('who asks to be traced is the target himself', async () => {
    const traceme = `call(${nativeNumber('ptrace')}, ctypes.c_long(0), ctypes.c_long(0), 0, 0)`;
    const named = (name: string): string => `open('/proc/self/comm', 'w').write('${name}')`;
    denier.use('evt.type = ptrace and target.name = tracee');
    const { said, pid } = await interpreter.run(
      `${named('tracee')}\n${traceme}`,
      `${named('tracer')}\nif os.fork(): os.wait()\nelse: ${named('x')}\n${traceme}`,
    );
    expect(said[0]).toBe(DENIED);
    expect(said.slice(1)).toContain('done');
    expect(denier.tell().map(({ target_pid }) => target_pid)).toEqual([pid]);
  });

  test('a name is what a process calls itself, a program is not', async () => {
    const to = `os.kill(${victim.pid}, 0)`;
    denier.use(`${SIGNALS} and target.name in (guarded, other)`);
    expect(await python(to)).toEqual([DENIED]);
    await victim.say(`open('/proc/self/comm', 'w').write('harmless')`);
    expect(await python(to)).toEqual(['done']);
    denier.use(`${SIGNALS} and target.name != harmless and evt.rawarg.sig = 0`);
    expect(await python(to, onOther('os.kill(other, 0)'))).toEqual(['done', DENIED]);
    denier.use(`${SIGNALS} and target.exepath = ${guarded}`);
    expect(await python(to)).toEqual([DENIED]);
    denier.tell();
    expect(shown.at(-1)).toEqual([victim.pid, 'harmless', guarded]);
    await victim.say(`open('/proc/self/comm', 'w').write('guarded')`);
  });

  test('a process is told by its number', async () => {
    const to = `call(${nativeNumber('tgkill')}, ${victim.pid}, ${victim.tid}, 0)`;
    const toOther = onOther('os.kill(other, 0)');
    denier.use(`${SIGNALS} and target.pid in (1, ${victim.pid})`);
    expect(await python(to, toOther)).toEqual([DENIED, 'done']);
    denier.use(`${SIGNALS} and target.pid != ${victim.pid} and evt.rawarg.sig = 0`);
    expect(await python(to, toOther)).toEqual(['done', DENIED]);
  });

  test.each([
    ['startswith', () => folder],
    ['endswith', () => 'arded'],
    ['!=', () => '/no/such'],
  ])('a program is told by %s', async (operator, text) => {
    denier.use(`${SIGNALS} and target.exepath ${operator} ${text()} and proc.name = python3`);
    expect(await python(`os.kill(${victim.pid}, 0)`)).toEqual([DENIED]);
  });

  test('who does it is asked for besides', async () => {
    const to = `os.kill(${victim.pid}, 0)`;
    const rule = `${SIGNALS} and target.exepath = ${guarded}`;
    denier.use(`${rule} and not proc.exepath = ${guarded} and not proc.aname = no-such`);
    expect(await python(to)).toEqual([DENIED]);
    expect(await victim.say(`os.kill(${victim.pid}, 0)`)).toBe('None');
    denier.use(`${rule} and proc.exepath = ${guarded}`);
    expect(await python(to)).toEqual(['done']);
  });

  test('what has no program is undecided', async () => {
    const rule = { condition: `${SIGNALS} and target.exepath != /no/such and proc.name = python3` };
    denier.use(rule);
    expect(await python('os.kill(2, 0)')).toEqual(['done']);
    expect(denier.count()).toMatchObject({ denied: 0n, error_allowed: 1n });
    denier.use({ ...rule, denyOnError: true });
    expect(await python('os.kill(2, 0)')).toEqual([DENIED]);
  });

  test('a target is found in a mount namespace and below a root of its own', async () => {
    const rule = (path: string): void =>
      denier.use(`${SIGNALS} and target.exepath = ${path} and evt.rawarg.sig = 0`);
    const apart = await Victim.start('unshare', '-m', guarded);
    const to = `os.kill(${apart.pid}, 0)`;
    rule(guarded);
    expect(await python(to)).toEqual([DENIED]);
    await apart.say(`os.chroot('${folder}')`);
    expect(await python(to)).toEqual([DENIED]);
    rule('/guarded');
    expect(await python(to, `os.kill(${victim.pid}, 0)`)).toEqual([DENIED, 'done']);
    await apart.end();
  });
});
