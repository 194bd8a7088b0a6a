// `saker run`: the configuration, the rules, then the agent.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { runAgent } from '../agent.js';
import { type Config, DEFAULT_CONFIG_FILE, loadConfig } from '../config.js';
import { HostError } from '../errors.js';
import type { RuleOptions } from '../sensor-protocol.js';
import type { RunFlags } from './program.js';
import { readRuleFiles } from './rule-files.js';

/** Runs until a signal ends it. */
export async function run(flags: RunFlags): Promise<number> {
  const config = runConfig(flags);
  const rules = ruleOptions(config, flags.rules);
  requireRoot('saker run');
  return runAgent({
    config,
    rules,
    hostname: process.env.FALCO_HOSTNAME || hostname(),
    person: isatty(2),
    terminal: isatty(1) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
  });
}

/** The configuration that a command line means: the switches are short forms of keys. */
export function runConfig(flags: RunFlags): Config {
  const overrides = [...flags.option];
  if (flags.json) overrides.push('json_output=true');
  if (flags.skipInvalid) overrides.push('skip_invalid_rules=true');
  if (flags.socket !== undefined) overrides.push(`control_socket=${JSON.stringify(flags.socket)}`);
  const usual = existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined;
  return loadConfig(flags.config ?? usual, overrides);
}

/** Reads the rule files and puts beside them what the configuration says of rules. */
export function ruleOptions(config: Config, paths: readonly string[]): RuleOptions {
  return {
    sources: readRuleFiles(paths.length > 0 ? paths : (config.rules_files ?? [])),
    switches: config.rules,
    minPriority: config.priority,
    matching: config.rule_matching,
    appendOutput: config.append_output,
    staticFields: config.static_fields,
    skipInvalid: config.skip_invalid_rules,
  };
}

/** @throws HostError when this user cannot load programs into the kernel. */
export function requireRoot(what: string): void {
  if (process.geteuid?.() === 0) return;
  throw new HostError('HOST_UNABLE', `${what} needs root: it loads programs into the kernel`, {
    hint: 'run it with sudo, or as root',
  });
}
