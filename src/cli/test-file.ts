// A test file: which rules, which host, which events, and which alerts they must and must not give.

import { dirname, resolve } from 'node:path';
import { Section, type Where } from '../config/section.js';
import { parseYamlDocument } from '../config/yaml-document.js';
import type { ScenarioEvent } from '../decode/scenario.js';
import { SCENARIO_START_NS } from '../decode/scenario.js';
import { givenCall } from '../decode/scenario-call.js';
import { capabilitySet } from '../enrich/capabilities.js';
import type { ScenarioHostOptions } from '../enrich/scenario.js';
import { ScenarioError } from '../errors.js';
import { eventNamed, typeNumber } from '../rules/events.js';
import { didYouMean } from '../rules/nearest.js';
import { TestHost } from './test-host.js';

/** One test: what happens, and what must come of it. */
export interface RuleTest {
  name: string;
  /** `FILE:LINE:COLUMN`. */
  place: string;
  host: ScenarioHostOptions;
  events: readonly ScenarioEvent[];
  /** Each must be among the alerts. */
  alerts: readonly WantedAlert[];
  /** Rules that must not alert. */
  noAlerts: readonly string[];
  /** No alerts but those of `alerts`. */
  nothingElse: boolean;
}

/** What an alert must be like. */
export interface WantedAlert {
  rule: string;
  /** Number of the event, from 1; `undefined`: any. */
  event?: number;
  /** Part of the message. */
  output?: string;
  /** Values among `output_fields`, as text. */
  fields: Readonly<Record<string, string>>;
}

/** A file of tests; with problems it holds nothing to run. */
export interface TestFile {
  name: string;
  /** Rule files and folders. */
  rules: readonly string[];
  /** `FILE:LINE:COLUMN: ` of where it names them. */
  rulesPlace: string;
  runDisabled: boolean;
  tests: readonly RuleTest[];
  problems: readonly string[];
}

/** Reads the text of a test file called `name`; what is wrong with it is among `problems`. */
export function parseTestFile(text: string, name: string): TestFile {
  const { tree, where, problems } = parseYamlDocument(text, name, true);
  const file = {
    name,
    rules: [],
    rulesPlace: where(['rules']),
    runDisabled: false,
    tests: [],
    problems,
  };
  if (problems.length > 0) return file;
  const top = new Section(tree, [], where, problems);
  const rules = top.texts('rules').map((path) => resolve(dirname(name), path));
  if (rules.length === 0) top.refuse(undefined, 'needs rules, the files to be tested');
  const runDisabled = top.flag('run_disabled', false);
  const host = new TestHost();
  host.read(top);
  const tests = top
    .sections('tests')
    .map((one, index) => readTest(one, new TestHost(host), index, where, problems));
  if (tests.length === 0) top.refuse(undefined, 'needs tests');
  top.close();
  return { ...file, rules, runDisabled, tests };
}

function readTest(
  one: Section,
  host: TestHost,
  index: number,
  where: Where,
  problems: string[],
): RuleTest {
  const path = ['tests', index];
  const name = one.text('test', '');
  if (name === '') one.refuse(undefined, 'needs test, the sentence that it proves');
  host.read(one);
  const reader = new EventReader(host, where, problems);
  const events = one
    .list('events')
    .flatMap((value, at) => reader.read(value, [...path, 'events', at]) ?? []);
  if (one.list('events').length === 0) one.refuse(undefined, 'needs events');
  if (!one.has('alerts') && !one.has('no_alerts')) {
    one.refuse(undefined, 'needs alerts or no_alerts');
  }
  const noAlerts = one.texts('no_alerts');
  const nothingElse = noAlerts.length === 1 && noAlerts[0] === 'others';
  const test: RuleTest = {
    name,
    place: where(path).replace(/: $/, ''),
    host: host.options(),
    events,
    alerts: readAlerts(one),
    noAlerts: nothingElse ? [] : noAlerts,
    nothingElse,
  };
  one.close();
  return test;
}

// A rule's name, or a mapping that says more.
function readAlerts(one: Section): WantedAlert[] {
  return one.list('alerts').map((item, index) => {
    if (typeof item === 'string') return { rule: item, fields: {} };
    const given = one.sectionAt('alerts', index);
    const wanted: WantedAlert = { rule: given.text('rule', ''), fields: given.textMap('fields') };
    if (wanted.rule === '') given.refuse(undefined, 'needs rule');
    if (given.has('event')) wanted.event = given.integer('event', 1);
    if (given.has('output')) wanted.output = given.text('output', '');
    given.close();
    return wanted;
  });
}

/** Reads `{openat: {name: ...}, pid: 30}`, or `{type: openat, tid: 30, params: {...}}`. */
class EventReader {
  private time_ns = SCENARIO_START_NS;
  private nextFd = 3;
  private readonly known: Set<number>;

  constructor(
    private readonly host: TestHost,
    private readonly where: Where,
    private readonly problems: string[],
  ) {
    this.known = new Set(host.tids());
  }

