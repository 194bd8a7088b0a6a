// An alert as a document of the Elastic Common Schema 8.11, for Elasticsearch and OpenSearch.
// https://www.elastic.co/guide/en/ecs/8.11/ecs-field-reference.html
import { type AlertFacts, alertFacts, type ProcessFacts } from './alert-facts.js';
import type { AlertObject } from './alert-object.js';
import type { AttackFacts } from './attack-tags.js';
import { type JsonTree, jsonLine } from './json-line.js';

/** The version of the schema that documents carry in `ecs.version`. */
export const ECS_VERSION = '8.11.0';

/**
 * One line of JSON. What the schema has no field for goes to `labels`, with an underscore in the
 * place of what is no letter or digit: a dot would make objects of them.
 */
export function asEcs(alert: AlertObject, version: string): string {
  const facts = alertFacts(alert);
  const { user, container, pod, network } = facts;
  const [category, type] = categoryOf(facts);
  return jsonLine({
    '@timestamp': alert.time,
    agent: { type: 'saker', version, name: alert.hostname || undefined },
    container: container && {
      id: container.id,
      name: container.name,
      runtime: container.runtime,
      image: {
        name: container.imageName,
        tag: container.imageTag && [container.imageTag],
        hash: { all: container.imageDigest && [container.imageDigest] },
      },
      security_context: { privileged: container.privileged },
    },
    destination: { address: network.destination.ip, ...network.destination },
    ecs: { version: ECS_VERSION },
    event: {
      action: facts.eventType,
      category:
        category === undefined ? ['intrusion_detection'] : ['intrusion_detection', category],
      dataset: 'saker.alerts',
      id: facts.eventId,
      kind: 'alert',
      module: 'saker',
      outcome: facts.failed === undefined ? undefined : facts.failed ? 'failure' : 'success',
      provider: alert.source || undefined,
      severity: SEVERITIES[alert.level],
      type: [type],
    },
    file: facts.file && {
      directory: facts.file.folder,
      name: facts.file.name,
      path: facts.file.path,
      target_path: facts.file.target,
      type: facts.file.kind === 'other' ? undefined : facts.file.kind,
    },
    host: { hostname: alert.hostname || undefined, name: alert.hostname || undefined },
    labels: labelsOf(facts),
    log: { level: alert.priority.toLowerCase() || undefined },
    message: alert.message,
    network: { transport: network.transport, type: network.version && `ipv${network.version}` },
    orchestrator: pod && {
      namespace: pod.namespace,
      resource: { id: pod.uid, name: pod.name, type: pod.name && 'pod' },
      type: 'kubernetes',
    },
    process: processOf(facts),
    related: relatedOf(alert, facts),
    rule: { name: alert.rule },
    source: { address: network.source.ip, ...network.source },
    tags: alert.tags.length > 0 ? alert.tags : undefined,
    threat: threatOf(facts),
    user: {
      id: user.id,
      name: user.name,
      group: { id: user.groupId, name: user.groupName },
    },
  });
}

/** As Elastic's own rules grade: 21 low, 47 medium, 73 high, 99 critical; by priority. */
const SEVERITIES = [99, 99, 99, 73, 47, 21, 21, 21];

function processOf({ process, parent, lineage }: AlertFacts): JsonTree {
  return {
    ...programOf(process),
    entity_id: process.entityId,
    hash: { sha256: process.sha256 },
    thread: { id: process.tid },
    vpid: process.vpid,
    working_directory: process.cwd,
    parent: programOf({ ...parent, executable: parent.executable ?? lineage[0] }),
  };
}

function programOf(program: ProcessFacts): { [key: string]: JsonTree } {
  // The schema counts the program as the first argument.
  const first = program.executable ?? program.name;
  const args = program.args && first !== undefined ? [first, ...program.args] : undefined;
  return {
    args,
    args_count: args?.length,
    command_line: program.commandLine,
    executable: program.executable,
    name: program.name,
    pid: program.pid,
  };
}

function relatedOf(alert: AlertObject, { network, user, process }: AlertFacts): JsonTree {
  return {
    hash: listOf([process.sha256]),
    hosts: listOf([alert.hostname]),
    ip: listOf([network.source.ip, network.destination.ip]),
    user: listOf([user.name]),
  };
}

/** Each known value once; nothing at all when none is known. */
function listOf(values: readonly (string | undefined)[]): JsonTree {
  const known = [...new Set(values.filter((value) => value !== undefined && value !== ''))];
  return known.length > 0 ? known : undefined;
}

function threatOf({ tactics, techniques }: AttackFacts): JsonTree {
  if (tactics.length === 0 && techniques.length === 0) return undefined;
  const subIds = techniques.flatMap(({ subId }) => (subId === undefined ? [] : [subId]));
  const ids = [...new Set(techniques.map(({ id }) => id))];
  return {
    framework: 'MITRE ATT&CK',
    tactic: {
      id: listOf(tactics.map(({ id }) => id)),
      name: listOf(tactics.map(({ name }) => name)),
    },
    technique: { id: listOf(ids), subtechnique: { id: listOf(subIds) } },
  };
}

function labelsOf({ others, lineage }: AlertFacts): JsonTree {
  const labels: { [key: string]: JsonTree } = {};
  for (const [name, value] of others) labels[labelName(name)] = value;
  if (lineage.length > 0) labels.saker_lineage = lineage.join(' < ');
  return labels;
}

function labelName(field: string): string {
  return field.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '') || 'unnamed';
}

/** `event.category` and `event.type`; their allowed pairs are part of the schema. */
function categoryOf({ eventType = '' }: AlertFacts): [string | undefined, string] {
  return CATEGORIES.find(([calls]) => calls.test(eventType))?.[1] ?? [undefined, 'info'];
}

const CATEGORIES: readonly [RegExp, [string, string]][] = [
  [/^(execve(at)?|v?fork|clone3?)$/, ['process', 'start']],
  [/^procexit$/, ['process', 'end']],
  [/^(t?g?kill|ptrace|prctl|signaldeliver|process_vm_.*|set.*[ug]id|capset)$/, ['process', 'info']],
  [/^(open|openat|openat2|creat|open_by_handle_at|read|pread.*)$/, ['file', 'access']],
  [/^(unlink|unlinkat|rmdir)$/, ['file', 'deletion']],
  [/^(mkdir|mkdirat|link|linkat|symlink|symlinkat|mknod|mknodat)$/, ['file', 'creation']],
  [/^(rename.*|f?chmod.*|[fl]?chown.*|f?truncate|.*xattr|write|pwrite.*)$/, ['file', 'change']],
  [/^(connect|accept4?)$/, ['network', 'start']],
  [/^(bind|listen|socket|send.*|recv.*)$/, ['network', 'info']],
  [/^(f?init_module)$/, ['driver', 'start']],
  [/^(delete_module)$/, ['driver', 'end']],
  [/^(mount|umount2?|pivot_root|move_mount|fsmount)$/, ['host', 'change']],
];
