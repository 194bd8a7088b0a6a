// Rule files to a rule set: the door to this folder. Files are read one after the other into one
// collection, which is compiled after each of them.

import type { AppendOutput } from './append-output.js';
import type { Expression } from './ast.js';
import { Collection } from './collection.js';
import { type Compiled, Compiler } from './compile.js';
import { type Diagnostic, errorDiagnostic, LoadError, spotOf, spotOfFile } from './diagnostics.js';
import { readItem } from './items.js';
import { ConditionError } from './lexer.js';
import { parseOperand } from './parser.js';
import type { Rule } from './rule.js';
import { schemaProblems } from './schema.js';
import { type SelectionStep, selectRules } from './selection.js';
import { type RuleSource, SourceText } from './source.js';
import { operandType } from './transformers.js';
import {
  OWN_PLUGINS,
  type PluginRequirement,
  type PluginVersion,
  unmetRequirement,
} from './versions.js';
import { parseYaml, YamlError, type YamlNode } from './yaml-tree.js';

export type { RuleSource } from './source.js';

export interface LoadOptions {
  /** Event sources whose rules are compiled; `syscall` alone unless given. */
  sources?: readonly string[];
  /** Plugins that count as loaded; our stand-in for the container plugin unless given. */
  plugins?: readonly PluginVersion[];
  /** The configuration's `rules`, in order. */
  selection?: readonly SelectionStep[];
  /** Rules with a higher priority number do not run; 7 unless given. */
  minimumPriority?: number;
  appendOutput?: readonly AppendOutput[];
  /** Leave out items that are wrong and load the rest; see `RuleSet.leftOut`. */
  skipInvalid?: boolean;
  /** Read on after a file that failed, as a validation of many files does. */
  keepGoing?: boolean;
}

/** What one file gave. */
export interface FileResult {
  name: string;
  ok: boolean;
  errors: Diagnostic[];
  /** Also of earlier files, because all is compiled again; `RuleSet.warnings` has each once. */
  warnings: Diagnostic[];
  /** How the file departs from the schema of rule files; never fails a load. */
  schemaProblems: string[];
}

/** All that came out of the rule files. */
export interface RuleSet {
  /** No file failed. With `skipInvalid` items may have been left out all the same. */
  ok: boolean;
  /** Every rule that compiled, in the order of definition, whether it runs or not. */
  rules: Rule[];
  /** The rules that run, in the order in which they are evaluated. */
  active: Rule[];
  /** Items by list name, lists in lists resolved. */
  lists: ReadonlyMap<string, readonly string[]>;
  /** Conditions by macro name, macros in macros put in. */
  macros: ReadonlyMap<string, Expression>;
  errors: Diagnostic[];
  /** Of all items read, and of the collection as it is after the last file. */
  warnings: Diagnostic[];
  /** With `skipInvalid`: why items were left out. */
  leftOut: Diagnostic[];
  /** With `skipInvalid`: what was wrong until a later file changed it, and without it ends the load. */
  outgrown: Diagnostic[];
  files: FileResult[];
  requiredEngineVersion: string | undefined;
  pluginRequirements: PluginRequirement[];
  /** The first plugin requirement that is not met. */
  unmetPlugin: PluginRequirement | undefined;
}

/**
 * Loads rule files in the order given; never throws for what is in them.
 *
 * After a file with an error the following files are not read, unless `keepGoing` or `skipInvalid`
 * says so.
 */
