// What the planner hands to the kernel filter: bitsets of clauses by what the kernel can look up. Plain
// data: plan/push.ts writes it into maps, plan/model.ts evaluates it as the kernel does.

/**
 * A set of clauses: clause `c` is bit `c & 63` of word `c >> 6`; CLAUSE_WORDS words of 64 bits.
 *
 * In a class of a dimension the bit of a clause is set unless the facts of that class make the clause
 * false (Kleene). Bits past `clause_count` are zero.
 */
export type ClauseBits = BigUint64Array;

/** Everything that decides in the kernel which events leave it, for one set of rules. */
export interface KernelPlan {
  /** At most 64 * CLAUSE_WORDS. */
  clause_count: number;
  /** By event type, native system call numbers; a type that is absent is wanted by no clause. */
  types: ReadonlyMap<number, TypePlan>;
  /** The tables that types refer to by place. */
  paths: readonly PathTable[];
  addresses: readonly AddressTable[];
  /**
   * Name of the task, live: the thread's own comm, as its record has it; at most 15 bytes, a byte
   * string.
   */
  comm: ClassTable<string>;
  /** Effective uid of the task, live. */
  uid: ClassTable<number>;
  /**
   * The container of a cgroup that nobody has told about yet: the bits of a miss. Cgroups that are
   * known are written while the agent runs, see plan/process.ts.
   */
  cgroup_unknown: ClauseBits;
}

/** Classes by exact value, and what holds for all other values. */
export interface ClassTable<Value> {
  values: ReadonlyMap<Value, ClauseBits>;
  other: ClauseBits;
}

/**
 * One event type. Its bits are ANDed with those of each dimension that is present, cheapest first:
 * result, integers, kinds, process or else comm, uid and cgroup, addresses, path. At zero the event
 * is dropped.
 */
export interface TypePlan {
  /** What the type alone does not make false. */
  bits: ClauseBits;
  result?: ResultTable;
  /** At most MAX_INTEGERS. */
  integers: readonly IntegerTable[];
  /** By `enum object_kind` of the descriptor that the record's object part describes. */
  kinds?: readonly ClauseBits[];
  /**
   * Place in `paths`: for the path of an object that is a file, a directory or a device (not of
   * sockets, pipes, memfds and anonymous inodes). A path that the kernel cannot tell in full, that
   * is unreachable, or that may be another than the caller named (shared descriptor table) leaves
   * all bits as they are.
   */
  path?: number;
  /**
   * Place in `paths`: for the first path argument as the caller wrote it, where there is no object
   * path: all calls of types without `path`, failed ones of types with it. Used only when it begins
   * with a slash and holds no `//`, no `/./`, no `/../`, no such end and no slash at its end, and has
   * at most MAX_CLAIMED_BYTES, so that it is its own resolution; else all bits stay.
   */
  claimed?: number;
  /**
   * Bits of a call whose first path argument, as the caller wrote it, holds no `..`; looked at last of
   * all and only while bits are left. They stay where the text cannot be read in full. It may be left
   * out.
   */
  no_dots?: ClauseBits;
  /**
   * Place in `addresses`, for sockets of AF_INET and AF_INET6: who is at the other end. Of a connect
   * the socket's remote end, or if its port is 0 and the call was given an address, that address. Of
   * an accept, an accepted or a connected socket the socket's remote end. Else the address the call
   * was given, and `none` when it was given none. All bits stay where the given address is of another
   * family, where there is no such socket, and after a connect that neither worked nor goes on
   * (EINPROGRESS).
   */
  remote?: number;
  /** The same for the socket's local end. */
  local?: number;
  /** The facts of the process can clear a bit of this type. */
  uses_process: boolean;
  uses_comm: boolean;
  uses_uid: boolean;
  uses_cgroup: boolean;
}

export interface ResultTable {
  /** The call returned 0 or more. */
  success: ClauseBits;
  /** By positive errno. */
  errors: ReadonlyMap<number, ClauseBits>;
  other_error: ClauseBits;
}

