// Typed values out of a YAML mapping, with errors that point at the key or the value.

import { type ItemRef, LoadError, spotOf } from './diagnostics.js';
import { nearestName } from './nearest.js';
import { unsignedInteger } from './versions.js';
import type { YamlMapping, YamlNode, YamlScalar } from './yaml-tree.js';

/** Reads the keys of one item; every method throws LoadError with LOAD_ERR_YAML_VALIDATE. */
export class ItemValues {
  readonly mapping: YamlMapping;
  readonly item: ItemRef;

  constructor(mapping: YamlMapping, item: ItemRef) {
    this.mapping = mapping;
    this.item = item;
  }

  has(key: string): boolean {
    return this.mapping.get(key) !== undefined;
  }

  /** A scalar that must be there and must not be empty. */
  scalar(key: string): YamlScalar {
    const found = this.optionalScalar(key);
    if (found === undefined) this.fail(`the key '${key}' is missing`, this.mapping);
    return found;
  }

  /** A scalar that may be absent, but when it is there, it must not be empty. */
  optionalScalar(key: string): YamlScalar | undefined {
    const entry = this.mapping.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (value.kind === 'null') this.fail(`'${key}' has no value`, entry.keyNode);
    if (value.kind !== 'scalar') this.fail(`'${key}' must be a text, not a ${value.kind}`, value);
    if (value.text === '') this.fail(`'${key}' must not be empty`, value);
    return value;
  }

  text(key: string): string {
    return this.scalar(key).text;
  }

  optionalText(key: string): string | undefined {
    return this.optionalScalar(key)?.text;
  }

  boolean(key: string): boolean | undefined {
    const value = this.optionalScalar(key);
    if (value === undefined) return undefined;
    const boolean = BOOLEANS.get(value.text);
    if (boolean === undefined) this.fail(`'${key}' must be true or false`, value);
    return boolean;
  }

  unsigned(key: string): number | undefined {
    const value = this.optionalScalar(key);
    if (value === undefined) return undefined;
    const number = unsignedInteger(value.text);
    if (number === undefined) this.fail(`'${key}' must be a number that is not negative`, value);
    return number;
  }

  /** One of some words, in any letter case. */
  choice<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.optionalScalar(key);
    if (value === undefined) return undefined;
    const lower = value.text.toLowerCase();
    const found = words.find((word) => word === lower);
    if (found === undefined) {
      const near = nearestName(lower, words);
      this.fail(`'${key}' must be one of: ${words.join(', ')}`, value, near);
    }
    return found;
  }

  /**
   * The values of a mapping inside, `undefined` when the key is absent.
   *
   * @param known the keys that it may have
   */
  inside(key: string, known: readonly string[]): ItemValues | undefined {
    const entry = this.mapping.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (value.kind !== 'mapping')
      this.fail(`'${key}' must be a mapping`, value.kind === 'null' ? entry.keyNode : value);
    for (const one of value.entries)
      if (!known.includes(one.key))
        this.fail(`'${key}' has ${known.join(', ')}, not '${one.key}'`, one.keyNode);
    return new ItemValues(value, this.item);
  }

  /** A sequence of scalars, `undefined` when the key is absent. */
  texts(key: string): string[] | undefined {
    const entry = this.mapping.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (value.kind !== 'sequence') {
      this.fail(`'${key}' must be a sequence`, value.kind === 'null' ? entry.keyNode : value);
    }
    return value.items.map((one) => {
      if (one.kind !== 'scalar') this.fail(`'${key}' may only contain texts`, one);
      return one.text;
    });
  }

  fail(message: string, node: YamlNode, suggestion?: string): never {
    throw new LoadError('LOAD_ERR_YAML_VALIDATE', message, spotOf(node, this.item), suggestion);
  }
}

const BOOLEANS = new Map<string, boolean>();
for (const [yes, no] of [
  ['true', 'false'],
  ['yes', 'no'],
  ['on', 'off'],
  ['y', 'n'],
] as const) {
  for (const [word, value] of [
    [yes, true],
    [no, false],
  ] as const) {
    BOOLEANS.set(word, value);
    BOOLEANS.set(word.toUpperCase(), value);
    BOOLEANS.set(word.charAt(0).toUpperCase() + word.slice(1), value);
  }
}
