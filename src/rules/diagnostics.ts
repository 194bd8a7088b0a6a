// What the loader says to the author of a rule file: errors and warnings that point at text.

import type { Origin } from './passage.js';
import { type Place, printable, type SourceText } from './source.js';
import type { YamlNode } from './yaml-tree.js';

export type ErrorCode =
  | 'LOAD_ERR_FILE_READ'
  | 'LOAD_ERR_YAML_PARSE'
  | 'LOAD_ERR_YAML_VALIDATE'
  | 'LOAD_ERR_COMPILE_CONDITION'
  | 'LOAD_ERR_COMPILE_OUTPUT'
  | 'LOAD_ERR_VALIDATE'
  | 'LOAD_ERR_EXTENSION';

export type WarningCode =
  | 'LOAD_UNKNOWN_SOURCE'
  | 'LOAD_UNSAFE_NA_CHECK'
  | 'LOAD_NO_EVTTYPE'
  | 'LOAD_UNKNOWN_FILTER'
  | 'LOAD_UNUSED_MACRO'
  | 'LOAD_UNUSED_LIST'
  | 'LOAD_UNKNOWN_ITEM'
  | 'LOAD_UNKNOWN_KEY'
  | 'LOAD_DEPRECATED_ITEM'
  | 'LOAD_WARNING_EXTENSION'
  | 'LOAD_APPEND_NO_VALUES'
  | 'LOAD_EXCEPTION_NAME_NOT_UNIQUE'
  | 'LOAD_INVALID_MACRO_NAME'
  | 'LOAD_INVALID_LIST_NAME'
  | 'LOAD_COMPILE_CONDITION';

/** The item a diagnostic belongs to; an unknown item has no name. */
export interface ItemRef {
  kind: 'rule' | 'macro' | 'list' | 'version' | 'unknown';
  name: string;
}

/** One step of the way to a place: the item, then its part. */
export interface ContextStep {
  /** Such as `rule`, `rule condition`, `condition expression`. */
  kind: string;
  name: string;
  place: Place;
}

/** One error or warning; lines and columns count from 0. */
export interface Diagnostic extends Place {
  severity: 'error' | 'warning';
  code: ErrorCode | WarningCode;
  message: string;
  /** A known name like the unknown one. */
  suggestion?: string;
  /** The line with a caret below, safe to print. */
  snippet: string;
  item?: ItemRef;
  /** From the outside in; ends at the diagnostic's own place. */
  context: ContextStep[];
}

/** Where a diagnostic points and what it belongs to, while a file is read. */
export interface Spot {
  origin: Origin;
  length?: number;
  item?: ItemRef;
  /** Steps above the place, outermost first. */
  above?: { kind: string; name: string; origin: Origin }[];
  /** What stands at the place itself. */
  kind?: string;
}

/** Stops the reading or compiling of an item; becomes a diagnostic. */
export class LoadError extends Error {
  readonly code: ErrorCode;
  readonly spot: Spot;
  readonly suggestion: string | undefined;

  constructor(code: ErrorCode, message: string, spot: Spot, suggestion?: string) {
    super(message);
    this.code = code;
    this.spot = spot;
    this.suggestion = suggestion;
  }
}

/** A spot that is a YAML node of an item. */
export function spotOf(node: YamlNode, item?: ItemRef, kind?: string): Spot {
  const origin = { source: node.source, offset: node.start };
  // More than a snippet can mark is not looked at.
  const end = Math.min(node.end, node.start + MAX_MARKED);
  const firstLine = node.source.text.slice(node.start, end).split('\n', 1)[0] ?? '';
  const length = Math.max(1, firstLine.trimEnd().length);
  return { origin, length, item, kind: kind ?? item?.kind };
}

/** The beginning of a file. */
export function spotOfFile(source: SourceText, offset = 0): Spot {
  return { origin: { source, offset } };
}

export function errorDiagnostic(error: LoadError): Diagnostic {
  return diagnostic('error', error.code, error.message, error.spot, error.suggestion);
}

export function warning(
  code: WarningCode,
  message: string,
  spot: Spot,
  suggestion?: string,
): Diagnostic {
  return diagnostic('warning', code, message, spot, suggestion);
}

/**
 * A diagnostic as lines of text: place (from 1), message, the line with a caret, a suggestion.
 */
export function diagnosticText(one: Diagnostic): string {
  // What has no name is not called anything.
  const item = !one.item?.name ? '' : ` ${one.item.kind} '${shown(one.item.name)}':`;
  const place = `${printable(one.file)}:${one.line + 1}:${one.column + 1}`;
  const macro = one.context.find((step) => step.kind === 'macro condition' && step.name !== '');
  const inside = macro === undefined ? '' : ` (in macro '${shown(macro.name)}')`;
  const message = `${shown(one.message)}${inside}`;
  const lines = [`${place}: ${one.severity}:${item} ${message} [${one.code}]`];
  for (const line of one.snippet.split('\n')) lines.push(`    ${line}`);
  if (one.suggestion !== undefined) lines.push(`    did you mean ${shown(one.suggestion)}?`);
  return lines.join('\n');
}

const MAX_MARKED = 1000;
// Of a name as long as a file the beginning and the end are enough.
const MAX_SHOWN = 500;

function shown(text: string): string {
  const half = MAX_SHOWN / 2;
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, half)}...${text.slice(-half)}` : text;
  return printable(cut);
}

function diagnostic(
  severity: 'error' | 'warning',
  code: ErrorCode | WarningCode,
  message: string,
  spot: Spot,
  suggestion?: string,
): Diagnostic {
  const { source, offset } = spot.origin;
  const place = source.place(offset);
  const context: ContextStep[] = (spot.above ?? []).map((step) => ({
    kind: step.kind,
    name: step.name,
    place: step.origin.source.place(step.origin.offset),
  }));
  context.push({ kind: spot.kind ?? 'rules content', name: spot.item?.name ?? '', place });
  const snippet = source.snippet(offset, spot.length ?? 1);
  return { ...place, severity, code, message, suggestion, snippet, item: spot.item, context };
}
