// What was denied while no agent told of it: the maps of bpf/enforce/journal.h, as the agent marks them
// and as the next one reads them.
import { ABI_HASH, abi_limit, journal_entry, journal_rule, journal_state } from '../abi/layout.js';
import type { Mapping } from '../bpf/libc.js';
import { type BpfMap, u32Key } from '../bpf/map.js';
import { fromBytes, toBytes } from '../rules/bytes.js';

/** The maps that a journal is made of. */
export const JOURNAL_MAPS = ['journal_head', 'journal_rules', 'journal_last'] as const;

/** Finds a map by its name. */
export type FindMap = (name: (typeof JOURNAL_MAPS)[number]) => BpfMap;

/** A denial as the journal keeps it; texts are JS text. */
export interface KeptDenial {
  /** CLOCK_BOOTTIME */
  time_ns: bigint;
  rule: string;
  pid: number;
  uid: number;
  name: string;
  path: string | undefined;
}

/** What one agent's journal says that it has not told. */
export interface Untold {
  /** By rule. */
  denied: ReadonlyMap<string, number>;
  /** The last of them, oldest first. */
  last: readonly KeptDenial[];
  /** The agent that made it, for seeing whether it lives. */
  agent: { pid: number; start_ns: bigint };
}

/** Of each of two plans. */
const PLAN_CLAUSES = abi_limit.JOURNAL_RULES / 2;
const LAYOUT = BigInt(`0x${ABI_HASH}`);

/** The journal of this agent. */
export class Journal {
  readonly #head: Mapping;
  readonly #rules: Mapping;
  readonly #words: BigUint64Array;
  readonly #bytes: Buffer;

  /** @param agent this process, as the kernel knows it */
  constructor(find: FindMap, agent: { pid: number; start_ns: bigint }) {
    this.#head = find('journal_head').memory();
    this.#rules = find('journal_rules').memory();
    this.#words = new BigUint64Array(this.#head.bytes, 0, journal_state.size / 8);
    this.#bytes = Buffer.from(this.#rules.bytes);
    const head = Buffer.from(this.#head.bytes);
    head.writeBigUInt64LE(LAYOUT, journal_state.layout);
    head.writeBigUInt64LE(agent.start_ns, journal_state.agent_start_ns);
    head.writeUInt32LE(agent.pid, journal_state.agent_pid);
    head.writeUInt32LE(1, journal_state.on);
  }

  /** Names the rules of a plan by clause, before it is in force; a long name is cut. */
  name(slot: number, rules: readonly string[]): void {
    for (let clause = 0; clause < PLAN_CLAUSES; clause++) {
      const at = journal_rule.size * (slot * PLAN_CLAUSES + clause);
      this.#bytes.fill(0, at, at + journal_rule.size);
      const { at: name, count } = journal_rule.rule;
      this.#bytes.write(toBytes(rules[clause] ?? '').slice(0, count - 1), at + name, 'latin1');
    }
  }

  /** How far the kernel is; to be handed to `told` when the ring has been read empty after this. */
  mark(): bigint[] {
    const marks = [Atomics.load(this.#words, journal_state.next / 8)];
    for (let place = 0; place < abi_limit.JOURNAL_RULES; place++)
      marks.push(this.#bytes.readBigUInt64LE(place * journal_rule.size + journal_rule.denied));
    return marks;
  }

  /** What was denied up to this mark is told, or on its way. */
  told([next = 0n, ...denied]: readonly bigint[]): void {
    for (const [place, count] of denied.entries())
      this.#bytes.writeBigUInt64LE(count, place * journal_rule.size + journal_rule.told);
    Atomics.store(this.#words, journal_state.told / 8, next);
  }

  /** May be called twice. */
  close(): void {
    this.#head.close();
    this.#rules.close();
  }
}

/** Reads a journal; `undefined` when it was made by an agent with other layouts. */
export function readJournal(find: FindMap): Untold | undefined {
  const headMap = find('journal_head');
  // The first word is where it is in every version; what follows may not be.
  const head = Buffer.alloc(Math.max(headMap.value_bytes, journal_state.size));
  headMap.get(u32Key(0), head);
  if (head.readBigUInt64LE(journal_state.layout) !== LAYOUT) return undefined;
  const rules = find('journal_rules');
  const names: string[] = [];
  const denied = new Map<string, number>();
  const value = Buffer.alloc(rules.value_bytes);
  for (let place = 0; place < rules.max_entries; place++) {
    rules.get(u32Key(place), value);
    const { at, count } = journal_rule.rule;
    const name = textOf(value.subarray(at, at + count));
    names.push(name);
    const untold =
      value.readBigUInt64LE(journal_rule.denied) - value.readBigUInt64LE(journal_rule.told);
    if (untold > 0n) denied.set(name, (denied.get(name) ?? 0) + Number(untold));
  }
  const told = head.readBigUInt64LE(journal_state.told);
  const agent = {
    pid: head.readUInt32LE(journal_state.agent_pid),
    start_ns: head.readBigUInt64LE(journal_state.agent_start_ns),
  };
  return { denied, last: lastDenials(find('journal_last'), told, names), agent };
}

function lastDenials(map: BpfMap, told: bigint, names: readonly string[]): KeptDenial[] {
  const found: { number: bigint; denial: KeptDenial }[] = [];
  const value = Buffer.alloc(map.value_bytes);
  for (let place = 0; place < map.max_entries; place++) {
    map.get(u32Key(place), value);
    const number = value.readBigUInt64LE(journal_entry.number);
    if (number <= told) continue;
    const { comm, path } = journal_entry;
    const length = Math.min(value.readUInt32LE(journal_entry.path_length), path.count);
    found.push({
      number,
      denial: {
        time_ns: value.readBigUInt64LE(journal_entry.time_ns),
        rule: names[value.readUInt32LE(journal_entry.place)] ?? '',
        pid: value.readUInt32LE(journal_entry.pid),
        uid: value.readUInt32LE(journal_entry.uid),
        name: textOf(value.subarray(comm.at, comm.at + comm.count)),
        path: length === 0 ? undefined : fromBytes(value.latin1Slice(path.at, path.at + length)),
      },
    });
  }
  found.sort((a, b) => (a.number < b.number ? -1 : 1));
  return found.map(({ denial }) => denial);
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return fromBytes(bytes.latin1Slice(0, end < 0 ? bytes.length : end));
}
