// Brings in what finds out facts for rules, once a rule asks for one.
import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import type { Alert } from '../output/alert.js';
import type { Mutes } from '../sensor/mutes.js';
import type { AgentFacts } from './facts.js';

/** What alerts that are completed on this thread pass. */
export interface FactsOptions {
  mutes: Mutes;
  /** Takes alerts with secrets hidden, of rules that are not muted. */
  tell(alert: Alert): void;
  log: Logger;
}

/** Imported only here and now: it brings most of the rule language with it, 9 MB. */
export async function loadFacts(config: Config, options: FactsOptions): Promise<AgentFacts> {
  const { AgentFacts } = await import('./facts.js');
  const { Masker } = await import('../output/mask.js');
  const { mask_secrets, mask_patterns } = config;
  const masker = new Masker({ enabled: mask_secrets, patterns: mask_patterns });
  const tell = (alert: Alert) => {
    if (options.mutes.takes(alert.rule.name)) return;
    options.tell(masker.alert(alert));
  };
  return new AgentFacts({ tell, log: options.log });
}
