// The entries of `append_output`: what is added to the output and the fields of rules.
import type { Section } from './section.js';

/** One entry of `append_output`; it applies to rules that have the source, all tags and the name. */
export interface AppendOutput {
  source?: string;
  tags?: readonly string[];
  rule?: string;
  extraOutput?: string;
  suggestedOutput: boolean;
  extraFields: readonly ExtraField[];
}

/** A field added to `output_fields`. */
export interface ExtraField {
  /** The key there. */
  key: string;
  /** A field's name with `raw`, an output format otherwise. */
  format: string;
  raw: boolean;
}

/** Reads one entry; what is wrong with it is refused there. */
export function readAppend(entry: Section): AppendOutput {
  const match = entry.section('match');
  const found: AppendOutput = {
    suggestedOutput: entry.flag('suggested_output', false),
    extraFields: entry.list('extra_fields').map((item): ExtraField => {
      if (typeof item === 'string') return { key: item, format: item, raw: true };
      const pair = Object.entries(item !== null && typeof item === 'object' ? item : {})[0];
      if (pair !== undefined && typeof pair[1] === 'string')
        return { key: pair[0], format: pair[1], raw: false };
      entry.refuse('extra_fields', 'expected the name of a field or NAME: FORMAT');
      return { key: '', format: '', raw: true };
    }),
  };
  if (match.has('source')) found.source = match.text('source', '');
  if (match.has('rule')) found.rule = match.text('rule', '');
  if (match.has('tags')) found.tags = match.texts('tags');
  if (entry.has('extra_output')) found.extraOutput = entry.text('extra_output', '');
  match.close();
  entry.close();
  return found;
}

/** The configuration with the lists that have entries before somebody adds to them. */
export function withDefaults(tree: unknown): unknown {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) return tree;
  if ('append_output' in tree) return tree;
  return { ...tree, append_output: [{ suggested_output: true }] };
}
