// Conditions of a collection to trees: lists replaced in the text, parsed, macros put in. Errors,
// which know places in the text only, are turned into errors that know the file.

import type { Expression, Position } from './ast.js';
import type { Collection, MacroInfo } from './collection.js';
import { LoadError, type Spot, spotOf } from './diagnostics.js';
import { eventTypes } from './event-types.js';
import { ConditionError } from './lexer.js';
import { ExpansionError, ListTable } from './lists.js';
import { type MacroDefinition, MacroError, MacroTable } from './macros.js';
import { nearestName } from './nearest.js';
import { parseCondition, RULE_MAX_DEPTH } from './parser.js';
import type { Passage } from './passage.js';

/** Runs some work; may take its LoadError and return `undefined`. */
export type Guard = <T>(work: () => T) => T | undefined;

/** An expanded condition and the text it was parsed from. */
export interface Expanded {
  condition: Expression;
  passage: Passage;
}

/** The lists and macros of a collection at one moment. */
export class Conditions {
  lists = new ListTable([]);
  macros = new MacroTable([]);
  private readonly collection: Collection;
  private readonly parsed: Map<string, Expression>;
  private readonly macroTexts = new Map<string, Passage>();

  /** @param parsed trees by their text, kept from one compilation to the next. */
  constructor(collection: Collection, parsed: Map<string, Expression>) {
    this.collection = collection;
    this.parsed = parsed;
  }

  /** Resolves all lists and macros; with a guard that takes errors, wrong macros are left out. */
  prepare(guard: Guard): void {
    this.resolveLists();
    const definitions: MacroDefinition[] = [];
    for (const macro of this.collection.macros.values()) {
      const parsed = guard(() => this.parse(macro.condition, macroSpot(macro), macro.name));
      if (parsed !== undefined) definitions.push({ ...macro, condition: parsed.condition });
    }
    this.macros = new MacroTable(definitions);
    for (const definition of definitions) {
      const info = this.collection.macros.get(definition.name);
      if (info === undefined) continue;
      const text = this.macroTexts.get(info.name) ?? info.condition;
      const done = guard(() =>
        this.located(macroSpot(info), text, () => this.macros.resolve(definition)),
      );
      if (done === undefined) this.macros.drop(definition.name);
    }
  }

  /**
   * Expands a rule's condition.
   *
   * @param owner the rule.
   * @throws LoadError
   */
  expand(text: Passage, owner: Spot): Expanded {
    const { condition, passage } = this.parse(text, owner);
    return {
      condition: this.located(owner, passage, () => this.macros.expand(condition)),
      passage,
    };
  }

  /** @throws LoadError where `evt.type` is compared with a field. */
  eventTypes({ condition, passage }: Expanded, owner: Spot) {
    return this.located(owner, passage, () => eventTypes(condition));
  }

  /** Where a place in an expanded condition lies in its file. */
  spotAt(owner: Spot, passage: Passage, at: Position, length?: number): Spot {
    const text = at.macro === undefined ? passage : (this.macroTexts.get(at.macro) ?? passage);
    const word = /^[\w.]+|^\S/.exec(text.text.slice(at.offset, at.offset + 100))?.[0] ?? '';
    const kind = owner.kind ?? 'rule';
    return {
      origin: text.origin(at.offset),
      length: length !== undefined && length > 1 ? length : Math.max(1, word.length),
      item: owner.item,
      above: [
        { kind, name: owner.item?.name ?? '', origin: owner.origin },
        {
          kind: at.macro === undefined ? `${kind} condition` : 'macro condition',
          name: at.macro ?? '',
          origin: text.origin(0),
        },
      ],
      kind: 'condition expression',
    };
  }

  private resolveLists(): void {
    try {
      this.lists = new ListTable([...this.collection.lists.values()]);
    } catch (error) {
      const [list] = this.collection.lists.values();
      if (!(error instanceof ExpansionError) || list === undefined) throw error;
      const spot = spotOf(list.node, { kind: 'list', name: list.name });
      throw new LoadError('LOAD_ERR_VALIDATE', error.message, spot);
    }
  }

  private parse(text: Passage, owner: Spot, macro?: string): Expanded {
    const passage = this.located(owner, text, () => this.lists.expand(text));
    if (macro !== undefined) this.macroTexts.set(macro, passage);
    const key = `${macro ?? ''}\0${passage.text}`;
    const known = this.parsed.get(key);
    if (known !== undefined) return { condition: known, passage };
    const condition = this.located(owner, passage, () =>
      parseCondition(passage.text, { maxDepth: RULE_MAX_DEPTH, macro }),
    );
    this.parsed.set(key, condition);
    return { condition, passage };
  }

  private located<T>(owner: Spot, passage: Passage, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConditionError) {
        const spot = this.spotAt(owner, passage, error.at, error.length);
        throw new LoadError('LOAD_ERR_COMPILE_CONDITION', error.message, spot);
      }
      if (error instanceof MacroError) {
        const spot = this.spotAt(owner, passage, error.at);
        const suggestion = this.suggestMacro(error.unknown);
        throw new LoadError('LOAD_ERR_VALIDATE', error.message, spot, suggestion);
      }
      if (error instanceof ExpansionError) {
        throw new LoadError('LOAD_ERR_VALIDATE', error.message, owner);
      }
      throw error;
    }
  }

  private suggestMacro(unknown: string | undefined): string | undefined {
    if (unknown === undefined) return undefined;
    return nearestName(unknown, this.collection.macros.keys());
  }
}

/** The item of a macro. */
export function macroSpot(macro: MacroInfo): Spot {
  return spotOf(macro.node, { kind: 'macro', name: macro.name });
}
