// Asks the hashing thread, one file after the other; gives up on a thread that hangs and starts another.
import { Worker } from 'node:worker_threads';
import { HASHER_THREAD } from '../files.js';
import type { HashAnswer, HashRequest } from '../hasher.js';
import type { Logger } from '../log.js';

/** Which file to hash. */
export interface HashQuestion extends HashRequest {
  /** The kernel's word for when the file or its metadata changed last. */
  ctime_ns: bigint | undefined;
}

/** A thread that is silent for so long hangs: it gives up a file that takes too long by itself. */
const SILENT_MS = 10_000;
/** Threads that may hang at the same time; each has some megabytes, and none of them can be ended. */
const MAX_HUNG = 4;
const MAX_QUEUED = 4096;
const MAX_KNOWN = 4096;

/** Hashes of files, as rules ask for them. */
export class AgentHashes {
  /** Questions that were not asked, because too many were or the threads hang. */
  refused = 0;
  readonly #known = new Map<string, string>();
  readonly #open = new Map<string, Promise<HashAnswer>>();
  readonly #queue: { request: HashRequest; answer: (sha256: HashAnswer) => void }[] = [];
  readonly #hung = new Set<Worker>();
  #worker: Worker | undefined;
  #busy: { answer: (sha256: HashAnswer) => void; timer: NodeJS.Timeout } | undefined;
  #closed = false;

  constructor(
    private readonly log: Pick<Logger, 'error'>,
    private readonly thread: URL = HASHER_THREAD,
    private readonly silentMs = SILENT_MS,
  ) {}

  /** Threads that do not come back and that the end of the process would wait for. */
  get hung(): number {
    return this.#hung.size;
  }

  /** The file's hash in lower case hexadecimal; `undefined` when it cannot be had. Never rejects. */
  find(question: HashQuestion): Promise<HashAnswer> {
    const state = stateOf(question);
    const before = state === undefined ? undefined : this.#known.get(state);
    if (before !== undefined) return Promise.resolve(before);
    // Two questions that the kernel answers alike are one.
    const key = state ?? `${question.pid} ${question.isProgram} ${question.path}`;
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    if (this.#closed || this.#queue.length >= MAX_QUEUED || this.#hung.size >= MAX_HUNG) {
      this.refused += 1;
      return Promise.resolve(undefined);
    }
    const asked = this.#ask(question).then((sha256) => {
      this.#open.delete(key);
      if (state !== undefined && sha256 !== undefined) this.#remember(state, sha256);
      return sha256;
    });
    this.#open.set(key, asked);
    return asked;
  }

  /** Ends the thread; open questions have no answer. May be called twice. */
  close(): void {
    this.#closed = true;
    for (const { answer } of this.#queue.splice(0)) answer(undefined);
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    // Until it has ended, it may be one that does not.
    this.#hung.add(worker);
    void worker.terminate();
    this.#answer(undefined);
  }

  #ask({ path, pid, isProgram, inode, mtime_ns }: HashQuestion): Promise<HashAnswer> {
    const request = { path, pid, isProgram, inode, mtime_ns };
    return new Promise((answer) => {
      this.#queue.push({ request, answer });
      this.#next();
    });
  }

  #next(): void {
    if (this.#busy !== undefined) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    const timer = setTimeout(() => this.#giveUp(worker), this.silentMs);
    this.#busy = { answer: next.answer, timer };
    worker.postMessage(next.request);
  }

  #answer(sha256: HashAnswer): void {
    const busy = this.#busy;
    if (busy === undefined) return;
    clearTimeout(busy.timer);
    this.#busy = undefined;
    busy.answer(sha256);
    this.#next();
  }

  #start(): Worker {
    const worker = new Worker(this.thread, { name: 'saker-hasher', resourceLimits: LIMITS });
    worker.unref();
    worker.on('message', (sha256: HashAnswer) => {
      if (worker === this.#worker) this.#answer(sha256);
    });
    worker.on('error', (error: unknown) => {
      this.log.error({ err: error }, 'the thread that hashes files failed');
    });
    worker.on('exit', () => {
      this.#hung.delete(worker);
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#answer(undefined);
    });
    return worker;
  }

  // It cannot be ended while it is in the kernel; should it come back, it ends.
  #giveUp(worker: Worker): void {
    this.#hung.add(worker);
    this.log.error(
      { hung: this.#hung.size },
      'a file that a rule wants hashed cannot be read: its file system does not answer',
    );
    this.#worker = undefined;
    void worker.terminate();
    if (this.#hung.size >= MAX_HUNG) {
      this.refused += this.#queue.length;
      for (const { answer } of this.#queue.splice(0)) answer(undefined);
    }
    this.#answer(undefined);
  }

  #remember(state: string, sha256: string): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(state, sha256);
  }
}

const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

// What the kernel said of the file, if it said enough to know it again.
function stateOf({ path, inode, mtime_ns, ctime_ns }: HashQuestion): string | undefined {
  if (inode === undefined || mtime_ns === undefined || ctime_ns === undefined) return undefined;
  return `${inode} ${mtime_ns} ${ctime_ns} ${path}`;
}
