// A condition written as json-rules-engine writes it, in a rule file: checked as a tree, then turned
// into the condition's text with each piece at its place, so that all that works on text (appending,
// exceptions, lists, macros, diagnostics) works on it as well.

import { LIST_OPERATORS, NUMERIC_OPERATORS } from './ast.js';
import { LOOKUP } from './facts.js';
import { TOKENS } from './lexer.js';
import { parseOperand } from './parser.js';
import { Passage } from './passage.js';
import { fromTree, quoted, splitOperator, TreeError } from './tree.js';
import type { YamlMapping, YamlNode } from './yaml-tree.js';
import type { ItemValues } from './yaml-values.js';

/**
 * Reads the condition of an item: a text, or a tree.
 *
 * @throws LoadError
 */
export function readCondition(values: ItemValues): Passage {
  const node = values.mapping.get('condition')?.value;
  if (node?.kind === 'mapping') return treePassage(node, values);
  return Passage.of(values.scalar('condition'));
}

/**
 * Reads a tree of `all`, `any`, `not`, `condition` (a macro) and comparisons.
 *
 * Beside what `fromTree` takes, `{list: NAME}` may stand for a value or in a list of values.
 *
 * @throws LoadError with LOAD_ERR_YAML_VALIDATE at the part that is wrong
 */
function treePassage(tree: YamlMapping, values: ItemValues): Passage {
  const places = new Map<string, YamlNode>();
  const plain = plainTree(tree, '', places, values);
  try {
    fromTree(plain);
  } catch (error) {
    if (!(error instanceof TreeError)) throw error;
    values.fail(`in this condition ${error.message}`, nearestPlace(error.path, places) ?? tree);
  }
  return conditionOf(tree, values);
}

const KEYS = new Set(['all', 'any', 'not', 'condition', 'fact', 'operator', 'value']);
const COMPARISON = ['fact', 'operator', 'value'];

// The tree as JSON has it, and where its parts stand. YAML's scalars are texts whatever they mean.
function plainTree(
  node: YamlNode,
  path: string,
  places: Map<string, YamlNode>,
  values: ItemValues,
): unknown {
  places.set(path, node);
  switch (node.kind) {
    case 'null':
      return null;
    case 'scalar':
      return node.plain && node.text === 'false' ? false : node.text;
    case 'sequence':
      return node.items.map((item, i) => plainTree(item, `${path}[${i}]`, places, values));
    case 'mapping': {
      if (listName(node) !== undefined) return '';
      const isComparison = node.get('fact') !== undefined;
      const tree: Record<string, unknown> = {};
      for (const { key, keyNode, value } of node.entries) {
        if (!KEYS.has(key)) values.fail(`a condition has no key '${key}'`, keyNode);
        if (isComparison && !COMPARISON.includes(key))
          values.fail(`a comparison has no key '${key}'`, keyNode);
        tree[key] = plainTree(value, path === '' ? key : `${path}.${key}`, places, values);
      }
      return tree;
    }
  }
}

// The part itself, or the part that lacks it.
function nearestPlace(path: string, places: ReadonlyMap<string, YamlNode>): YamlNode | undefined {
  for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/, '')) {
    const node = places.get(at);
    if (node !== undefined) return node;
  }
  return places.get('');
}

function conditionOf(tree: YamlNode, values: ItemValues): Passage {
  if (tree.kind !== 'mapping') return values.fail('a condition must be an object', tree);
  for (const [key, word] of [
    ['all', ' and '],
    ['any', ' or '],
  ] as const) {
    const parts = tree.get(key)?.value;
    if (parts?.kind !== 'sequence') continue;
    const passages = parts.items.map((part) => conditionOf(part, values));
    return Passage.join(passages, word).wrap('(', ')');
  }
  const part = tree.get('not')?.value;
  if (part !== undefined) return conditionOf(part, values).wrap('not (', ')');
  const macro = tree.get('condition')?.value;
  if (macro === undefined) return comparisonOf(tree, values);
  const name = textOf(macro);
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name)) values.fail('this is no name of a macro', macro);
  return Passage.made(name, macro);
}

function comparisonOf(tree: YamlMapping, values: ItemValues): Passage {
  const fact = tree.get('fact')?.value;
  const operatorNode = tree.get('operator')?.value;
  const value = tree.get('value')?.value;
  if (fact?.kind === 'scalar' && textOf(operatorNode) === LOOKUP && value !== undefined) {
    const file = Passage.made(`in ${LOOKUP}(${quoted(textOf(value), DELIMITERS)})`, value);
    return Passage.join([Passage.of(fact), file], ' ');
  }
  const spelled = splitOperator(textOf(operatorNode));
  if (fact?.kind !== 'scalar' || operatorNode === undefined || spelled === undefined)
    return values.fail('a comparison needs fact and operator', tree);
  const { operator, modifier } = spelled;
  const words = modifier === undefined ? operator : `${operator} ${modifier}`;
  const parts = [Passage.of(fact), Passage.made(words, operatorNode)];
  if (operator !== 'exists' && value !== undefined) {
    const isList = modifier !== undefined || isOneOf(LIST_OPERATORS, operator);
    const isNumber = isOneOf(NUMERIC_OPERATORS, operator);
    parts.push(rightOf(value, isList, isNumber, values));
  }
  return Passage.join(parts, ' ');
}

function rightOf(value: YamlNode, isList: boolean, isNumber: boolean, values: ItemValues): Passage {
  if (value.kind === 'sequence') {
    if (value.items.length === 0) return Passage.made('()', value);
    const items = value.items.map((item) => constantOf(item, false, values));
    return Passage.join(items, ', ').wrap('(', ')');
  }
  const fact = value.kind === 'mapping' ? value.get('fact')?.value : undefined;
  if (fact?.kind === 'scalar') {
    const isField = parseOperand(fact.text).kind === 'field';
    return isField ? Passage.of(fact).wrap('val(', ')') : Passage.of(fact);
  }
  if (value.kind === 'mapping' && !isList) values.fail('this operator takes no list', value);
  const constant = constantOf(value, isNumber, values);
  return isList ? constant.wrap('(', ')') : constant;
}

function constantOf(value: YamlNode, isNumber: boolean, values: ItemValues): Passage {
  const list = value.kind === 'mapping' ? listName(value) : undefined;
  if (list !== undefined) {
    if (!/^[^()"'\s=,]+$/.test(list)) values.fail('this is no name of a list', value);
    return Passage.made(list, value);
  }
  const text = textOf(value);
  if (!isNumber) return Passage.made(quoted(text, DELIMITERS), value);
  if (!isNumeral(text)) values.fail('this operator takes a number', value);
  return Passage.made(text, value);
}

// Names of lists are replaced wherever they stand between two of these, also inside of quotes.
const DELIMITERS = /[ (),=]/g;

function isNumeral(text: string): boolean {
  return [TOKENS.hex, TOKENS.number].some(({ source }) => new RegExp(`^(?:${source})$`).test(text));
}

function listName(node: YamlMapping): string | undefined {
  const list = node.entries.length === 1 ? node.get('list')?.value : undefined;
  return list?.kind === 'scalar' ? list.text : undefined;
}

function textOf(node: YamlNode | undefined): string {
  return node?.kind === 'scalar' ? node.text : '';
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}
