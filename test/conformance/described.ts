// What the reference can describe. Its answers to loader cases come from its description of what it
// loaded, and for that it parses the conditions of rules and macros once more, as they were written:
// before lists were put in. Where that fails for one of them there is no description, although all is
// loaded; a list whose name has a blank in it is such a case (get_json_details in falco_engine.cpp).

import { Collection } from '../../src/rules/collection.js';
import { knowsField, type RuleSet, type RuleSource } from '../../src/rules/file.js';
import { readItem } from '../../src/rules/items.js';
import { ConditionError } from '../../src/rules/lexer.js';
import { parseCondition } from '../../src/rules/parser.js';
import { SourceText } from '../../src/rules/source.js';
import { parseYaml } from '../../src/rules/yaml-tree.js';

/**
 * Whether each condition of what was loaded can be parsed as it was written.
 *
 * @param set what the same files gave, without an error
 */
export function canDescribe(
  set: RuleSet,
  files: readonly RuleSource[],
  sources: readonly string[] = ['syscall'],
): boolean {
  const collection = new Collection({ sources, knowsField });
  for (const file of files) {
    for (const document of parseYaml(new SourceText(file))) {
      if (document.kind !== 'sequence') continue;
      for (const item of document.items) readItem(item, collection);
    }
  }
  const rules = set.rules.map(({ name }) => collection.rules.get(name));
  const macros = [...set.macros.keys()].map((name) => collection.macros.get(name));
  return [...rules, ...macros].every((one) => one === undefined || parses(one.condition.text));
}

function parses(condition: string): boolean {
  try {
    parseCondition(condition);
    return true;
  } catch (error) {
    if (error instanceof ConditionError) return false;
    throw error;
  }
}
