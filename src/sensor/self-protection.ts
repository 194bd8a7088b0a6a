// Keeps others from the agent, and tells of those who try: the programs of bpf/enforce/deny_self.bpf.c,
// what they must know, and what comes from them.
import { readFileSync } from 'node:fs';
import { guarded, own_object, tamper_operation } from '../abi/layout.js';
import { type BpfMap, u32Key } from '../bpf/map.js';
import type { BpfObject } from '../bpf/object.js';
import { objectId } from '../bpf/object-id.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { hooksOf } from '../bpf/trial.js';
import { BpfError } from '../errors.js';

/** What can be had on this host. */
export interface Protection {
  /** Hooks that refuse; none: attempts are only told. */
  readonly denying: readonly string[];
  /** Why they do not, or what of them is missing. */
  readonly refused: string | undefined;
  /** Processes of the agent's cgroup may do as they like with it; otherwise only pid 1 and itself. */
  readonly trusts_cgroup: boolean;
}

/** A folder of pins, as the kernel knows it. */
export interface PinFolder {
  inode: bigint;
  /** MKDEV(major, minor), include/linux/kdev_t.h */
  dev: number;
}

/** Programs that only look. The first is run, not attached. */
const WATCHING = ['self_signal'];
const OF_CGROUP = ['self_moved', 'self_forked'];
const GUARD = 'guard_me';
/** Programs on hooks of security modules. */
export const DENYING: readonly string[] = [
  'self_kill',
  'self_sigio',
  'self_trace',
  'self_limit',
  'self_schedule',
  'self_nice',
  'self_map',
  'self_program',
  'self_command',
  'self_unpin',
  'self_repin',
  'self_umount',
];

/** Protects this process from `start` on, as long as the object is open. */
export class SelfProtection {
  readonly #known = new Map<string, Buffer>();
  readonly #own: BpfMap;

  private constructor(
    private readonly object: SensorObject,
    readonly protection: Protection,
  ) {
    this.#own = object.object.map('own_objects');
    this.#refresh();
    object.onChange(() => this.#refresh());
  }

  /**
   * Protects the process.
   *
   * @param folder where it pins, if it does
   * @throws BpfError when not even the programs that look can be loaded
   */
  static start(object: SensorObject, folder?: PinFolder): SelfProtection {
    const trusts_cgroup = !isShared(ownCgroup());
    const watching = trusts_cgroup ? [...WATCHING, ...OF_CGROUP] : WATCHING;
    const loaded = object.load([GUARD, ...watching]);
    if (loaded === undefined) throw new BpfError('BPF_LOAD', 'the agent is protected already');
    guard(loaded, trusts_cgroup, folder);
    for (const name of watching) object.attach(name);
    return new SelfProtection(object, { ...deny(object), trusts_cgroup });
  }

  // What is loaded and attached later is protected, too.
  #refresh(): void {
    const { maps, programs, links } = this.object.fds();
    const now = new Map<string, Buffer>();
    const add = (operation: number, fds: readonly number[]): void => {
      for (const fd of fds) {
        const key = Buffer.alloc(own_object.size);
        key.writeUInt32LE(operation, own_object.operation);
        key.writeUInt32LE(objectId(fd), own_object.id);
        now.set(key.toString('latin1'), key);
      }
    };
    add(tamper_operation.TAMPER_MAP, maps);
    add(tamper_operation.TAMPER_PROGRAM, programs);
    add(tamper_operation.TAMPER_LINK, links);
    for (const [text, key] of now) if (!this.#known.has(text)) this.#own.put(key, u32Key(1));
    for (const [text, key] of this.#known) if (!now.has(text)) this.#own.delete(key);
    this.#known.clear();
    for (const [text, key] of now) this.#known.set(text, key);
  }
}

/** What the agent's log says of it. */
export function protectionWords(
  protection: Protection,
): ['info' | 'warn', string, Record<string, unknown>] {
  const { denying, refused, trusts_cgroup } = protection;
  const trusts = trusts_cgroup ? 'its cgroup' : 'itself: its cgroup holds others';
  if (denying.length === 0)
    return ['warn', 'attempts on the agent are told, not refused', { refused, trusts }];
  return ['info', 'the agent is protected', { hooks: denying.length, refused, trusts }];
}

/**
 * Whether a cgroup holds more than a service: the root of all, or somebody's session, where every shell
 * would count as the agent's own.
 */
export function isShared(cgroup: string | undefined): boolean {
  return cgroup === undefined || cgroup === '/' || /^\/user\.slice(\/|$)/.test(cgroup);
}

/** Path of the own cgroup in the v2 tree. */
function ownCgroup(): string | undefined {
  return /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
}

function guard(loaded: BpfObject, trusts_cgroup: boolean, folder: PinFolder | undefined): void {
  const context = Buffer.alloc(guarded.size);
  context.writeBigUInt64LE(trusts_cgroup ? 1n : 0n, guarded.cgroup_id);
  context.writeBigUInt64LE(folder?.inode ?? 0n, guarded.pin_inode);
  context.writeUInt32LE(folder?.dev ?? 0, guarded.pin_dev);
  const result = loaded.run(GUARD, context);
  if (result !== 0) throw new BpfError('BPF_LOAD', `${GUARD} answered ${result}`);
}

function deny(object: SensorObject): Pick<Protection, 'denying' | 'refused'> {
  const sectionOf = (name: string): string => object.object.program(name).section;
  const hooks = hooksOf(DENYING.map(sectionOf));
  const there = DENYING.filter((name) => hooks?.has(sectionOf(name)));
  if (there.length === 0) return { denying: [], refused: 'this kernel has no BPF LSM' };
  try {
    object.load(there);
    for (const name of there) object.attach(name);
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    for (const name of there) object.detach(name);
    return { denying: [], refused: error.message.split('\n')[0] };
  }
  const missing = DENYING.filter((name) => !there.includes(name));
  const refused = missing.length === 0 ? undefined : `no hooks for ${missing.join(', ')}`;
  return { denying: there, refused };
}