export function loadRules(sources: readonly RuleSource[], options: LoadOptions = {}): RuleSet {
  const skipInvalid = options.skipInvalid ?? false;
  const collection = new Collection({
    sources: options.sources ?? ['syscall'],
    knowsField,
  });
  const compiler = new Compiler({ appendOutput: options.appendOutput ?? [], skipInvalid });
  let compiled: Compiled = {
    rules: [],
    lists: new Map(),
    macros: new Map(),
    errors: [],
    warnings: [],
  };
  const files: FileResult[] = [];
  const unread: Diagnostic[] = [];
  const readWarnings: Diagnostic[] = [];
  const outgrown: Diagnostic[] = [];
  for (const source of sources) {
    const { result, readErrors } = readFile(new SourceText(source), collection, skipInvalid);
    unread.push(...readErrors);
    readWarnings.push(...result.warnings);
    files.push(result);
    if (result.ok) {
      const before = compiled.errors;
      compiled = compiler.compile(collection);
      const still = new Set(compiled.errors.map(identity));
      outgrown.push(...before.filter((one) => !still.has(identity(one))));
      result.warnings.push(...compiled.warnings);
      if (!skipInvalid) result.errors.push(...compiled.errors);
      result.ok = result.errors.length === 0;
    }
    if (!result.ok && !options.keepGoing && !skipInvalid) break;
  }
  const plugins = options.plugins ?? OWN_PLUGINS;
  return {
    ok: files.every((file) => file.ok),
    rules: compiled.rules,
    active: selectRules(compiled.rules, options.selection ?? [], options.minimumPriority ?? 7),
    lists: compiled.lists,
    macros: compiled.macros,
    errors: files.flatMap((file) => file.errors),
    warnings: [...readWarnings, ...compiled.warnings],
    leftOut: skipInvalid ? [...unread, ...compiled.errors] : [],
    outgrown: skipInvalid ? outgrown : [],
    files,
    requiredEngineVersion: collection.engineVersion,
    pluginRequirements: collection.pluginRequirements,
    unmetPlugin: unmetRequirement(collection.pluginRequirements, plugins),
  };
}

/** True for a field with its argument, or a transformer call, that the registry knows. */
export function knowsField(text: string): boolean {
  try {
    return !('error' in operandType(parseOperand(text)));
  } catch (error) {
    if (error instanceof ConditionError) return false;
    throw error;
  }
}

function identity({ file, offset, message }: Diagnostic): string {
  return `${file}\0${offset}\0${message}`;
}

function readFile(
  source: SourceText,
  collection: Collection,
  skipInvalid: boolean,
): { result: FileResult; readErrors: Diagnostic[] } {
  const readErrors: Diagnostic[] = [];
  const result: FileResult = {
    name: source.name,
    ok: true,
    errors: [],
    warnings: [],
    schemaProblems: [],
  };
  collection.warnings = result.warnings;
  const fail = (error: LoadError, canGoOn: boolean) => {
    (canGoOn ? readErrors : result.errors).push(errorDiagnostic(error));
  };
  try {
    const documents = parseYaml(source);
    result.schemaProblems = schemaProblems(documents);
    for (const document of documents) {
      for (const item of itemsOf(document)) {
        try {
          readItem(item, collection);
        } catch (error) {
          if (!(error instanceof LoadError)) throw error;
          fail(error, skipInvalid);
          if (!skipInvalid) throw STOP;
        }
      }
    }
  } catch (error) {
    if (error instanceof YamlError) {
      result.schemaProblems = ['the file is no YAML'];
      fail(yamlLoadError(error, source), false);
    } else if (error instanceof LoadError) {
      fail(error, false);
    } else if (error !== STOP) {
      throw error;
    }
  }
  result.ok = result.errors.length === 0;
  return { result, readErrors };
}

const STOP = new Error('the file is not read further');

function itemsOf(document: YamlNode): YamlNode[] {
  if (document.kind === 'null') return [];
  if (document.kind === 'sequence') return document.items;
  const message = `a rule file must be a sequence of items, not a ${document.kind}`;
  throw new LoadError('LOAD_ERR_YAML_VALIDATE', message, spotOf(document));
}

function yamlLoadError(error: YamlError, source: SourceText): LoadError {
  const code = error.kind === 'syntax' ? 'LOAD_ERR_YAML_PARSE' : 'LOAD_ERR_YAML_VALIDATE';
  return new LoadError(code, error.message, spotOfFile(source, error.offset));
}
