// `append_output` of the configuration: text and fields that are added to the output of rules.

/** One entry of `append_output`. */
export interface AppendOutput {
  /** Only rules of this source. */
  source?: string;
  /** Only rules that have all of these tags. */
  tags?: readonly string[];
  /** Only the rule of this name. */
  rule?: string;
  /** Added behind a blank. */
  extraOutput?: string;
  /** Adds SUGGESTED_OUTPUT. */
  suggestedOutput?: boolean;
  extraFields?: readonly ExtraField[];
}

/** A field added to `output_fields`. */
export interface ExtraField {
  /** The key in `output_fields`. */
  key: string;
  /** A field's name with `raw`, an output format otherwise. */
  format: string;
  /** The field's value as it is, not as text. */
  raw: boolean;
}

/** What `suggested_output` adds: the fields that tell which container it was. */
export const SUGGESTED_OUTPUT = [
  'container.id',
  'container.name',
  'container.image.repository',
  'container.image.tag',
  'k8s.pod.name',
  'k8s.ns.name',
]
  .map((field) => `${field.replaceAll('.', '_')}=%${field}`)
  .join(' ');

/** The entries that apply to a rule, in order. */
export function appendedTo(
  rule: { name: string; source: string; tags: readonly string[] },
  entries: readonly AppendOutput[],
): AppendOutput[] {
  return entries.filter(
    (entry) =>
      (!entry.source || entry.source === rule.source) &&
      (!entry.rule || entry.rule === rule.name) &&
      (entry.tags ?? []).every((tag) => rule.tags.includes(tag)),
  );
}
