// `saker run`: the configuration, the rules, then the agent.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { runAgent } from '../agent/process.js';
import type { RuleOrigin } from '../agent/rules.js';
import { shareArenas } from '../bpf/libc.js';
import { type Config, DEFAULT_CONFIG_FILE, loadConfig } from '../config.js';
import { HostError } from '../errors.js';
import type { RuleOptions } from '../sensor/protocol.js';
import type { RunFlags } from './program.js';
import { readRuleFiles, rulePaths } from './rule-files.js';

/** Runs until a signal ends it. */
export async function run(flags: RunFlags): Promise<number> {
  shareArenas(2);
  const kept = new Map<string, string>();
  const config = runConfig(flags, kept);
  const origin = new ConfiguredRules(flags, config, kept);
  const rules = origin.first();
  requireRoot('saker run');
  return runAgent({
    config,
    rules,
    origin,
    hostname: process.env.FALCO_HOSTNAME || hostname(),
    person: isatty(2),
    terminal: isatty(1) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
  });
}

/** The configuration that a command line means: the switches are short forms of keys. */
export function runConfig(flags: RunFlags, kept?: Map<string, string>): Config {
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

  constructor(
    private readonly flags: RunFlags,
    /** What the agent was started with, and what of it cannot be read twice. */
    private readonly started: Config,
    private readonly kept = new Map<string, string>(),
  ) {}

  /** The rules of the start. */
  first(): RuleOptions {
    return this.#read(this.started);
  }

  /** Configuration and rules as they are now; notes what only the next start will obey. */
  read(note: (text: string) => void): RuleOptions {
    const config = runConfig(this.flags, this.kept);
    const later = changedKeys(this.started, config).filter((key) => !RULE_KEYS.has(key));
    if (later.length > 0) note(`the next start will obey what changed in ${later.join(', ')}`);
    return this.#read(config);
  }

  paths(): readonly string[] {
    return [this.flags.config ?? DEFAULT_CONFIG_FILE, ...rulePaths(this.#files)];
  }

  #read(config: Config): RuleOptions {
    this.#files = this.flags.rules ?? config.rules_files ?? [];
    return {
      sources: readRuleFiles(this.#files, this.kept),
      switches: config.rules,
      minPriority: config.priority,
      matching: config.rule_matching,
      appendOutput: config.append_output,
      staticFields: config.static_fields,
      skipInvalid: config.skip_invalid_rules,
    };
  }
}

/** @throws HostError when this user cannot load programs into the kernel. */
export function requireRoot(what: string): void {
  if (process.geteuid?.() === 0) return;
  throw new HostError('HOST_UNABLE', `${what} needs root: it loads programs into the kernel`, {
    hint: 'run it with sudo, or as root',
  });
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
]);

function changedKeys(before: Config, after: Config): string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([key, value]) =>
    JSON.stringify(old.get(key)) === JSON.stringify(value) ? [] : key,
  );
}
