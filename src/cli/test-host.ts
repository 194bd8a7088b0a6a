// The host of a rule test: its users, containers and processes, in the words of a test file.

import { createHash } from 'node:crypto';
import { exe_flag } from '../abi/layout.js';
import type { Section } from '../config/section.js';
import type { Account, ContainerMetadata } from '../decode/event.js';
import type { ScenarioDescriptor, ScenarioThread } from '../decode/scenario-thread.js';
import { FIRST_PID_NS } from '../decode/task.js';
import { capabilitySet } from '../enrich/capabilities.js';
import { containerGroup } from '../enrich/container-group.js';
import type { ScenarioHostOptions } from '../enrich/scenario.js';
import { toBytes } from '../rules/bytes.js';
import { didYouMean } from '../rules/nearest.js';

/** What the parts of a test file say of the host; a test adds to what its file says. */
export class TestHost {
  readonly users = new Map<string, number>([['root', 0]]);
  readonly groups = new Map<string, number>([['root', 0]]);
  private readonly containers = new Map<string, GivenContainer>();
  private readonly threads = new Map<number, ScenarioThread>();
  private addresses: readonly string[] = [];

  constructor(before?: TestHost) {
    if (before === undefined) return;
    copyInto(this.users, before.users);
    copyInto(this.groups, before.groups);
    copyInto(this.containers, before.containers);
    copyInto(this.threads, before.threads);
    this.addresses = before.addresses;
  }

  /** Reads `users`, `groups`, `containers`, `local_addresses` and `processes` of a file or a test. */
  read(section: Section): void {
    for (const [kind, into] of [
      ['users', this.users],
      ['groups', this.groups],
    ] as const) {
      const given = section.section(kind);
      for (const name of given.keys()) into.set(name, given.integer(name, 0));
    }
    const containers = section.section('containers');
    for (const name of containers.keys()) {
      this.containers.set(name, containerOf(name, containers.section(name)));
    }
    if (section.has('local_addresses')) this.addresses = section.texts('local_addresses');
    for (const one of section.sections('processes')) {
      const thread = this.process(one);
      this.threads.set(thread.tid, thread);
      one.close();
    }
  }

  /** The thread that acts where an event does not say who does: the last one of the list. */
  get actor(): number | undefined {
    return [...this.threads.keys()].at(-1);
  }

  /** Of all threads. */
  tids(): Iterable<number> {
    return this.threads.keys();
  }

  /** For `ScenarioHost`. */
  options(): ScenarioHostOptions {
    const metadata = [...this.containers.values()].map((one): [string, ContainerMetadata] => [
      one.full_id,
      one.metadata,
    ]);
    return {
      threads: [...this.threads.values()],
      users: new Map([...this.users].map(([name, uid]) => [uid, accountOf(name)])),
      groups: new Map([...this.groups].map(([name, gid]) => [gid, toBytes(name)])),
      containers: new Map(metadata),
      local_addresses: this.addresses,
      host_name: 'test',
    };
  }

  private process(one: Section): ScenarioThread {
    const pid = one.integer('pid', one.integer('tid', 0));
    if (pid === 0) one.refuse(undefined, 'needs pid');
    const tid = one.integer('tid', pid);
    const ptid = one.integer('ppid', one.integer('ptid', 0));
    const exepath = one.text('exepath', one.text('exe', ''));
    if (exepath === '') one.refuse(undefined, 'needs exe, the path of its program');
    const parent = this.threads.get(ptid);
    const uid = id(one, 'uid', this.users) ?? parent?.uid ?? 0;
    const pgid = one.integer('pgid', pid);
    return {
      tid,
      pid,
      ptid,
      comm: one.text('comm', exepath.slice(exepath.lastIndexOf('/') + 1).slice(0, 15)),
      exe: one.text('exe', exepath),
      exepath,
      args: one.texts('args'),
      env: one.texts('env'),
      cwd: one.text('cwd', parent?.cwd ?? '/'),
      uid,
      gid: id(one, 'gid', this.groups) ?? parent?.gid ?? uid,
      loginuid: id(one, 'loginuid', this.users) ?? parent?.loginuid,
      tty: one.has('tty') ? one.integer('tty', 0) : parent?.tty,
      sid: one.integer('sid', parent?.sid ?? pid),
      pgid,
      vpgid: one.integer('vpgid', pgid),
      vpid: one.integer('vpid', pid),
      pid_ns: this.pidNamespace(one, pid) ?? parent?.pid_ns,
      vtid: one.integer('vtid', tid),
      clone_ts: startOf(one),
      cap_effective: capabilities(one, 'cap_effective'),
      cap_permitted: capabilities(one, 'cap_permitted'),
      cap_inheritable: capabilities(one, 'cap_inheritable'),
      exe_flags: exeFlags(one),
      cgroup: this.cgroup(one) ?? parent?.cgroup ?? '/',
      fds: one.sections('fds').map(descriptor),
    };
  }

  // Containers have one of their own, unless they share the host's.
  private pidNamespace(one: Section, pid: number): number | undefined {
    if (one.has('vpid')) return one.integer('vpid', pid) === pid ? FIRST_PID_NS : OTHER_PID_NS;
    if (!one.has('container')) return undefined;
    const container = this.containers.get(one.text('container', ''));
    return container?.metadata.host_pid === false ? OTHER_PID_NS : FIRST_PID_NS;
  }

