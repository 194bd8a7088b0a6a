// The part of the configuration that says whether rules with an action act, and on whom never.
import { matchesWildcard } from '../rules/selection.js';
import type { Section } from './section.js';

export const ENFORCEMENT_MODES = ['off', 'audit', 'on'] as const;

/** `audit`: alerts say what would have been done. */
export type EnforcementMode = (typeof ENFORCEMENT_MODES)[number];

/** `enforcement`; names are those of the file. */
export interface EnforcementConfig {
  mode: EnforcementMode;
  /** The mode of single rules; `*` stands for any text. The last that fits counts. */
  rules: readonly { rule: string; mode: EnforcementMode }[];
  /** Paths of programs, and names of processes: those without a slash. */
  protected: readonly string[];
  /** A rule that would kill more is suspended. */
  kills_per_minute: number;
  /** For so long. */
  suspend_ms: number;
  /** Others are kept from the agent, and told of. Read at the start only, as the next two. */
  protect_agent: boolean;
  /** What is denied stays so when the agent ends. */
  persist: boolean;
  /** Where: a folder in a bpf file system. */
  pin_dir: string;
}

/** What counts where nothing is configured. */
export const ENFORCEMENT_DEFAULTS: EnforcementConfig = {
  mode: 'audit',
  rules: [],
  protected: [],
  kills_per_minute: 60,
  suspend_ms: 600_000,
  protect_agent: false,
  persist: false,
  pin_dir: '/sys/fs/bpf/saker',
};

/** The mode of a rule: the last entry that fits, else that of all. Where all are off, each is. */
export function modeOf(config: EnforcementConfig, rule: string): EnforcementMode {
  if (config.mode === 'off') return 'off';
  const own = config.rules.findLast((entry) => matchesWildcard(entry.rule, rule));
  return own?.mode ?? config.mode;
}

/** Reads `enforcement` from the top of the configuration. */
export function readEnforcement(top: Section): { enforcement: EnforcementConfig } {
  const section = top.section('enforcement');
  const defaults = ENFORCEMENT_DEFAULTS;
  const enforcement: EnforcementConfig = {
    mode: section.choice('mode', ENFORCEMENT_MODES, defaults.mode),
    rules: section.sections('rules').map((entry) => {
      const found = {
        rule: entry.text('rule', ''),
        mode: entry.choice('mode', ENFORCEMENT_MODES, defaults.mode),
      };
      for (const key of ['rule', 'mode']) if (!entry.has(key)) entry.refuse(key, 'is needed');
      entry.close();
      return found;
    }),
    protected: section.texts('protected'),
    kills_per_minute: section.integer('kills_per_minute', defaults.kills_per_minute),
    suspend_ms: section.duration_ms('suspend', defaults.suspend_ms),
    protect_agent: section.flag('protect_agent', defaults.protect_agent),
    persist: section.flag('persist', defaults.persist),
    pin_dir: section.text('pin_dir', defaults.pin_dir),
  };
  for (const one of enforcement.protected)
    if (one === '' || (one.includes('/') && !one.startsWith('/')))
      section.refuse('protected', `expected whole paths and names, found ${JSON.stringify(one)}`);
  if (enforcement.kills_per_minute < 1)
    section.refuse('kills_per_minute', 'expected a number from 1');
  if (enforcement.suspend_ms < 1000) section.refuse('suspend', 'expected at least 1s');
  if (!/^\/[^.]*[^./]$/.test(enforcement.pin_dir))
    section.refuse('pin_dir', 'expected the whole path of a folder, without dots');
  section.close();
  return { enforcement };
}
