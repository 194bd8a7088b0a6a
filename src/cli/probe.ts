// `saker probe`: what this kernel can do, found out by trying.

import type { HostFeatures } from '../bpf/features.js';
import { printableJson } from '../rules/source.js';
import type { Console } from './flags.js';
import { requireRoot } from './run.js';

/** Prints every feature; status 3 when one that the agent cannot do without is missing. */
export async function probe(json: boolean, console: Console): Promise<number> {
  requireRoot('saker probe');
  const { probeFeatures } = await import('../bpf/features.js');
  const found = probeFeatures();
  console.out(json ? `${printableJson(probeJson(found))}\n` : probeText(found));
  return able(found) ? 0 : 3;
}

/** The findings as plain data. */
export function probeJson(host: HostFeatures): unknown {
  return {
    kernel: host.kernel,
    architecture: host.architecture,
    cgroup: host.cgroup,
    lsm: host.lsm ?? null,
    ia32_calls: host.ia32_calls,
    memlock_bytes: Number.isFinite(host.memlock_bytes) ? host.memlock_bytes : null,
    able: able(host),
    features: Object.fromEntries(
      [...host.features].map(([name, { available, required, reason, remedy, title }]) => [
        name,
        { available, required, title, reason, remedy: remedy ?? null },
      ]),
    ),
  };
}

/** One line per feature, what to do about a missing one below it. */
export function probeText(host: HostFeatures): string {
  const features = [...host.features.values()];
  const width = Math.max(...features.map(({ name }) => name.length));
  const lines = [
    `kernel ${host.kernel} ${host.architecture}, cgroup ${host.cgroup}, ` +
      `security modules: ${host.lsm?.join(' ') ?? 'not told'}`,
    '',
  ];
  for (const { name, title, available, required, reason, remedy } of features) {
    const state = available ? 'yes' : required ? 'NO ' : 'no ';
    const detail = reason === '' ? title : `${title}: ${reason}`;
    lines.push(`${state}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) lines.push(`${' '.repeat(width + 7)}${remedy}`);
  }
  lines.push(
    '',
    able(host) ? 'saker run works here' : 'saker run does not work here, see NO above',
  );
  return `${lines.join('\n')}\n`;
}

function able(host: HostFeatures): boolean {
  return [...host.features.values()].every(({ available, required }) => available || !required);
}
