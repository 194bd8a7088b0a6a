// Which containers the main thread was asked about, and has not told of yet.
import type { ContainerView } from '../decode/event.js';
import type { MetadataSource } from '../enrich/container.js';

/** Questions under way; the main thread refuses more, too. */
const MAX_ASKED = 1024;
/** The main thread answers within 15 s; without an answer nobody waits for ever. */
const GIVE_UP_MS = 30_000;
/** Nobody can be asked about these. */
const WITHOUT_RUNTIME: ReadonlySet<string> = new Set(['lxc', 'systemd-nspawn']);

/** Asks about containers while somebody wants to know. */
export class ContainerQuestions implements MetadataSource {
  /** Containers that were not asked about, because too many were. */
  refused = 0;
  #enabled = false;
  /** When each was asked about, by full id. */
  readonly #asked = new Map<string, number>();

  /** @param ask passes a question on, at once */
  constructor(
    private readonly ask: (full_id: string, type: string) => void,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  get enabled(): boolean {
    return this.#enabled;
  }

  /** @param containers those that were seen while nobody wanted to know */
  enable(containers: Iterable<ContainerView>): void {
    this.#enabled = true;
    for (const container of containers) if (container.metadata === undefined) this.want(container);
  }

  disable(): void {
    this.#enabled = false;
    this.#asked.clear();
  }

  want({ full_id, type }: ContainerView): void {
    if (!this.#enabled || WITHOUT_RUNTIME.has(type) || this.#asked.has(full_id)) return;
    if (this.#asked.size >= MAX_ASKED) {
      this.refused += 1;
      return;
    }
    this.#asked.set(full_id, this.now_ms());
    this.ask(full_id, type);
  }

  /** Whether an answer about the container is under way. */
  isOpen(container: ContainerView): boolean {
    if (this.#asked.size === 0 || container.metadata !== undefined) return false;
    const asked_ms = this.#asked.get(container.full_id);
    if (asked_ms === undefined) return false;
    if (this.now_ms() - asked_ms < GIVE_UP_MS) return true;
    this.#asked.delete(container.full_id);
    return false;
  }

  /** How many are open. */
  get size(): number {
    return this.#asked.size;
  }

  answered(full_id: string): void {
    this.#asked.delete(full_id);
  }
}