/** Where the kernel takes an integer from. */
export type IntegerSource =
  | 'arg0'
  | 'arg1'
  | 'arg2'
  | 'arg3'
  | 'arg4'
  | 'arg5'
  /** `call_part.extra`: for the open family the flags, however the call passes them. */
  | 'extra'
  /** `enum call_abi` */
  | 'abi'
  /** What the call returned. */
  | 'ret'
  /** Of the address that the call was given (connect, bind, sendto ...), 0 without one. */
  | 'address_family'
  | 'address_port'
  /** Of the socket behind the descriptor; 0 without one. */
  | 'object_family'
  | 'object_type'
  | 'object_protocol'
  | 'object_local_port'
  | 'object_remote_port';

/** A small integer: `(value >> shift) & mask`, unsigned. */
export interface IntegerTable extends ClassTable<bigint> {
  source: IntegerSource;
  shift: number;
  mask: bigint;
}

/**
 * Paths are told apart by: the whole path, else the longest listed prefix (of bytes, not of
 * components), else `other`; and independently by the last component.
 */
export interface PathTable {
  /** At most MAX_PREFIX_BYTES - 1 bytes each; byte strings. */
  exact: ReadonlyMap<string, ClauseBits>;
  /** At most MAX_PREFIX_BYTES bytes each. */
  prefixes: ReadonlyMap<string, ClauseBits>;
  /**
   * For listed prefixes that end in a slash, where it makes a difference: the bits in the place of those
   * in `prefixes` when a further slash follows the prefix. To take those in `prefixes` is sound.
   */
  deeper: ReadonlyMap<string, ClauseBits>;
  other: ClauseBits;
  /**
   * By the first component, of which MAX_HEAD_BYTES are looked at; `other` is for those that are not
   * listed. Looked at first; it may be left out.
   */
  head?: ClassTable<string>;
  last?: LastTable;
  /** Looked at last, while bits are left; it may be left out. */
  inside?: InsideTable;
}

/** Texts anywhere in a path. */
export interface InsideTable {
  /** At most MAX_NEEDLES, of 2 to MAX_NEEDLE_BYTES bytes each. */
  needles: readonly Needle[];
  /** When none of those that matter is in the path; else, and when in doubt, all bits stay. */
  absent: ClauseBits;
}

export interface Needle {
  text: string;
  /** The clauses that ask for it: it does not matter when none of them is open. */
  matters: ClauseBits;
}

/** The last component: whole, else by its longest listed suffix, else `other`. */
export interface LastTable {
  /** At most MAX_LAST_BYTES - 1 bytes each. */
  exact: ReadonlyMap<string, ClauseBits>;
  /** At most MAX_LAST_BYTES bytes each. */
  suffixes: ReadonlyMap<string, ClauseBits>;
  other: ClauseBits;
}

/** Addresses by longest listed prefix; IPv4-mapped IPv6 counts as IPv4. */
export interface AddressTable {
  v4: readonly AddressClass[];
  v6: readonly AddressClass[];
  other_v4: ClauseBits;
  other_v6: ClauseBits;
  /** No address, or one of another family. */
  none: ClauseBits;
}

export interface AddressClass {
  /** 4 or 16 bytes, as a byte string; the bits past the prefix are zero. */
  address: string;
  prefix_bits: number;
  bits: ClauseBits;
}

/**
 * What user space says about one process, written to the kernel after its exec.
 *
 * The kernel uses `bits` while all that they were made from is unchanged: exec number, comm (the
 * leader's when they were made, compared with that of the thread that acts), effective uid, cgroup and
 * the epoch of ancestors. When that epoch alone is over it uses `kinless_bits`; else `fixed_bits`, made
 * from what only exec changes (program, arguments, environment), together with the live dimensions; and
 * none of them when the entry is of another exec or plan.
 */
export interface ProcessBits {
  bits: ClauseBits;
  fixed_bits: ClauseBits;
  /**
   * What takes the place of `bits` in a child that has not called exec, and in its children: as long as
   * the comm of each of them is the one that `bits` were made for when it forks.
   */
  child_bits: ClauseBits;
  /** What is left of both as if nothing were known of ancestors. */
  kinless_bits: ClauseBits;
}

/** Limits of the tables; the kernel's are in bpf/abi.h under the same names. */
export const MAX_INTEGERS = 4;
export const MAX_CLAIMED_BYTES = 1024;
export const MAX_NEEDLES = 16;
export const MAX_NEEDLE_BYTES = 8;
export const MAX_HEAD_BYTES = 8;
export const MAX_PREFIX_BYTES = 248;
export const MAX_LAST_BYTES = 64;
