// Links and maps that outlive the process that made them: files in a bpf file system. A pin is the only
// thing of ours that stays in the kernel when the agent ends.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HostError } from '../errors.js';
import { errnoNumber, nativeError } from './errno.js';
import { addressOf, bpfCall, closeFd } from './libc.js';

const OBJ_PIN = 6;
const OBJ_GET = 7;
/** include/uapi/linux/magic.h */
const BPF_FS_MAGIC = 0xcafe4a11;
const ENOENT = errnoNumber('ENOENT') ?? 2;

/** What a pin holds. */
export type PinKind = 'link' | 'map';

/** One pin, as its name says it. */
export interface Pin {
  readonly kind: PinKind;
  /** Of the program at the link, or of the map. */
  readonly object: string;
  /** Of the agent that made it; no two runs have the same. */
  readonly run: string;
}

/** A folder in a bpf file system in which only Saker pins. */
export class PinFolder {
  private constructor(readonly path: string) {}

  /**
   * Opens the folder, and makes it if it is not there.
   *
   * @throws HostError when that is not possible, or when something lies there that is not ours:
   *   then nothing has been touched
   */
  static make(path: string): PinFolder {
    // Where folders cannot be made at all (sysfs, procfs) mkdirSync tries for ever (Node 20).
    if (statfsSync(existing(path)).type !== BPF_FS_MAGIC) throw notBpf(path);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new HostError('HOST_UNABLE', `enforce: the folder ${path} cannot be made`, {
        hint: 'mount a bpf file system (mount -t bpf bpf /sys/fs/bpf), or set enforcement.pin_dir',
        cause,
      });
    }
    const folder = PinFolder.find(path);
    if (folder === undefined) throw gone(path);
    return folder;
  }

  /** The folder, if it is there. @throws HostError as `make` */
  static find(path: string): PinFolder | undefined {
    if (!existsSync(path) || !statSync(path).isDirectory()) return undefined;
    const folder = new PinFolder(path);
    const names = readdirSync(path);
    if (names.length > 0 || statfsSync(path).type === BPF_FS_MAGIC) folder.pins();
    else throw notBpf(path);
    return folder;
  }

  /** What the kernel calls the folder: inode, and MKDEV(major, minor) of its file system. */
  get identity(): { inode: bigint; dev: number } {
    const { ino, dev } = statSync(this.path, { bigint: true });
    // As glibc takes a device number apart, include/linux/kdev_t.h puts it together.
    const major = (dev >> 8n) & 0xfffn;
    const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n);
    return { inode: ino, dev: Number((major << 20n) | minor) };
  }

  /**
   * Everything that is pinned here.
   *
   * @throws HostError when something is not ours
   */
  pins(): Pin[] {
    if (statfsSync(this.path).type !== BPF_FS_MAGIC) throw notBpf(this.path);
    return readdirSync(this.path).map((name) => {
      const pin = pinOf(name);
      if (pin === undefined || this.kindOf(name) !== pin.kind) throw foreign(this.path, name);
      return pin;
    });
  }

  /** Pins what is behind a descriptor. @throws BpfError when the kernel refuses */
  pin(pin: Pin, fd: number): void {
    const result = this.call(OBJ_PIN, nameOf(pin), fd);
    if (result < 0) throw nativeError('BPF_ATTACH', `pin of ${pin.kind} ${pin.object}`, result);
  }

  /** A descriptor of what is pinned, which the caller closes; `undefined` when it is gone. */
  open(pin: Pin): number | undefined {
    const fd = this.call(OBJ_GET, nameOf(pin), 0);
    if (fd === -ENOENT) return undefined;
    if (fd < 0) throw nativeError('BPF_ATTACH', `pinned ${pin.kind} ${pin.object}`, fd);
    return fd;
  }

  /** Removes a pin; what nothing else holds ends. A pin that is gone is no error. */
  remove(pin: Pin): void {
    try {
      unlinkSync(join(this.path, nameOf(pin)));
    } catch (cause) {
      if (!isMissing(cause)) throw cannotRemove(join(this.path, nameOf(pin)), cause);
    }
  }

  /** Removes the folder, if nothing is pinned in it. */
  removeEmpty(): void {
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  /** What a file here really is: the kernel opens links, maps and programs alike. */
  private kindOf(name: string): PinKind | undefined {
    const fd = this.call(OBJ_GET, name, 0);
    if (fd < 0) return undefined;
    try {
      const kind = /^(map|link)_type:/m.exec(
        readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'),
      )?.[1];
      return kind === 'map' || kind === 'link' ? kind : undefined;
    } finally {
      closeFd(fd);
    }
  }

  private call(command: number, name: string, fd: number): number {
    const path = Buffer.from(`${join(this.path, name)}\0`);
    const attributes = Buffer.alloc(16);
    attributes.writeBigUInt64LE(addressOf(path), 0);
    attributes.writeUInt32LE(fd, 8);
    return bpfCall(command, attributes);
  }
}

// The path, or what there is above it.
function existing(path: string): string {
  let found = resolve(path);
  while (!existsSync(found)) found = dirname(found);
  return found;
}

// Dots are refused in names of a bpf file system, kernel/bpf/inode.c.
function nameOf({ kind, object, run }: Pin): string {
  return `${kind}-${object}-${run}`;
}

function pinOf(name: string): Pin | undefined {
  const [, kind, object, run] = /^(link|map)-(\w{1,15})-([0-9a-f]{1,16})$/.exec(name) ?? [];
  if (object === undefined || run === undefined) return undefined;
  return kind === 'link' || kind === 'map' ? { kind, object, run } : undefined;
}

function foreign(path: string, name: string): HostError {
  return new HostError('HOST_UNABLE', `enforce: ${join(path, name)} is not Saker's`, {
    hint: 'nothing was changed; remove it, or set enforcement.pin_dir to a folder of its own',
  });
}

function notBpf(path: string): HostError {
  return new HostError('HOST_UNABLE', `enforce: ${path} is in no bpf file system`, {
    hint: 'mount one (mount -t bpf bpf /sys/fs/bpf), or set enforcement.pin_dir to a folder in one',
  });
}

function gone(path: string): HostError {
  return new HostError('HOST_UNABLE', `enforce: the folder ${path} is gone`);
}

function cannotRemove(path: string, cause: unknown): HostError {
  return new HostError('HOST_UNABLE', `enforce: the pin ${path} cannot be removed`, {
    hint: 'an agent that protects itself holds it: stop that first',
    cause,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