  read(value: unknown, path: readonly (string | number)[]): ScenarioEvent | undefined {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const given = new Map<string, unknown>(entries);
    const types = [...given.keys()].filter((key) => !META.includes(key));
    const [type = given.has('type') ? String(given.get('type')) : undefined] = types;
    const odd = given.has('type')
      ? types[0]
      : types.find((key) => types.length > 1 && !isEvent(key));
    if (odd !== undefined) {
      return this.refuse([...path, odd], `unknown key ${odd}${didYouMean(odd, META)}`);
    }
    if (type === undefined || types.length > 1) {
      return this.refuse(path, 'expected one event, such as openat: {name: /etc/shadow}');
    }
    if (!isEvent(type)) {
      return this.refuse([...path, type], `no event is called ${type}${didYouMean(type, COMMON)}`);
    }
    const params = given.has('type') ? given.get('params') : given.get(type);
    if (
      params !== null &&
      params !== undefined &&
      (typeof params !== 'object' || Array.isArray(params))
    ) {
      return this.refuse([...path, type], 'expected parameters, such as {name: /etc/shadow}');
    }
    const tid = Number(given.get('tid') ?? given.get('pid') ?? this.host.actor ?? 0);
    if (!this.known.has(tid)) {
      const listed = [...this.known].join(', ');
      const message = `no process has the pid ${tid}; there are ${listed}`;
      return this.refuse(path, listed === '' ? 'needs processes: somebody must act' : message);
    }
    this.time_ns = this.timeOf(given, path);
    const inside = given.has('type') ? [...path, 'params'] : [...path, type];
    const event = { type, tid, params: this.params(type, params ?? {}, inside), ts: this.time_ns };
    if (/^(clone3?|v?fork)$/.test(type)) this.known.add(Number(event.params.res));
    this.time_ns += STEP_NS;
    return event;
  }

  // `result` stands for what the call returned, whatever the event's own name for that is.
  private params(
    type: string,
    given: object,
    path: readonly (string | number)[],
  ): Record<string, unknown> {
    const params: Record<string, unknown> = {};
    const spec = eventNamed(type);
    const result = spec?.params[0]?.name === 'fd' ? 'fd' : 'res';
    for (const [name, value] of Object.entries(given)) {
      const key = name === 'result' ? result : name;
      const param = spec?.params.find((one) => one.name === key);
      if (param?.type === 'UID') params[key] = this.host.users.get(String(value)) ?? value;
      else if (param?.type === 'GID') params[key] = this.host.groups.get(String(value)) ?? value;
      else if (key.startsWith('cap_')) params[key] = capabilitiesOf(value);
      else params[key] = value;
      this.check(type, { [key]: params[key] }, [...path, name]);
    }
    if (result === 'fd' && params.fd === undefined && MAKES_DESCRIPTORS.test(type)) {
      params.fd = this.nextFd;
      this.nextFd += 1;
    }
    return params;
  }

  // What is wrong with a parameter by itself is told at its place, before anything is played.
  private check(
    type: string,
    param: Record<string, unknown>,
    path: readonly (string | number)[],
  ): void {
    if (type === 'procexit') return;
    try {
      givenCall(type, param);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      this.refuse(path, error.message);
    }
  }

  private timeOf(given: ReadonlyMap<string, unknown>, path: readonly (string | number)[]): bigint {
    const after = given.get('after_ms');
    if (typeof after === 'number') return this.time_ns + BigInt(Math.round(after * 1e6)) - STEP_NS;
    if (after !== undefined) this.refuse([...path, 'after_ms'], 'expected a number');
    const ts = given.get('ts');
    if (ts === undefined) return this.time_ns;
    if (/^\d{1,20}$/.test(String(ts))) return BigInt(String(ts));
    this.refuse([...path, 'ts'], 'expected nanoseconds since 1970');
    return this.time_ns;
  }

  private refuse(path: readonly (string | number)[], message: string): undefined {
    this.problems.push(`${this.where(path)}${message}`);
  }
}

const META = ['pid', 'tid', 'type', 'params', 'ts', 'after_ms'];
const STEP_NS = 10_000_000n;
const MAKES_DESCRIPTORS = /^(open|creat|socket$|accept|memfd_create|pidfd_open|bpf)/;
// Near names are looked for among these: what rules are about.
const COMMON =
  'open openat openat2 creat execve execveat connect accept accept4 bind listen socket sendto sendmsg recvfrom recvmsg read write close dup dup2 dup3 rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir chmod fchmod fchmodat chown fchownat link linkat symlink symlinkat setuid setgid setreuid setresuid capset ptrace clone clone3 fork vfork procexit chdir fchdir mount umount2 unshare setns bpf init_module finit_module delete_module memfd_create userfaultfd io_uring_setup perf_event_open process_vm_writev kill prctl mmap mprotect'.split(
    ' ',
  );

function isEvent(name: string): boolean {
  return typeNumber(name) !== undefined;
}

function capabilitiesOf(value: unknown): unknown {
  const names = Array.isArray(value) ? value : [value];
  if (!names.every((name) => typeof name === 'string')) return value;
  return capabilitySet(names) ?? value;
}
