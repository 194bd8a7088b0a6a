// What an alert says of process, user, file, network and container, whichever fields its rule asked
// for: the formats of other systems name these things, not Falco's fields.
import { isIP } from 'node:net';
import { posix } from 'node:path';
import { type AlertObject, isMapping, type JsonValue, textOf } from './alert-object.js';
import { type AttackFacts, attackFacts } from './attack-tags.js';

/** One process; `undefined` is what the alert does not say. */
export interface ProcessFacts {
  pid?: number;
  name?: string;
  executable?: string;
  commandLine?: string;
  /** Without the program itself. */
  args?: readonly string[];
  cwd?: string;
}

/** One end of a connection. */
export interface EndpointFacts {
  ip?: string;
  port?: number;
}

/** All that the formats name; the alert's other fields are in `others`. */
export interface AlertFacts extends AttackFacts {
  /** Unique over all hosts, or `undefined` for an alert without one. */
  eventId?: string;
  eventType?: string;
  failed?: boolean;
  process: ProcessFacts & { vpid?: number; tid?: number; entityId?: string; sha256?: string };
  parent: ProcessFacts;
  /** Programs of the ancestors, parent first. */
  lineage: readonly string[];
  user: { name?: string; id?: string; groupName?: string; groupId?: string };
  file?: {
    path: string;
    name: string;
    folder: string;
    kind: 'file' | 'dir' | 'other';
    target?: string;
  };
  network: {
    source: EndpointFacts;
    destination: EndpointFacts;
    transport?: string;
    version?: 4 | 6;
  };
  container?: {
    id: string;
    name?: string;
    runtime?: string;
    imageName?: string;
    imageTag?: string;
    imageId?: string;
    imageDigest?: string;
    privileged?: boolean;
  };
  pod?: { name?: string; namespace?: string; uid?: string };
  /** Fields that none of the above took, and all of `saker` that is not an id, as text. */
  others: ReadonlyMap<string, string>;
}

/** Sorts what an alert says. */
export function alertFacts(alert: AlertObject): AlertFacts {
  const fields = new FieldTaker(alert.fields);
  const saker = new FieldTaker(alert.saker);
  const pid = fields.integer('proc.pid') ?? saker.integer('pid');
  const startNs = saker.text('start_ns');
  const lineage = saker.list('lineage');
  const network = networkFacts(fields);
  const facts: AlertFacts = {
    eventId: saker.text('event_id'),
    eventType: fields.text('evt.type'),
    failed: fields.flag('evt.failed'),
    process: {
      pid,
      vpid: fields.integer('proc.vpid'),
      tid: fields.integer('thread.tid'),
      ...programFacts(fields, 'proc.'),
      args: fields.has('proc.args') ? fields.list('proc.args') : undefined,
      cwd: fields.text('proc.cwd'),
      entityId:
        pid === undefined || startNs === undefined
          ? undefined
          : `${alert.hostname}-${pid}-${startNs}`,
      sha256: fields.text('file.sha256[exepath]') ?? fields.text('file.sha256.exepath'),
    },
    parent: { pid: fields.integer('proc.ppid'), ...programFacts(fields, 'proc.p') },
    lineage,
    user: {
      name: fields.text('user.name'),
      id: fields.text('user.uid'),
      groupName: fields.text('group.name'),
      groupId: fields.text('group.gid'),
    },
    network,
    file: fileFacts(fields),
    container: containerFacts(fields),
    pod: podFacts(fields),
    ...attackFacts(alert.tags),
    others: new Map(),
  };
  facts.parent.executable ??= lineage[0];
  fields.drop('evt.time');
  saker.drop('pid');
  facts.others = new Map([
    ...fields.rest(),
    ...actionOf(alert.saker.get('action')),
    ...saker.rest().map(([key, value]): [string, string] => [`saker.${key}`, value]),
  ]);
  return facts;
}

// `saker.action` by parts, as everything here is text.
function actionOf(action: JsonValue | undefined): [string, string][] {
  if (!isMapping(action)) return [];
  return Object.entries(action).map(([key, value]) => [`saker.action.${key}`, textOf(value)]);
}

/** Takes fields one by one, and knows which were never taken. */
class FieldTaker {
  readonly #left: Map<string, JsonValue>;

  constructor(fields: ReadonlyMap<string, JsonValue>) {
    this.#left = new Map(fields);
  }

  has(name: string): boolean {
    return this.text(name, false) !== undefined;
  }

  /** `undefined` for a value that is missing or empty, and for Falco's word for it. */
  text(name: string, take = true): string | undefined {
    const text = textOf(this.#left.get(name));
    if (take) this.#left.delete(name);
    return text === '' || text === '<NA>' ? undefined : text;
  }

  /** Takes it only when it is an integer that a 64-bit signed field can hold, none below zero. */
  integer(name: string): number | undefined {
    const text = this.text(name, false);
    if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
    this.#left.delete(name);
    return Number(text);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name, false);
    if (text !== 'true' && text !== 'false') return undefined;
    this.#left.delete(name);
    return text === 'true';
  }

