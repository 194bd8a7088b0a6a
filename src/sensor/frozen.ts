// Events that wait for their container's metadata: every other value is read at once and kept.
//
// Tried in thought and left: keeping the record's bytes and copies of the processes. Readers reach
// further than that (users of the container's own files, leaders of sessions, names of other pids,
// local addresses), and each such way would have had to be frozen as well. A kept value cannot
// change, whatever is read later.
import { type ContainerView, Event, NOBODY, type Value } from '../decode/event.js';
import { needsMetadata } from '../enrich/container-fields.js';
import type { Resolve } from '../match/transform.js';
import type { ActionTaken, AlertOrigin } from '../output/alert.js';

/** An event whose values are fixed, but for those that its container's metadata will bring. */
export class FrozenEvent extends Event {
  readonly #bytes: number;
  readonly #time_ns: bigint;
  /** The same event with the path that the caller wrote, where that was another than the object's. */
  claimed: FrozenEvent | undefined;
  /** What rules have done about it, by their number; the same for both readings. */
  actions = new Map<number, ActionTaken>();

  /**
   * @param values by slot of `Freezer`; what was not asked for is missing
   * @param origin computed while the event was live
   */
  constructor(
    event: Event,
    readonly container: ContainerView,
    readonly values: readonly Value[],
    readonly origin: AlertOrigin,
  ) {
    super();
    this.type = event.type;
    this.task = UNUSED;
    this.#time_ns = event.time_ns;
    this.boot_epoch_ns = event.boot_epoch_ns;
    this.process = { ...NOBODY, container, pid_ns_start_ns: event.process.pid_ns_start_ns };
    let size_bytes = FIXED_BYTES;
    for (const value of values) size_bytes += sizeOf(value);
    for (const program of origin.lineage) size_bytes += sizeOf(program);
    this.#bytes = size_bytes;
  }

  /** About what it takes in memory. */
  get size_bytes(): number {
    return this.#bytes + (this.claimed?.size_bytes ?? 0);
  }

  override get time_ns(): bigint {
    return this.#time_ns;
  }

  override read(claimed: boolean): FrozenEvent {
    return claimed ? (this.claimed ?? this) : this;
  }
}

/** Gives the readers that work on frozen events, and freezes events for them. */
export class Freezer {
  readonly #slots = new Map<string, number>();
  readonly #readers: ((event: Event) => Value)[] = [];

  constructor(private readonly live: Resolve) {}

  /** Fields of metadata are read when they are asked for, all others from what was kept. */
  readonly resolve: Resolve = (field) => {
    const read = this.live(field);
    if (read === undefined || needsMetadata(field.name)) return read;
    const slot = this.#slot(field, read);
    return (event) => (event instanceof FrozenEvent ? event.values[slot] : undefined);
  };

  /** `resolve`, and the slots of all that it was asked for afterwards. */
  noting(): { resolve: Resolve; slots: Set<number> } {
    const slots = new Set<number>();
    const resolve: Resolve = (field) => {
      const read = this.live(field);
      if (read !== undefined && !needsMetadata(field.name)) slots.add(this.#slot(field, read));
      return this.resolve(field);
    };
    return { resolve, slots };
  }

  /** Reads what the slots name from an event, now. */
  freeze(
    event: Event,
    container: ContainerView,
    slots: ReadonlySet<number>,
    origin: AlertOrigin,
  ): FrozenEvent {
    const values: Value[] = new Array<Value>(this.#readers.length).fill(undefined);
    for (const slot of slots) values[slot] = this.#readers[slot]?.(event);
    return new FrozenEvent(event, container, values, origin);
  }

  #slot(
    { name, argument }: Parameters<Resolve>[0],
    read: NonNullable<ReturnType<Resolve>>,
  ): number {
    const key = argument === undefined ? name : `${name}[${argument}]`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#readers.push(read) - 1;
    this.#slots.set(key, slot);
    return slot;
  }
}

// The cursor that an event begins with: nothing reads it, and one for all saves a kilobyte each.
const UNUSED = new Event().task;
const FIXED_BYTES = 1024;

function sizeOf(value: Value): number {
  if (typeof value === 'string') return 24 + value.length;
  if (typeof value !== 'object') return 16;
  let size_bytes = 24;
  for (const one of value) size_bytes += typeof one === 'string' ? sizeOf(one) : 8;
  return size_bytes;
}
