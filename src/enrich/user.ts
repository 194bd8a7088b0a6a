// uid to name, on the host and in containers.

import { closeSync, lstatSync } from 'node:fs';
import type { Account, ProcessView } from '../decode/event.js';
import {
  type AccountTable,
  type FileMark,
  isLocalEtc,
  markOf,
  openEtcFile,
  parseGroup,
  parsePasswd,
  readAndClose,
} from './accounts.js';
import { readProc } from './proc-files.js';

/** The host's files are looked at this often at most, a container's less so. */
const HOST_CHECK_MS = 1000;
const CONTAINER_CHECK_MS = 10_000;
/** Mount namespaces whose tables are kept. */
const LIMIT_NAMESPACES = 512;
const MOUNTINFO_LIMIT_BYTES = 60_000;

interface Entry extends AccountTable {
  users: ReadonlyMap<number, Account>;
  groups: ReadonlyMap<number, string>;
  passwd_mark: string;
  group_mark: string;
  checked_ms: number;
}

export interface UserNamesOptions {
  /** Root of the host's files. */
  root?: string;
  proc?: string;
  now_ms?: () => number;
}

/**
 * Names of users and groups: from the host's /etc, for a process in a container from the
 * container's, kept per mount namespace. Files are read when a name is first asked for, and again
 * when they changed.
 */
export class UserNames {
  private readonly root: string;
  private readonly proc: string;
  private readonly now_ms: () => number;
  private readonly host: Entry = newEntry();
  private readonly namespaces = new Map<number, Entry>();

  constructor(options: UserNamesOptions = {}) {
    this.root = options.root ?? '';
    this.proc = options.proc ?? '/proc';
    this.now_ms = options.now_ms ?? Date.now;
  }

  user(uid: number, process: ProcessView): Account | undefined {
    return this.tableFor(process).users.get(uid);
  }

  group(gid: number, process: ProcessView): string | undefined {
    return this.tableFor(process).groups.get(gid);
  }

  /** Says which state the host's files are in; another text when they have changed. */
  hostMark(): string {
    this.hostTable(this.now_ms());
    return `${this.host.passwd_mark} ${this.host.group_mark}`;
  }

  /** The users of the host by number, as they were last read. */
  hostUsers(): ReadonlyMap<number, Account> {
    return this.hostTable(this.now_ms()).users;
  }

  /** The groups of the host, likewise. */
  hostGroups(): ReadonlyMap<number, string> {
    return this.hostTable(this.now_ms()).groups;
  }

  private hostTable(now_ms: number): Entry {
    if (now_ms - this.host.checked_ms >= HOST_CHECK_MS) {
      this.host.checked_ms = now_ms;
      if (!isAsRead(this.host, this.root)) refresh(this.host, this.root);
    }
    return this.host;
  }

  private tableFor(process: ProcessView): AccountTable {
    const now_ms = this.now_ms();
    return livesOnHost(process) ? this.hostTable(now_ms) : this.containerTable(process, now_ms);
  }

  private containerTable(process: ProcessView, now_ms: number): AccountTable {
    let entry = this.namespaces.get(process.mnt_ns);
    if (entry === undefined) {
      entry = newEntry();
      if (this.namespaces.size >= LIMIT_NAMESPACES) {
        const [oldest] = this.namespaces.keys();
        if (oldest !== undefined) this.namespaces.delete(oldest);
      }
      this.namespaces.set(process.mnt_ns, entry);
    }
    if (now_ms - entry.checked_ms < CONTAINER_CHECK_MS) return entry;
    const dir = `${this.proc}/${process.pid}`;
    const mounts = readProc(`${dir}/mountinfo`, MOUNTINFO_LIMIT_BYTES);
    // A process that is gone says nothing: the next one of the same namespace will.
    if (mounts === undefined || mounts === '') return entry;
    entry.checked_ms = now_ms;
    if (isLocalEtc(mounts)) refresh(entry, `${dir}/root`);
    return entry;
  }
}

/** Whether the names of a process are the host's. */
export function livesOnHost({ container, mnt_ns }: ProcessView): boolean {
  return container === undefined || container.id === 'host' || mnt_ns === 0;
}

// Two looks in the place of the sixteen that opening takes, once a second for as long as the agent runs. What is
// behind a link is opened each time, and refused.
function isAsRead({ passwd_mark, group_mark }: Entry, root: string): boolean {
  return markAt(`${root}/etc/passwd`) === passwd_mark && markAt(`${root}/etc/group`) === group_mark;
}

function markAt(path: string): FileMark | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? markOf(stats) : undefined;
}

function newEntry(): Entry {
  return {
    users: new Map(),
    groups: new Map(),
    passwd_mark: '',
    group_mark: '',
    checked_ms: Number.NEGATIVE_INFINITY,
  };
}

/** Reads again what changed. */
function refresh(entry: Entry, root: string): void {
  const passwd = readIfChanged(root, 'passwd', entry.passwd_mark);
  if (passwd !== undefined) {
    entry.users = parsePasswd(passwd.text);
    entry.passwd_mark = passwd.mark;
  }
  const group = readIfChanged(root, 'group', entry.group_mark);
  if (group !== undefined) {
    entry.groups = parseGroup(group.text);
    entry.group_mark = group.mark;
  }
}

function readIfChanged(
  root: string,
  name: string,
  mark: string,
): { text: string; mark: string } | undefined {
  const opened = openEtcFile(root, name);
  if (opened === undefined) return mark === '' ? undefined : { text: '', mark: '' };
  const now = markOf(opened.stats);
  if (now === mark) {
    closeSync(opened.fd);
    return undefined;
  }
  return { text: readAndClose(opened.fd), mark: now };
}
