// The fields of other systems that our formats use, with type and allowed values, as the published
// schemas give them: the truth against which the formats are tested.
//
// ECS 8.11: https://www.elastic.co/guide/en/ecs/8.11/ecs-field-reference.html
// OCSF 1.5.0: https://schema.ocsf.io/1.5.0/classes/detection_finding
// CEF: "Common Event Format", version 26, the chapter on the extension dictionary

/** A field of ECS: Elasticsearch's type, whether it is always a list, its allowed values. */
export interface EcsField {
  type: 'date' | 'keyword' | 'long' | 'ip' | 'boolean' | 'text' | 'wildcard';
  level: 'core' | 'extended';
  list?: true;
  required?: true;
  values?: readonly string[];
}

const keyword: EcsField = { type: 'keyword', level: 'core' };
const extended: EcsField = { type: 'keyword', level: 'extended' };
const keywords: EcsField = { type: 'keyword', level: 'extended', list: true };
const long: EcsField = { type: 'long', level: 'core' };
const longExtended: EcsField = { type: 'long', level: 'extended' };
const address: EcsField = { type: 'ip', level: 'core' };

/** By dotted path; below `labels` every key is allowed, with a text as value. */
export const ECS_FIELDS: Readonly<Record<string, EcsField>> = {
  '@timestamp': { type: 'date', level: 'core', required: true },
  message: { type: 'text', level: 'core' },
  tags: { ...keywords, level: 'core' },
  'agent.name': keyword,
  'agent.type': keyword,
  'agent.version': keyword,
  'container.id': keyword,
  'container.image.hash.all': keywords,
  'container.image.name': extended,
  'container.image.tag': keywords,
  'container.name': extended,
  'container.runtime': extended,
  'container.security_context.privileged': { type: 'boolean', level: 'extended' },
  'destination.address': extended,
  'destination.ip': address,
  'destination.port': long,
  'ecs.version': { ...keyword, required: true },
  'event.action': keyword,
  'event.category': {
    ...keywords,
    level: 'core',
    values: [
      'api',
      'authentication',
      'configuration',
      'database',
      'driver',
      'email',
      'file',
      'host',
      'iam',
      'intrusion_detection',
      'library',
      'malware',
      'network',
      'package',
      'process',
      'registry',
      'session',
      'threat',
      'vulnerability',
      'web',
    ],
  },
  'event.dataset': keyword,
  'event.id': keyword,
  'event.kind': {
    ...keyword,
    values: [
      'alert',
      'asset',
      'enrichment',
      'event',
      'metric',
      'state',
      'pipeline_error',
      'signal',
    ],
  },
  'event.module': keyword,
  'event.outcome': { ...keyword, values: ['failure', 'success', 'unknown'] },
  'event.provider': extended,
  'event.severity': long,
  'event.type': {
    ...keywords,
    level: 'core',
    values: [
      'access',
      'admin',
      'allowed',
      'change',
      'connection',
      'creation',
      'deletion',
      'denied',
      'end',
      'error',
      'group',
      'indicator',
      'info',
      'installation',
      'protocol',
      'start',
      'user',
    ],
  },
  'file.directory': extended,
  'file.name': extended,
  'file.path': extended,
  'file.target_path': extended,
  'file.type': { ...extended, values: ['file', 'dir', 'symlink'] },
  'host.hostname': keyword,
  'host.name': keyword,
  'log.level': keyword,
  'network.transport': keyword,
  'network.type': keyword,
  'orchestrator.namespace': extended,
  'orchestrator.resource.id': extended,
  'orchestrator.resource.name': extended,
  'orchestrator.resource.type': extended,
  'orchestrator.type': extended,
  'process.args': keywords,
  'process.args_count': longExtended,
  'process.command_line': { type: 'wildcard', level: 'extended' },
  'process.entity_id': extended,
  'process.executable': extended,
  'process.hash.sha256': extended,
  'process.name': extended,
  'process.parent.args': keywords,
  'process.parent.args_count': longExtended,
  'process.parent.command_line': { type: 'wildcard', level: 'extended' },
  'process.parent.executable': extended,
  'process.parent.name': extended,
  'process.parent.pid': long,
  'process.pid': long,
  'process.thread.id': longExtended,
  'process.vpid': long,
  'process.working_directory': extended,
  'related.hash': keywords,
  'related.hosts': keywords,
  'related.ip': { type: 'ip', level: 'extended', list: true },
  'related.user': keywords,
  'rule.name': extended,
  'source.address': extended,
  'source.ip': address,
  'source.port': long,
  'threat.framework': extended,
  'threat.tactic.id': keywords,
  'threat.tactic.name': keywords,
  'threat.technique.id': keywords,
  'threat.technique.subtechnique.id': keywords,
  'user.group.id': extended,
  'user.group.name': extended,
  'user.id': keyword,
  'user.name': keyword,
};

