// scenarios.json: the scenarios that other cases name, played through decode and enrich.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, ContainerMetadata, Event, Reader } from '../../src/decode/event.js';
import type { ScenarioEvent } from '../../src/decode/scenario.js';
import type { ScenarioThread } from '../../src/decode/scenario-thread.js';
import { containerGroup } from '../../src/enrich/container-group.js';
import { fieldReader } from '../../src/enrich/fields.js';
import { ScenarioHost } from '../../src/enrich/scenario.js';
import type { Resolve } from '../../src/match/transform.js';
import type { FieldRef } from '../../src/rules/ast.js';
import { toBytes } from '../../src/rules/bytes.js';
import { operandText } from '../../src/rules/canonical.js';
import { record, text, texts } from './case.js';

/** The last event of a scenario, and how to read fields of it. */
export interface Played {
  event: Event;
  resolve: Resolve;
}

/**
 * Plays a scenario to its end.
 *
 * @param directory of the case files
 */
export function playScenario(id: string, directory: string): Played {
  const scenario = record(scenariosOf(directory).get(id));
  const container = scenario.container === undefined ? undefined : record(scenario.container);
  const made = container && containerOf(container);
  const host = new ScenarioHost({
    threads: list(scenario.threads).map((one) => thread(one, made?.cgroup)),
    users: new Map(list(scenario.users).map((one) => [number(one.uid) ?? 0, account(one)])),
    groups: new Map(
      list(scenario.groups).map((one) => [number(one.gid) ?? 0, toBytes(text(one.name))]),
    ),
    containers: made === undefined ? undefined : new Map([[made.full_id, made.metadata]]),
    host_name: 'host-1',
  });
  let last: Event | undefined;
  for (const one of list(scenario.events)) last = host.play(eventOf(one));
  if (last === undefined) throw new Error(`scenario ${id} has no events`);
  return { event: last, resolve: (field) => readerOf(field, container) };
}

const FILES = new Map<string, ReadonlyMap<string, unknown>>();

function scenariosOf(directory: string): ReadonlyMap<string, unknown> {
  let known = FILES.get(directory);
  if (known === undefined) {
    // What a number cannot hold exactly, such as times, stays text.
    const exact = readFileSync(join(directory, 'scenarios.json'), 'utf8').replace(
      /([:[,]\s*)(\d{16,})(?=\s*[,}\]])/g,
      '$1"$2"',
    );
    const content: unknown = JSON.parse(exact);
    known = new Map(list(content).map((one) => [text(one.id), one]));
    FILES.set(directory, known);
  }
  return known;
}

function eventOf(one: Record<string, unknown>): ScenarioEvent {
  const event = { type: text(one.type), tid: number(one.tid) ?? 0, params: record(one.params) };
  return typeof one.ts === 'string' ? { ...event, ts: BigInt(one.ts) } : event;
}

function account(one: Record<string, unknown>): Account {
  return {
    name: toBytes(text(one.name)),
    home: toBytes(text(one.home)),
    shell: toBytes(text(one.shell)),
  };
}

function thread(one: Record<string, unknown>, cgroup: string | undefined): ScenarioThread {
  const { clone_ts, cap_effective } = one;
  return {
    tid: number(one.tid) ?? 0,
    pid: number(one.pid),
    ptid: number(one.ptid),
    comm: text(one.comm),
    exe: text(one.exe),
    exepath: text(one.exepath),
    args: texts(one.args),
    env: texts(one.env),
    cwd: typeof one.cwd === 'string' ? one.cwd : undefined,
    uid: number(one.uid),
    gid: number(one.gid),
    loginuid: number(one.loginuid),
    tty: number(one.tty),
    sid: number(one.sid),
    pgid: number(one.pgid),
    vpgid: number(one.vpgid),
    vpid: number(one.vpid),
    vtid: number(one.vtid),
    clone_ts: typeof clone_ts === 'string' ? BigInt(clone_ts) : undefined,
    cap_effective: /^\d+$/.test(String(cap_effective)) ? BigInt(String(cap_effective)) : undefined,
    cgroup,
    fds: list(one.fds).map((fd) => ({
      fd: number(fd.fd) ?? -1,
      type: text(fd.type),
      name: text(fd.name),
    })),
  };
}

// Fields of the container plugin are data of the scenario: what it does not list is missing.
function readerOf(field: FieldRef, container: Record<string, unknown> | undefined) {
  if (!/^(container|k8s)\./.test(field.name)) return fieldReader(field.name, field.argument);
  const given = container?.[operandText(field)];
  if (given === undefined) return MISSING;
  // The scenario's own numbers do not follow from its other facts.
  if (UNDERIVED.has(field.name))
    return () => (typeof given === 'string' ? toBytes(given) : number(given));
  return fieldReader(field.name, field.argument);
}

const MISSING: Reader = () => undefined;
const UNDERIVED = new Set(['container.duration', 'container.healthcheck']);

function containerOf(fields: Record<string, unknown>) {
  const id = text(fields['container.id']);
  const full_id = id.padEnd(64, '0');
  const cgroup = id === 'host' ? '/' : containerGroup(text(fields['container.type']), full_id);
  const optional = (name: string) =>
    typeof fields[name] === 'string' ? toBytes(fields[name]) : undefined;
  const start = fields['container.start_ts'];
  const labels = new Map<string, string>();
  for (const [field, label] of Object.entries(LABELS)) {
    const value = optional(field);
    if (value !== undefined) labels.set(label, value);
  }
  const metadata: ContainerMetadata = {
    name: optional('container.name'),
    image: optional('container.image'),
    image_id: optional('container.image.id'),
    image_repository: optional('container.image.repository'),
    image_tag: optional('container.image.tag'),
    image_digest: optional('container.image.digest'),
    privileged: fields['container.privileged'] === true,
    mounts: mountsOf(text(fields['container.mounts'])),
    labels,
    ip: optional('container.ip'),
    start_ns: typeof start === 'string' ? BigInt(start) : undefined,
    type: optional('container.type'),
  };
  return { cgroup, full_id, metadata };
}

const LABELS = {
  'k8s.pod.name': 'io.kubernetes.pod.name',
  'k8s.ns.name': 'io.kubernetes.pod.namespace',
  'k8s.pod.uid': 'io.kubernetes.pod.uid',
};

function mountsOf(mounts: string) {
  if (mounts === '') return [];
  return mounts.split(',').map((one) => {
    const [source = '', destination = '', mode = '', writable, propagation = ''] = one.split(':');
    return { source, destination, mode, writable: writable === 'true', propagation };
  });
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