  private cgroup(one: Section): string | undefined {
    if (!one.has('container')) return undefined;
    const name = one.text('container', '');
    if (name === 'host') return '/';
    const known = this.containers.get(name);
    if (known !== undefined) return known.cgroup;
    const names = [...this.containers.keys()];
    one.refuse('container', `no container is called ${name}${didYouMean(name, names)}`);
    return undefined;
  }
}

interface GivenContainer {
  full_id: string;
  cgroup: string;
  metadata: ContainerMetadata;
}

/** Of all processes that are not in the host's. */
const OTHER_PID_NS = FIRST_PID_NS + 1;

const TYPES = ['docker', 'podman', 'containerd', 'cri-o'] as const;

function containerOf(name: string, given: Section): GivenContainer {
  // An id of its own for each name, unless the test looks at it.
  const full_id = given.text('id', createHash('sha256').update(name).digest('hex'));
  const padded = /^[0-9a-f]{12,64}$/.test(full_id) ? full_id.padEnd(64, '0') : full_id;
  const image = given.text('image', '');
  const colon =
    image.lastIndexOf(':') > image.lastIndexOf('/') ? image.lastIndexOf(':') : image.length;
  const pod = given.section('pod');
  const labels = Object.entries(given.textMap('labels'));
  if (pod.has('name')) labels.push(['io.kubernetes.pod.name', pod.text('name', '')]);
  if (pod.has('namespace')) labels.push(['io.kubernetes.pod.namespace', pod.text('namespace', '')]);
  if (pod.has('uid')) labels.push(['io.kubernetes.pod.uid', pod.text('uid', '')]);
  const type = given.choice('type', TYPES, 'docker');
  const metadata: ContainerMetadata = {
    name: toBytes(given.text('name', name)),
    image: toBytes(image),
    image_repository: toBytes(image.slice(0, colon)),
    image_tag: toBytes(image.slice(colon + 1)),
    image_id: toBytes(given.text('image_id', '')),
    image_digest: toBytes(given.text('image_digest', '')),
    privileged: given.flag('privileged', false),
    host_pid: given.flag('host_pid', false),
    host_network: given.flag('host_network', false),
    host_ipc: given.flag('host_ipc', false),
    mounts: given.sections('mounts').map(mount),
    labels: new Map(labels.map(([key, value]) => [toBytes(key), toBytes(value)])),
    ip: toBytes(given.text('ip', '')),
    type,
  };
  pod.close();
  given.close();
  return { full_id: padded, cgroup: containerGroup(type, padded), metadata };
}

function mount(given: Section) {
  const found = {
    source: toBytes(given.text('source', '')),
    destination: toBytes(given.text('destination', '')),
    mode: toBytes(given.text('mode', '')),
    writable: given.flag('writable', true),
    propagation: toBytes(given.text('propagation', 'rprivate')),
  };
  given.close();
  return found;
}

function descriptor(given: Section): ScenarioDescriptor {
  const found = {
    fd: given.integer('fd', 0),
    type: given.text('type', 'file'),
    name: given.text('name', ''),
  };
  given.close();
  return found;
}

// A number, or the name of a user or group that the file knows.
function id(one: Section, key: string, names: ReadonlyMap<string, number>): number | undefined {
  if (!one.has(key)) return undefined;
  const given = one.text(key, '');
  if (/^\d+$/.test(given)) return Number(given);
  const known = names.get(given);
  if (known === undefined) {
    one.refuse(
      key,
      `${given} is not among the names of this test${didYouMean(given, names.keys())}`,
    );
  }
  return known;
}

function capabilities(one: Section, key: string): bigint | undefined {
  if (!one.has(key)) return undefined;
  const set = capabilitySet(one.texts(key));
  if (set === undefined) one.refuse(key, 'expected names of capabilities, such as CAP_SYS_ADMIN');
  return set;
}

const EXE_FLAGS: Readonly<Record<string, number>> = {
  memfd: exe_flag.EXE_MEMFD,
  upper_layer: exe_flag.EXE_UPPER_LAYER,
  lower_layer: exe_flag.EXE_LOWER_LAYER,
  writable: exe_flag.EXE_WRITABLE,
};

function exeFlags(one: Section): number {
  let flags = 0;
  for (const name of one.texts('exe_flags')) {
    const flag = EXE_FLAGS[name];
    if (flag === undefined) {
      one.refuse('exe_flags', `${name} is none of ${Object.keys(EXE_FLAGS).join(', ')}`);
    }
    flags |= flag ?? 0;
  }
  return flags;
}

function startOf(one: Section): bigint | undefined {
  if (!one.has('started')) return undefined;
  const time_ms = Date.parse(one.text('started', ''));
  if (Number.isNaN(time_ms)) one.refuse('started', 'expected a time such as 2026-11-21T10:00:00Z');
  return Number.isNaN(time_ms) ? undefined : BigInt(time_ms) * 1_000_000n;
}

function accountOf(name: string): Account {
  const home = name === 'root' ? '/root' : `/home/${name}`;
  return { name: toBytes(name), home: toBytes(home), shell: '/bin/sh' };
}

function copyInto<K, V>(to: Map<K, V>, from: ReadonlyMap<K, V>): void {
  for (const [key, value] of from) to.set(key, value);
}