  list(name: string): string[] {
    const value = this.#left.get(name);
    this.#left.delete(name);
    if (Array.isArray(value)) return value.map(textOf);
    const text = textOf(value);
    return text === '' || text === '<NA>' ? [] : [text];
  }

  drop(name: string): void {
    this.#left.delete(name);
  }

  /** What was not taken and has a value. */
  rest(): [string, string][] {
    return [...this.#left.keys()].flatMap((name): [string, string][] => {
      const text = this.text(name, false);
      return text === undefined ? [] : [[name, text]];
    });
  }
}

function programFacts(fields: FieldTaker, prefix: 'proc.' | 'proc.p'): ProcessFacts {
  const path = fields.text(`${prefix}exepath`);
  return {
    name: fields.text(`${prefix}name`),
    // What the process calls itself stays where the kernel's path is known: the two may differ.
    executable: path ?? fields.text(`${prefix}exe`),
    commandLine: fields.text(`${prefix}cmdline`),
  };
}

function fileFacts(fields: FieldTaker): AlertFacts['file'] {
  const kind = fields.text('fd.type', false);
  const isFile = kind === undefined || kind === 'file' || kind === 'directory';
  const fromDescriptor = isFile ? absolute(fields.text('fd.name', false)) : undefined;
  const path = fromDescriptor ?? absolute(fields.text('fs.path.name', false));
  if (path === undefined) return undefined;
  fields.drop(path === fromDescriptor ? 'fd.name' : 'fs.path.name');
  if (path === fields.text('fs.path.name', false)) fields.drop('fs.path.name');
  return {
    path,
    name: posix.basename(path) || '/',
    folder: posix.dirname(path),
    kind: kind === 'directory' ? 'dir' : kind === 'file' ? 'file' : 'other',
    target: absolute(fields.text('fs.path.target', false)),
  };
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

function networkFacts(fields: FieldTaker): AlertFacts['network'] {
  const source = endpoint(fields, 'fd.cip', 'fd.cport');
  const destination = endpoint(fields, 'fd.sip', 'fd.sport');
  const [from, to] = tupleFacts(fields.text('fd.name', false));
  source.ip ??= from?.ip;
  source.port ??= from?.port;
  destination.ip ??= to?.ip;
  destination.port ??= to?.port;
  const version = isIP(source.ip ?? destination.ip ?? '');
  const transport = fields.text('fd.l4proto', false)?.toLowerCase();
  if (transport !== undefined && /^[a-z0-9-]{1,20}$/.test(transport)) fields.drop('fd.l4proto');
  return {
    source,
    destination,
    transport,
    version: version === 4 ? 4 : version === 6 ? 6 : undefined,
  };
}

// A field that holds no address stays among the others: strict indexes refuse the document.
function endpoint(fields: FieldTaker, ipField: string, portField: string): EndpointFacts {
  const ip = fields.text(ipField, false);
  const known = ip !== undefined && isIP(ip) !== 0;
  if (known) fields.drop(ipField);
  return { ip: known ? ip : undefined, port: portOf(fields.integer(portField)) };
}

function portOf(port: number | undefined): number | undefined {
  return port !== undefined && port <= 65535 ? port : undefined;
}

/** `10.0.0.1:4000->10.0.0.2:80`, the name of a connected socket. */
function tupleFacts(name: string | undefined): EndpointFacts[] {
  const ends = name?.split('->') ?? [];
  if (ends.length !== 2) return [];
  return ends.map((end) => {
    const at = end.lastIndexOf(':');
    const ip = end.slice(0, at).replace(/^\[|\]$/g, '');
    const port = end.slice(at + 1);
    return isIP(ip) === 0 || !/^\d{1,5}$/.test(port) ? {} : { ip, port: portOf(Number(port)) };
  });
}

function containerFacts(fields: FieldTaker): AlertFacts['container'] {
  const id = fields.text('container.id');
  const found = {
    name: fields.text('container.name'),
    runtime: fields.text('container.type'),
    imageName: fields.text('container.image.repository') ?? fields.text('container.image'),
    imageTag: fields.text('container.image.tag'),
    imageId: fields.text('container.image.id'),
    imageDigest: fields.text('container.image.digest'),
    privileged: fields.flag('container.privileged'),
  };
  // Falco's word for what runs in none; the other fields then say the same.
  return id === undefined || id === 'host' ? undefined : { id, ...found };
}

function podFacts(fields: FieldTaker): AlertFacts['pod'] {
  const pod = {
    name: fields.text('k8s.pod.name'),
    namespace: fields.text('k8s.ns.name'),
    uid: fields.text('k8s.pod.uid') ?? fields.text('k8s.pod.id'),
  };
  return Object.values(pod).every((value) => value === undefined) ? undefined : pod;
}
