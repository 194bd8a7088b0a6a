// An alert as a Detection Finding (class 2004) of the Open Cybersecurity Schema Framework 1.5.
// https://schema.ocsf.io/1.5.0/classes/detection_finding
import {
  type AlertFacts,
  alertFacts,
  type EndpointFacts,
  type ProcessFacts,
} from './alert-facts.js';
import type { AlertObject } from './alert-object.js';
import { type JsonTree, jsonLine } from './json-line.js';

/** The version of the schema that documents carry in `metadata.version`. */
export const OCSF_VERSION = '1.5.0';

/** One line of JSON; what the class has no attribute for is in `unmapped`. */
export function asOcsf(alert: AlertObject, version: string): string {
  const facts = alertFacts(alert);
  const [severity_id, severity] = SEVERITIES[alert.level] ?? [0, 'Unknown'];
  return jsonLine({
    activity_id: 1,
    activity_name: 'Create',
    category_name: 'Findings',
    category_uid: 2,
    class_name: 'Detection Finding',
    class_uid: 2004,
    device: {
      hostname: alert.hostname || undefined,
      os: { name: 'Linux', type: 'Linux', type_id: 200 },
      type: 'Unknown',
      type_id: 0,
    },
    evidences: evidencesOf(facts),
    finding_info: {
      analytic: { name: alert.rule, type: 'Rule', type_id: 1 },
      attacks: attacksOf(facts),
      created_time: alert.time_ms,
      data_sources: alert.source === '' ? undefined : [alert.source],
      desc: alert.message,
      title: alert.rule,
      // An alert of an older agent has no id of its own.
      uid: facts.eventId ?? `${alert.hostname}-${alert.time}-${alert.rule}`,
    },
    is_alert: true,
    message: alert.message,
    metadata: {
      event_code: facts.eventType,
      labels: alert.tags.length > 0 ? alert.tags : undefined,
      log_name: alert.source || undefined,
      original_time: alert.time,
      product: { name: 'Saker', vendor_name: 'Saker', version },
      uid: facts.eventId,
      version: OCSF_VERSION,
    },
    severity,
    severity_id,
    status: 'New',
    status_id: 1,
    time: alert.time_ms,
    type_name: 'Detection Finding: Create',
    type_uid: 200401,
    unmapped: unmappedOf(facts),
  });
}

/** By priority, Emergency first. */
const SEVERITIES: readonly (readonly [number, string])[] = [
  [6, 'Fatal'],
  [5, 'Critical'],
  [5, 'Critical'],
  [4, 'High'],
  [3, 'Medium'],
  [2, 'Low'],
  [1, 'Informational'],
  [1, 'Informational'],
];

function evidencesOf(facts: AlertFacts): JsonTree {
  const process = processOf(facts);
  const user = userOf(facts);
  const { source, destination, version } = facts.network;
  const hasNetwork = source.ip !== undefined || destination.ip !== undefined;
  const evidence = {
    actor: process === undefined && user === undefined ? undefined : { process, user },
    connection_info: hasNetwork
      ? {
          direction: 'Unknown',
          direction_id: 0,
          protocol_name: facts.network.transport,
          protocol_ver: version && `Internet Protocol version ${version} (IPv${version})`,
          protocol_ver_id: version,
        }
      : undefined,
    container: containerOf(facts),
    dst_endpoint: endpointOf(destination),
    file: facts.file && fileOf(facts.file.path, facts.file.name, FILE_TYPES[facts.file.kind]),
    process,
    src_endpoint: endpointOf(source),
  };
  // One of these at least is asked for; a container alone is no evidence.
  const found = [evidence.actor, evidence.dst_endpoint, evidence.src_endpoint, evidence.file];
  return found.some((part) => part !== undefined) ? [evidence] : undefined;
}

function processOf(facts: AlertFacts): JsonTree {
  const { process } = facts;
  // A process without a number cannot be told from another.
  if (process.pid === undefined) return undefined;
  return {
    ...programOf(process),
    lineage: facts.lineage.length > 0 ? facts.lineage : undefined,
    parent_process: facts.parent.pid === undefined ? undefined : programOf(facts.parent),
    tid: process.tid,
    uid: process.entityId,
    user: userOf(facts),
    working_directory: process.cwd,
  };
}

function programOf({ pid, name, executable, commandLine }: ProcessFacts): {
  [key: string]: JsonTree;
} {
  return {
    cmd_line: commandLine,
    file: executable === undefined ? undefined : fileOf(executable, baseName(executable), REGULAR),
    name,
    path: executable,
    pid,
  };
}

function userOf({ user }: AlertFacts): JsonTree {
  if (user.id === undefined && user.name === undefined) return undefined;
  const group = user.groupId !== undefined || user.groupName !== undefined;
  return {
    groups: group ? [{ name: user.groupName, uid: user.groupId }] : undefined,
    name: user.name,
    uid: user.id,
  };
}

type FileType = readonly [number, string];
const REGULAR: FileType = [1, 'Regular File'];
const FILE_TYPES: Readonly<Record<'file' | 'dir' | 'other', FileType>> = {
  file: REGULAR,
  dir: [2, 'Folder'],
  other: [0, 'Unknown'],
};

function fileOf(path: string, name: string, [type_id, type]: FileType): JsonTree {
  return { name, path, type, type_id };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function endpointOf({ ip, port }: EndpointFacts): JsonTree {
  return ip === undefined ? undefined : { ip, port };
}

function containerOf({ container, pod }: AlertFacts): JsonTree {
  if (container === undefined) return undefined;
  const { imageName: name, imageTag: tag } = container;
  const uid = container.imageDigest ?? container.imageId ?? (name && `${name}:${tag ?? ''}`);
  return {
    image: uid === undefined ? undefined : { name, tag, uid },
    name: container.name,
    orchestrator: pod && 'kubernetes',
    pod_uuid: pod?.uid,
    runtime: container.runtime,
    uid: container.id,
  };
}

function attacksOf({ tactics, techniques }: AlertFacts): JsonTree {
  const attacks: JsonTree[] = [
    ...tactics.map(({ id, name }) => ({ tactic: { name, uid: id } })),
    ...techniques.map(({ id, subId }) => ({
      sub_technique: subId === undefined ? undefined : { uid: subId },
      technique: { uid: id },
    })),
  ];
  return attacks.length > 0 ? attacks : undefined;
}

function unmappedOf({ others, pod, process, file, container }: AlertFacts): JsonTree {
  const more: [string, string | undefined][] = [
    ['k8s.ns.name', pod?.namespace],
    ['k8s.pod.name', pod?.name],
    ['proc.vpid', process.vpid === undefined ? undefined : String(process.vpid)],
    ['file.sha256', process.sha256],
    ['fs.path.target', file?.target],
    ['container.privileged', container?.privileged?.toString()],
  ];
  return Object.fromEntries([...others, ...more]);
}