/** Which types an event of a category may have. */
export const ECS_TYPES: Readonly<Record<string, readonly string[]>> = {
  driver: ['change', 'end', 'info', 'start'],
  file: ['access', 'change', 'creation', 'deletion', 'info'],
  host: ['access', 'change', 'end', 'info', 'start'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  network: ['access', 'allowed', 'connection', 'denied', 'end', 'info', 'protocol', 'start'],
  process: ['access', 'change', 'end', 'info', 'start'],
};

/** An attribute of an OCSF object: a scalar type or the name of an object; `[]` is a list. */
export interface OcsfAttribute {
  type: string;
  required?: true;
  values?: readonly number[];
}

const text: OcsfAttribute = { type: 'string' };
const integer: OcsfAttribute = { type: 'integer' };
const name: OcsfAttribute = { type: 'string', required: true };

function ids(...values: number[]): OcsfAttribute {
  return { type: 'integer', required: true, values };
}

/** By object; `detection_finding` is the class itself. */
export const OCSF_OBJECTS: Readonly<Record<string, Readonly<Record<string, OcsfAttribute>>>> = {
  detection_finding: {
    activity_id: ids(0, 1, 2, 3, 99),
    activity_name: text,
    category_name: text,
    category_uid: ids(2),
    class_name: text,
    class_uid: ids(2004),
    device: { type: 'device' },
    evidences: { type: 'evidences[]' },
    finding_info: { type: 'finding_info', required: true },
    is_alert: { type: 'boolean' },
    message: text,
    metadata: { type: 'metadata', required: true },
    severity: text,
    severity_id: ids(0, 1, 2, 3, 4, 5, 6, 99),
    status: text,
    status_id: { type: 'integer', values: [0, 1, 2, 3, 4, 5, 6, 99] },
    time: { type: 'integer', required: true },
    type_name: text,
    type_uid: ids(200400, 200401, 200402, 200403, 200499),
    unmapped: { type: 'object' },
  },
  actor: { process: { type: 'process' }, user: { type: 'user' } },
  analytic: {
    name: text,
    type: text,
    type_id: ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99),
  },
  attack: {
    sub_technique: { type: 'sub_technique' },
    tactic: { type: 'tactic' },
    technique: { type: 'technique' },
  },
  container: {
    image: { type: 'image' },
    name: text,
    orchestrator: text,
    pod_uuid: text,
    runtime: text,
    uid: text,
  },
  device: {
    hostname: text,
    os: { type: 'os' },
    type: text,
    type_id: ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 99),
  },
  evidences: {
    actor: { type: 'actor' },
    connection_info: { type: 'network_connection_info' },
    container: { type: 'container' },
    dst_endpoint: { type: 'network_endpoint' },
    file: { type: 'file' },
    process: { type: 'process' },
    src_endpoint: { type: 'network_endpoint' },
  },
  file: { name, path: text, type: text, type_id: ids(0, 1, 2, 3, 4, 5, 6, 7, 99) },
  finding_info: {
    analytic: { type: 'analytic' },
    attacks: { type: 'attack[]' },
    created_time: integer,
    data_sources: { type: 'string[]' },
    desc: text,
    title: text,
    uid: name,
  },
  group: { name: text, uid: text },
  image: { name: text, tag: text, uid: name },
  metadata: {
    event_code: text,
    labels: { type: 'string[]' },
    log_name: text,
    original_time: text,
    product: { type: 'product', required: true },
    uid: text,
    version: name,
  },
  network_connection_info: {
    direction: text,
    direction_id: ids(0, 1, 2, 3, 99),
    protocol_name: text,
    protocol_ver: text,
    protocol_ver_id: { type: 'integer', values: [0, 4, 6, 99] },
  },
  network_endpoint: { ip: text, port: integer },
  os: { name, type: text, type_id: ids(0, 99, 100, 101, 200, 201, 300, 301, 302, 400, 401, 402) },
  process: {
    cmd_line: text,
    file: { type: 'file' },
    lineage: { type: 'string[]' },
    name: text,
    parent_process: { type: 'process' },
    path: text,
    pid: integer,
    tid: integer,
    uid: text,
    user: { type: 'user' },
    working_directory: text,
  },
  product: { name: text, vendor_name: text, version: text },
  sub_technique: { name: text, uid: text },
  tactic: { name: text, uid: text },
  technique: { name: text, uid: text },
  user: { groups: { type: 'group[]' }, name: text, uid: text },
};

/** Of these attributes at least one is asked for. */
export const OCSF_ONE_OF: Readonly<Record<string, readonly string[]>> = {
  actor: ['process', 'user'],
  attack: ['tactic', 'technique', 'sub_technique'],
  evidences: ['actor', 'connection_info', 'dst_endpoint', 'file', 'process', 'src_endpoint'],
  network_endpoint: ['ip'],
  process: ['pid', 'uid'],
  user: ['name', 'uid'],
};

/** Keys of a CEF extension: what the value is, and its greatest length. */
export const CEF_KEYS: Readonly<
  Record<string, { type: 'text' | 'integer' | 'ipv4' | 'ipv6'; limit: number }>
> = {
  act: { type: 'text', limit: 63 },
  c6a2: { type: 'ipv6', limit: 45 },
  c6a2Label: { type: 'text', limit: 1023 },
  c6a3: { type: 'ipv6', limit: 45 },
  c6a3Label: { type: 'text', limit: 1023 },
  cat: { type: 'text', limit: 1023 },
  cn1: { type: 'integer', limit: 20 },
  cn1Label: { type: 'text', limit: 1023 },
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].flatMap((n) => [
      [`cs${n}`, { type: 'text', limit: 4000 }],
      [`cs${n}Label`, { type: 'text', limit: 1023 }],
    ]),
  ),
  dpt: { type: 'integer', limit: 5 },
  dst: { type: 'ipv4', limit: 15 },
  dvchost: { type: 'text', limit: 100 },
  externalId: { type: 'text', limit: 40 },
  filePath: { type: 'text', limit: 1023 },
  fname: { type: 'text', limit: 1023 },
  msg: { type: 'text', limit: 1023 },
  outcome: { type: 'text', limit: 63 },
  proto: { type: 'text', limit: 31 },
  rt: { type: 'integer', limit: 20 },
  spid: { type: 'integer', limit: 20 },
  spt: { type: 'integer', limit: 5 },
  sproc: { type: 'text', limit: 1023 },
  src: { type: 'ipv4', limit: 15 },
  suid: { type: 'text', limit: 1023 },
  suser: { type: 'text', limit: 1023 },
};
