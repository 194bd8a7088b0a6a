// `saker fields`: what conditions and outputs may use.

import { UsageError } from '../errors.js';
import { FIELDS, type FieldSpec, OWN_FIELDS } from '../rules/fields.js';
import { nearestName } from '../rules/nearest.js';
import { printableJson } from '../rules/source.js';
import { isAvailable } from './field-source.js';
import type { Console } from './flags.js';
import { table } from './table.js';

/** Prints the fields that begin with one of `prefixes`; all when there are none. */
export async function fields(
  prefixes: readonly string[],
  json: boolean,
  console: Console,
): Promise<number> {
  const listed = [...FIELDS, ...OWN_FIELDS].filter((one) => !one.hidden && !one.tableOnly);
  for (const prefix of prefixes)
    if (!listed.some(({ name }) => name.startsWith(prefix))) {
      const near = nearestName(prefix, [
        ...listed.map(({ name }) => name),
        ...listed.map((field) => field.class),
      ]);
      throw new UsageError('USAGE', `no field begins with ${prefix}`, {
        hint: near === undefined ? 'saker fields lists all' : `did you mean ${near}?`,
      });
    }
  const wanted = listed.filter(
    ({ name }) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  console.out(json ? `${printableJson(wanted.map(fieldJson))}\n` : fieldsText(wanted));
  return 0;
}

function fieldJson(field: FieldSpec): unknown {
  return {
    name: field.name,
    class: field.class,
    type: field.type,
    list: field.list,
    argument: field.argument,
    argument_kind: field.argumentKind ?? null,
    filter_only: field.filterOnly,
    deprecated: field.deprecated,
    available: isAvailable(field),
    description: field.description,
  };
}

function fieldsText(wanted: readonly FieldSpec[]): string {
  const rows = wanted.map((field) => [
    `${field.name}${ARGUMENTS[field.argument](field.argumentKind ?? 'text')}`,
    field.list ? `list of ${field.type}` : field.type,
    isAvailable(field) ? 'yes' : 'no',
    [
      field.description,
      ...(field.filterOnly ? ['(conditions only)'] : []),
      ...(field.deprecated ? ['(deprecated)'] : []),
    ].join(' '),
  ]);
  return table(['field', 'type', 'available', 'meaning'], rows);
}

const ARGUMENTS: Record<FieldSpec['argument'], (kind: string) => string> = {
  none: () => '',
  optional: (kind) => (kind.includes('name') ? `[.${kind}]` : `[${kind}]`),
  required: (kind) => (kind === 'name' ? '.NAME' : `[${kind}]`),
};
