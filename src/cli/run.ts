// `saker run`: the configuration, the rules, then the agent.

import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { runAgent } from '../agent/process.js';
import { HostError } from '../errors.js';
import { printable } from '../rules/source.js';
import type { EarlySensor } from '../sensor/early.js';
import { ConfiguredRules, runConfig } from './configured.js';
import type { Console, RunFlags } from './flags.js';
import { configText } from './print-config.js';

/**
 * Runs until a signal ends it.
 *
 * @param early a sensor's thread that has begun
 */
export async function run(flags: RunFlags, console: Console, early?: EarlySensor): Promise<number> {
  const kept = new Map<string, string>();
  const loaded = runConfig(flags, kept);
  if (flags.printConfig) {
    const { rules } = flags;
    const config = rules === undefined ? loaded.config : { ...loaded.config, rules_files: rules };
    for (const warning of loaded.warnings) console.err(`saker: ${printable(warning)}\n`);
    console.out(configText({ ...loaded, config }));
    return 0;
  }
  const { config } = loaded;
  const origin = new ConfiguredRules(flags, loaded, kept);
  const rules = origin.first();
  requireRoot('saker run');
  return runAgent({
    config,
    rules,
    early,
    origin,
    secrets: new Set([...loaded.secrets.texts, ...loaded.secrets.logged]),
    notices: [...loaded.warnings, ...origin.missing()],
    hostname: process.env.FALCO_HOSTNAME || hostname(),
    person: isatty(2),
    terminal: isatty(1) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
  });
}

/** @throws HostError when this user cannot load programs into the kernel. */
export function requireRoot(what: string): void {
  if (process.geteuid?.() === 0) return;
  throw new HostError('HOST_UNABLE', `${what} needs root: it loads programs into the kernel`, {
    hint: 'run it with sudo, or as root',
  });
}
