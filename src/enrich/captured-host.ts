// What a capture file says of its host beside the records: the clock, names of users and groups, addresses of
// interfaces, and what container runtimes told. The file may come from anywhere, so each value is checked.

import { hostname, networkInterfaces } from 'node:os';
import type { CaptureFacts } from '../capture/file.js';
import type { Account, ContainerMetadata, ContainerMount } from '../decode/event.js';

/** The host when the recording began. */
export interface CapturedHost {
  host_name: string;
  /** Added to CLOCK_BOOTTIME gives CLOCK_REALTIME. */
  boot_epoch_ns: bigint;
  /** When the recording began, since 1970. */
  began_ms: number;
  /** Of the host, by number; byte strings. */
  users: ReadonlyMap<number, Account>;
  groups: ReadonlyMap<number, string>;
  /** Of its interfaces, as text. */
  addresses: readonly string[];
}

/** What became known while it was recorded. */
export type CapturedNote =
  /** A user or a group of a container, which has tables of its own by mount namespace. */
  | { kind: 'user'; mnt_ns: number; uid: number; account: Account }
  | { kind: 'group'; mnt_ns: number; gid: number; name: string }
  | { kind: 'container'; full_id: string; metadata: ContainerMetadata };

/** This host, as it is now. */
export function hostNow(
  boot_epoch_ns: bigint,
  names: { hostUsers(): ReadonlyMap<number, Account>; hostGroups(): ReadonlyMap<number, string> },
): CapturedHost {
  return {
    host_name: process.env.FALCO_HOSTNAME || hostname(),
    boot_epoch_ns,
    began_ms: Date.now(),
    users: names.hostUsers(),
    groups: names.hostGroups(),
    addresses: Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => address),
    ),
  };
}

/** The host as the facts of a file. */
export function factsOfHost(host: CapturedHost): CaptureFacts {
  return {
    ...host,
    boot_epoch_ns: String(host.boot_epoch_ns),
    users: [...host.users].map(([uid, { name, home, shell }]) => [uid, name, home, shell]),
    groups: [...host.groups],
  };
}

/** The host that the facts of a file tell of; what makes no sense is as if it were not there. */
export function hostOfFacts(facts: CaptureFacts): CapturedHost {
  const users = rows(facts.users).map(([uid, name, home, shell]): [number, Account] => [
    count(uid),
    { name: text(name), home: text(home), shell: text(shell) },
  ]);
  return {
    host_name: text(facts.host_name),
    boot_epoch_ns: integer(facts.boot_epoch_ns) ?? 0n,
    began_ms: count(facts.began_ms),
    users: new Map(users),
    groups: new Map(rows(facts.groups).map(([gid, name]) => [count(gid), text(name)])),
    addresses: list(facts.addresses).map(text),
  };
}

/** A note as JSON can say it. */
export function noteJson(note: CapturedNote): unknown {
  if (note.kind !== 'container') return note;
  const { labels, pod_labels, start_ns, ...plain } = note.metadata;
  const metadata = {
    ...plain,
    labels: labels && [...labels],
    pod_labels: pod_labels && [...pod_labels],
    start_ns: start_ns === undefined ? undefined : String(start_ns),
  };
  return { ...note, metadata };
}

/** The note that JSON says; `undefined` when it is none. */
export function noteOfJson(value: unknown): CapturedNote | undefined {
  const note = object(value);
  switch (note.kind) {
    case 'user': {
      const { name, home, shell } = object(note.account);
      const account = { name: text(name), home: text(home), shell: text(shell) };
      return { kind: 'user', mnt_ns: count(note.mnt_ns), uid: count(note.uid), account };
    }
    case 'group': {
      const { mnt_ns, gid, name } = note;
      return { kind: 'group', mnt_ns: count(mnt_ns), gid: count(gid), name: text(name) };
    }
    case 'container':
      return {
        kind: 'container',
        full_id: text(note.full_id),
        metadata: metadataOf(object(note.metadata)),
      };
    default:
      return undefined;
  }
}

const METADATA_TEXTS = [
  'name',
  'image',
  'image_id',
  'image_repository',
  'image_tag',
  'image_digest',
  'ip',
  'cni_json',
  'pod_sandbox_id',
  'type',
] as const;
const METADATA_SWITCHES = ['privileged', 'host_pid', 'host_network', 'host_ipc'] as const;

function metadataOf(given: Readonly<Record<string, unknown>>): ContainerMetadata {
  const found: { -readonly [Key in keyof ContainerMetadata]: ContainerMetadata[Key] } = {};
  for (const name of METADATA_TEXTS) if (typeof given[name] === 'string') found[name] = given[name];
  for (const name of METADATA_SWITCHES)
    if (typeof given[name] === 'boolean') found[name] = given[name];
  for (const name of ['labels', 'pod_labels'] as const)
    if (Array.isArray(given[name]))
      found[name] = new Map(rows(given[name]).map(([key, value]) => [text(key), text(value)]));
  if (Array.isArray(given.mounts)) found.mounts = given.mounts.map(object).map(mountOf);
  const start_ns = integer(given.start_ns);
  if (start_ns !== undefined) found.start_ns = start_ns;
  return found;
}

function mountOf(given: Readonly<Record<string, unknown>>): ContainerMount {
  return {
    source: text(given.source),
    destination: text(given.destination),
    mode: text(given.mode),
    writable: given.writable === true,
    propagation: text(given.propagation),
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function rows(value: unknown): (readonly unknown[])[] {
  return list(value).map(list);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function integer(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
