// Resolves the host names that rules compare addresses with, on the main thread: again and again,
// because the addresses of a name change. The sensor is told what came of it.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Logger } from '../log.js';

/** Asks the system: /etc/hosts, then name servers, as nsswitch.conf says. */
export type Resolver = (name: string) => Promise<readonly string[]>;

/** What `AgentNames` works with. */
export interface AgentNamesOptions {
  /** Hands the addresses of a name to the sensor; none: the name stands for no address. */
  tell(name: string, addresses: readonly string[]): void;
  log: Pick<Logger, 'warn'>;
  resolve?: Resolver;
  /** The hosts file: read first, so that its names do not wait behind a name server that is silent. */
  hosts_file?: string;
}

/** A name is asked for again after this time, then after twice as long, up to the longest. */
export const SHORTEST_PAUSE_MS = 10_000;
export const LONGEST_PAUSE_MS = 320_000;
/** Rules name a few hundred; a list of thousands is one of indicators that belongs elsewhere. */
export const MAX_NAMES = 4096;
/** Each waits in a thread of libuv's pool, which lets names have at most half of the four. */
const MAX_ASKED = 2;

/** Keeps the sensor's idea of the names what the resolver says. */
export class AgentNames {
  readonly #wanted = new Map<string, readonly string[]>();
  readonly #names = new Map<string, Known>();
  readonly #due: Known[] = [];
  readonly #resolve: Resolver;
  readonly #hostsFile: string;
  #asked = 0;
  #closed = false;
  #unanswered = false;

  constructor(private readonly options: AgentNamesOptions) {
    this.#resolve = options.resolve ?? resolveBySystem;
    this.#hostsFile = options.hosts_file ?? '/etc/hosts';
  }

  /** Lookups that the system has not answered; it cannot be told to give them up. */
  get asked(): number {
    return this.#asked;
  }

  /**
   * Takes the names that somebody compares with: new ones are asked for, and those that nobody names
   * any more are forgotten.
   *
   * @param owner in the place of whose former names they come: the rules, or a tap
   */
  want(owner: string, names: readonly string[]): void {
    if (this.#closed) return;
    if (names.length > 0) this.#wanted.set(owner, names);
    else this.#wanted.delete(owner);
    const all = [...new Set([...this.#wanted.values()].flat())];
    const wanted = new Set(all.slice(0, MAX_NAMES));
    if (all.length > MAX_NAMES) {
      const left_out = all.length - MAX_NAMES;
      this.options.log.warn({ left_out }, 'the rules name too many hosts; the rest match nothing');
    }
    for (const known of this.#names.values()) if (!wanted.has(known.name)) this.#forget(known);
    const hosts = readHosts(this.#hostsFile);
    for (const name of wanted) {
      if (this.#names.has(name)) continue;
      const known: Known = { name, addresses: [], pause_ms: SHORTEST_PAUSE_MS };
      this.#names.set(name, known);
      const addresses = hosts.get(name.toLowerCase());
      if (addresses !== undefined) this.#learn(known, addresses);
      this.#due.push(known);
    }
    this.#ask();
  }

  /** Asks no more. May be called twice. */
  close(): void {
    this.#closed = true;
    for (const known of this.#names.values()) clearTimeout(known.timer);
    this.#names.clear();
    this.#due.length = 0;
  }

  #ask(): void {
    while (this.#asked < MAX_ASKED) {
      const known = this.#due.shift();
      if (known === undefined) return;
      if (this.#names.get(known.name) === known) void this.#askFor(known);
    }
  }

  async #askFor(known: Known): Promise<void> {
    this.#asked += 1;
    const answer = await this.#answer(known.name);
    this.#asked -= 1;
    // Meanwhile the rules may have changed.
    if (this.#names.get(known.name) === known) {
      if (answer !== undefined) this.#learn(known, answer);
      known.timer = setTimeout(() => {
        this.#due.push(known);
        this.#ask();
      }, known.pause_ms).unref();
      known.pause_ms = Math.min(2 * known.pause_ms, LONGEST_PAUSE_MS);
    }
    this.#ask();
  }

  /** `undefined`: nobody knows at present; what was known stays. */
  async #answer(name: string): Promise<readonly string[] | undefined> {
    try {
      const addresses = await this.#resolve(name);
      this.#unanswered = false;
      return [...new Set(addresses)].sort();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (NO_SUCH_NAME.has(code)) return [];
      // Once, not for each of a hundred names.
      if (!this.#unanswered && !this.#closed)
        this.options.log.warn({ name, error: code }, 'host names that rules name do not resolve');
      this.#unanswered = true;
      return undefined;
    }
  }

  #learn(known: Known, addresses: readonly string[]): void {
    if (addresses.join() === known.addresses.join()) return;
    known.addresses = addresses;
    known.pause_ms = SHORTEST_PAUSE_MS;
    this.options.tell(known.name, addresses);
  }

  #forget(known: Known): void {
    clearTimeout(known.timer);
    this.#names.delete(known.name);
    if (known.addresses.length > 0) this.options.tell(known.name, []);
  }
}

interface Known {
  readonly name: string;
  /** Sorted. */
  addresses: readonly string[];
  /** Until it is asked for again. */
  pause_ms: number;
  timer?: NodeJS.Timeout;
}

// hosts(5): an address, then its names; # begins a comment.
function readHosts(path: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return found; // the resolver will say what it thinks of a host without one
  }
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    for (const name of names.map((one) => one.toLowerCase())) {
      const addresses = found.get(name) ?? [];
      if (address !== undefined && isIP(address) !== 0) addresses.push(address);
      found.set(name, addresses.sort());
    }
  }
  return found;
}

// dns.lookup's words for "there is no such name", as against "I cannot tell".
const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

const resolveBySystem: Resolver = async (name) => {
  const { lookup } = await import('node:dns/promises');
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
};
