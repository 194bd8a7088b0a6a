// What published schemas do not allow in a line of ECS, OCSF or CEF.
import { isIPv4, isIPv6 } from 'node:net';
import { type JsonValue, parseJson, textOf } from '../../../src/output/alert-object.js';
import {
  CEF_KEYS,
  ECS_FIELDS,
  ECS_TYPES,
  OCSF_OBJECTS,
  OCSF_ONE_OF,
  type OcsfAttribute,
} from './schema-fields.js';

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Error when the line is no JSON object */
export function objectOf(line: string | undefined): JsonObject {
  const value = parseJson(line ?? '');
  if (!isObject(value)) throw new Error(`no JSON object: ${line}`);
  return value;
}

/** A member that is an object; else an empty one. */
export function memberOf(object: JsonObject, key: string): JsonObject {
  const member = object[key];
  return isObject(member) ? member : {};
}

/** What the schema does not allow of a document, one line each. */
export function ecsProblems(document: JsonObject): string[] {
  const found = new Map(flat(document, ''));
  const problems = Object.entries(ECS_FIELDS)
    .filter(([path, field]) => field.required && !found.has(path))
    .map(([path]) => `${path} is missing`);
  for (const [path, value] of found) {
    if (path.startsWith('labels.')) {
      if (typeof value !== 'string') problems.push(`${path} is no text`);
      continue;
    }
    const field = ECS_FIELDS[path];
    if (field === undefined) problems.push(`${path} is no field`);
    else if (Array.isArray(value) !== (field.list === true)) problems.push(`${path}: list or not`);
    // An argument may be empty; what is a single text is left out when it is.
    else if (value === '') problems.push(`${path} is empty`);
    else
      for (const item of Array.isArray(value) ? value : [value])
        if (!isOfType(item, field.type) || field.values?.includes(textOf(item)) === false)
          problems.push(`${path} may not be ${textOf(item)}`);
  }
  const event = memberOf(document, 'event');
  const categories = Array.isArray(event.category) ? event.category.map(textOf) : [];
  const allowed = categories.flatMap((category) => ECS_TYPES[category] ?? []);
  for (const type of Array.isArray(event.type) ? event.type : [])
    if (!allowed.includes(textOf(type))) problems.push(`no ${categories} is ${textOf(type)}`);
  return problems;
}

function flat(value: JsonValue, path: string): [string, JsonValue][] {
  if (!isObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) =>
    path === 'labels'
      ? [[`labels.${key}`, item]]
      : flat(item, path === '' ? key : `${path}.${key}`),
  );
}

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'long':
      return typeof value === 'number' && Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'ip':
      return typeof value === 'string' && (isIPv4(value) || isIPv6(value));
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    default:
      return typeof value === 'string';
  }
}

/** What the schema does not allow of an object of that name, one line each. */
export function ocsfProblems(value: JsonValue, object: string): string[] {
  if (object === 'object') return isObject(value) ? [] : ['no object'];
  const attributes = OCSF_OBJECTS[object];
  if (!isObject(value) || attributes === undefined) return [`no ${object}`];
  const problems = Object.entries(attributes)
    .filter(([key, { required }]) => required && value[key] === undefined)
    .map(([key]) => `${object}.${key} is missing`);
  const oneOf = OCSF_ONE_OF[object];
  if (oneOf?.every((key) => value[key] === undefined)) problems.push(`${object} is empty`);
  for (const [key, item] of Object.entries(value)) {
    const attribute = attributes[key];
    if (attribute === undefined) problems.push(`${object}.${key} is no attribute`);
    else problems.push(...attributeProblems(item, attribute, `${object}.${key}`));
  }
  return problems;
}

function attributeProblems(value: JsonValue, attribute: OcsfAttribute, path: string): string[] {
  const { type, values } = attribute;
  if (type.endsWith('[]')) {
    if (!Array.isArray(value) || value.length === 0) return [`${path} is no list`];
    return value.flatMap((item) => attributeProblems(item, { type: type.slice(0, -2) }, path));
  }
  if (type === 'string') return typeof value === 'string' ? [] : [`${path} is no text`];
  if (type === 'boolean') return typeof value === 'boolean' ? [] : [`${path} is no truth value`];
  if (type !== 'integer') return ocsfProblems(value, type);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return [`${path} is no integer`];
  return values?.includes(value) === false ? [`${path} may not be ${value}`] : [];
}

/** As the format's description says how to read it: unescaped bars, then keys before `=`. */
export function parseCef(line = ''): Record<string, string> {
  const parts = /^CEF:0((?:\|(?:\\.|[^|\\])*){6})\|(.*)$/s.exec(line);
  if (parts === null) throw new Error(`no CEF: ${line}`);
  const [, head = '', rest = ''] = parts;
  const [vendor, product, version, id, name, severity] = [
    ...head.matchAll(/\|((?:\\.|[^|\\])*)/gs),
  ].map(([, part = '']) => part.replace(/\\([\\|])/g, '$1'));
  const found: Record<string, string> = {
    vendor: vendor ?? '',
    product: product ?? '',
    version: version ?? '',
    id: id ?? '',
    name: name ?? '',
    severity: severity ?? '',
  };
  for (const [, key = '', value = ''] of rest.matchAll(
    /(?:^| )([A-Za-z0-9]+)=((?:\\.|[^\\=])*?)(?= [A-Za-z0-9]+=|$)/gs,
  ))
    found[key] = value.replace(/\\(.)/gs, (_, char: string) =>
      char === 'n' ? '\n' : char === 'r' ? '\r' : char,
    );
  return found;
}

/** What the dictionary of keys does not allow, one line each. */
export function cefProblems(line: string | undefined): string[] {
  const { vendor, product, version, id = '', name = '', severity, ...extension } = parseCef(line);
  const problems: string[] = [];
  if (vendor !== 'Saker' || product !== 'Saker' || version !== '1.2.3') problems.push('header');
  if (id.length > 1100 || name.length > 600) problems.push('header too long');
  if (!(Number(severity) >= 0 && Number(severity) <= 10)) problems.push(`severity ${severity}`);
  for (const [key, value] of Object.entries(extension)) {
    const known = CEF_KEYS[key];
    if (known === undefined) problems.push(`${key} is no key`);
    else if (known.type === 'integer' && !/^\d+$/.test(value)) problems.push(`${key}=${value}`);
    else if (known.type === 'ipv4' && !isIPv4(value)) problems.push(`${key}=${value}`);
    else if (known.type === 'ipv6' && !isIPv6(value)) problems.push(`${key}=${value}`);
    // A control character is shown as six.
    else if (value.replace(/\\u[0-9a-f]{4}/g, '?').length > known.limit)
      problems.push(`${key} is too long`);
  }
  return problems;
}
