// What a command line and a configuration say together: the configuration, and the rules it names.
import { existsSync } from 'node:fs';
import type { RuleOrigin } from '../agent/rules.js';
import { DEFAULT_CONFIG_FILE } from '../config/defaults.js';
import { outputFilters } from '../config/shaping.js';
import { type Config, type LoadedConfig, loadConfig } from '../config.js';
import type { RuleOptions } from '../sensor/protocol.js';
import type { RunFlags } from './flags.js';
import { readRuleFiles, rulePaths } from './rule-files.js';

/** The configuration that a command line means: the switches are short forms of keys. */
export function runConfig(flags: RunFlags, kept?: Map<string, string>): LoadedConfig {
  const overrides = [...(flags.option ?? [])];
  if (flags.json) overrides.push('json_output=true');
  if (flags.skipInvalid) overrides.push('skip_invalid_rules=true');
  if (flags.socket !== undefined) overrides.push(`control_socket=${JSON.stringify(flags.socket)}`);
  const usual = existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined;
  return loadConfig(flags.config ?? usual, overrides, kept);
}

/** The rules that a command line and the configuration name, read as often as wanted. */
export class ConfiguredRules implements RuleOrigin {
  #files: readonly string[] = [];
  #absent: readonly string[] = [];

  constructor(
    private readonly flags: Pick<RunFlags, 'config' | 'rules'>,
    /** What the agent was started with, and what of it cannot be read twice. */
    private readonly started: LoadedConfig,
    private readonly kept = new Map<string, string>(),
  ) {}

  /** The rules of the start. */
  first(): RuleOptions {
    return this.#read(this.started);
  }

  /** Sentences about rule files that are named and not there, which a file of Falco's may do. */
  missing(): string[] {
    return this.#absent.map((path) => `${path} is named in rules_files, and not there: left out`);
  }

  /** Configuration and rules as they are now; notes what only the next start will obey. */
  read(note: (text: string) => void): RuleOptions {
    const loaded = runConfig(this.flags, this.kept);
    const later = changedKeys(this.started.config, loaded.config).filter(
      (key) => !RULE_KEYS.has(key),
    );
    if (later.length > 0) note(`the next start will obey what changed in ${later.join(', ')}`);
    return this.#read(loaded);
  }

  paths(): readonly string[] {
    return [this.flags.config ?? DEFAULT_CONFIG_FILE, ...rulePaths(this.#files)];
  }

  #read({ config, foreign }: LoadedConfig): RuleOptions {
    this.#files = this.flags.rules ?? config.rules_files ?? [];
    // Falco's own file names a folder and a file that most hosts do not have, and Falco does not mind.
    const lenient = this.flags.rules === undefined && foreign.length > 0;
    const there = lenient ? this.#files.filter((path) => existsSync(path)) : this.#files;
    this.#absent = there.length === 0 ? [] : this.#files.filter((path) => !there.includes(path));
    return {
      sources: readRuleFiles(there.length === 0 ? this.#files : there, this.kept),
      switches: config.rules,
      minPriority: config.priority,
      matching: config.rule_matching,
      appendOutput: config.append_output,
      staticFields: config.static_fields,
      skipInvalid: config.skip_invalid_rules,
      shaping: config.shaping,
      filters: outputFilters(config),
      kernelFilter: config.kernel_filter,
      enforcement: config.enforcement,
    };
  }
}

/** Keys that decide what `RuleOptions` say. */
const RULE_KEYS: ReadonlySet<string> = new Set([
  'rules_files',
  'rules',
  'priority',
  'rule_matching',
  'append_output',
  'static_fields',
  'skip_invalid_rules',
  'shaping',
  'kernel_filter',
  'enforcement',
]);

function changedKeys(before: Config, after: Config): string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([key, value]) =>
    JSON.stringify(old.get(key)) === JSON.stringify(value) ? [] : key,
  );
}
