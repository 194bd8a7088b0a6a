// What an agent is started with.
import type { Config } from '../config.js';
import type { EarlySensor } from '../sensor/early.js';
import type { RuleOptions } from '../sensor/protocol.js';
import type { RuleLoader } from './rule-loader-thread.js';
import type { RuleOrigin } from './rules.js';

/** What an agent is started with. */
export interface AgentOptions {
  config: Config;
  rules: RuleOptions;
  hostname: string;
  /** Standard output is a person's terminal: colours, unless JSON is wanted. */
  terminal: boolean;
  /** A person reads stderr: the summary is sentences. */
  person: boolean;
  /** What must be said of the configuration. */
  notices?: readonly string[];
  /** Where changed rules come from; without it the rules never change. */
  origin?: RuleOrigin;
  /** Takes the place of a thread that reads the rules. */
  loadRules?: RuleLoader;
  /** A sensor's thread that has begun. */
  early?: EarlySensor;
  /** The sensor's compiled file. */
  sensorFile?: URL;
  /** Where alerts go instead of descriptor 1. */
  stdoutFd?: number;
  /** Texts that the log must not hold. */
  secrets?: ReadonlySet<string>;
  /** Takes the place of stderr. */
  writeLog?: (line: string) => void;
}
