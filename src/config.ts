// Shape, defaults and checking of the configuration. A key that Falco's configuration has too means
// the same here; what this build cannot do is not a key, so that nobody relies on it.

import { type AppendOutput, readAppend, withDefaults } from './config/append-output.js';
import { type ContainerConfig, readContainers } from './config/containers.js';
import { DEFAULT_CONTROL_SOCKET } from './config/defaults.js';
import { type EnforcementConfig, readEnforcement } from './config/enforcement.js';
import { falcoWarning, isFalcoKey } from './config/falco-keys.js';
import { type HttpOutputsConfig, readHttpOutputs } from './config/http-outputs.js';
import { type KafkaOutputConfig, readKafkaOutput } from './config/kafka-output.js';
import {
  type ProgramOutputConfig,
  type RotationConfig,
  readProgramOutput,
  readRotation,
} from './config/local-outputs.js';
import { readFailure, readText } from './config/read-text.js';
import { readRing } from './config/ring.js';
import { type RuleSwitch, readSwitch } from './config/rule-switch.js';
import { Remarks, Section, type Where } from './config/section.js';
import {
  type OutputLimits,
  readOutputLimits,
  readShaping,
  type ShapingConfig,
} from './config/shaping.js';
import { readSpool, type SpoolConfig } from './config/spool.js';
import { type OwnStateConfig, readOwnState } from './config/status.js';
import { readSyslogOutput, type SyslogOutputConfig } from './config/syslog-output.js';
import { pathSteps, withValue } from './config/tree.js';
import { scalar, Variables } from './config/variables.js';
import { parseYamlDocument } from './config/yaml-document.js';
import { ConfigError } from './errors.js';
import { LOG_LEVELS, type LogLevel } from './log.js';
import { replacer } from './rules/regex.js';
import { PRIORITIES, parsePriority } from './rules/rule.js';

/** The checked configuration; names are those of the file. */
export interface Config extends ContainerConfig, HttpOutputsConfig, OwnStateConfig {
  /** Limits of rules that have none of their own. */
  shaping: readonly ShapingConfig[];
  /** Files and folders in loading order; `undefined`: the rules that come with Saker. */
  rules_files: readonly string[] | undefined;
  rules: readonly RuleSwitch[];
  skip_invalid_rules: boolean;
  rule_matching: 'all' | 'first';
  /** The least urgent priority that is enabled, 0 Emergency to 7 Debug. */
  priority: number;
  /**
   * Without the key, as in the configuration that Falco ships: every alert gets the fields that tell
   * which container it was. `append_output: []` leaves them out.
   */
  append_output: readonly AppendOutput[];
  static_fields: Readonly<Record<string, string>>;
  /** Read rules and configuration again when their files change. */
  watch_config_files: boolean;
  json_output: boolean;
  json_include_output_property: boolean;
  json_include_message_property: boolean;
  json_include_tags_property: boolean;
  json_include_output_fields_property: boolean;
  time_format_iso_8601: boolean;
  stdout_output: OutputLimits & { enabled: boolean };
  file_output: OutputLimits & {
    enabled: boolean;
    filename: string;
    keep_alive: boolean;
    rotation: RotationConfig;
  };
  program_output: ProgramOutputConfig;
  /** Where alerts wait for the outputs below. */
  spool: SpoolConfig;
  kafka_output: KafkaOutputConfig;
  syslog_output: SyslogOutputConfig;
  /** Hide passwords, tokens and keys of watched processes in alerts. */
  mask_secrets: boolean;
  /** What else is hidden: regular expressions of RE2. */
  mask_patterns: readonly string[];
  /** Whether rules with an action act. */
  enforcement: EnforcementConfig;
  log_stderr: boolean;
  log_level: LogLevel;
  /** The kernel decides by the rules which events leave it. */
  kernel_filter: boolean;
  /** 0: as `ringBytes` says for this host. */
  ring_bytes: number;
  control_socket: string;
}

/** The configuration file that is read when none is named. */

/** A configuration, and what must be said of it. */
export interface LoadedConfig {
  config: Config;
  /** Keys of Falco that mean nothing here: the file was written for it. */
  foreign: readonly string[];
  /** One line each. */
  warnings: readonly string[];
  /** What of it nobody must see. */
  secrets: Secrets;
}

/** What is never printed. */
export interface Secrets {
  /** Dotted keys. */
  keys: ReadonlySet<string>;
  /** Texts, wherever they stand. */
  texts: ReadonlySet<string>;
  /** More of them, which only the log leaves out: in a file they may be ordinary words, too. */
  logged: ReadonlySet<string>;
}

/**
 * Reads a configuration file.
 *
 * @param file `undefined`: the defaults.
 * @param overrides `key=value` texts in the order given; a key is dotted, `[N]` is an entry of a
 *   list and `[]` a new one.
 * @param kept what cannot be read twice, such as a pipe, is put here and taken from here
 * @throws ConfigError CONFIG_READ when the file cannot be read, CONFIG_INVALID with all that is
 *   wrong, one line each.
 */
export function loadConfig(
  file: string | undefined,
  overrides: readonly string[] = [],
  kept: Map<string, string> = new Map(),
): LoadedConfig {
  const text = file === undefined ? '' : readConfig(file, kept);
  return readConfigText(text, file ?? '-o', overrides);
}

/** The configuration that a text says; `name` is what messages call it. */
export function parseConfig(
  text: string,
  name: string,
  overrides: readonly string[] = [],
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  return readConfigText(text, name, overrides, environment).config;
}

/** The same with what must be said of it. */
export function readConfigText(
  text: string,
  name: string,
  overrides: readonly string[] = [],
  environment: NodeJS.ProcessEnv = process.env,
): LoadedConfig {
  const { tree: said, where: place, problems } = parseYamlDocument(text, name);
  throwIfAny(problems);

  const variables = new Variables(environment, problems);
  let tree: unknown = withDefaults(variables.expand(said ?? {}, place));
  const overridden = new Set<string>();
  for (const override of overrides) {
    const equals = override.indexOf('=');
    if (equals < 1) {
      problems.push(`-o ${override}: expected KEY=VALUE`);
      continue;
    }
    const steps = pathSteps(override.slice(0, equals));
    overridden.add(String(steps[0]));
    const value = variables.expand(scalar(override.slice(equals + 1)), () => '-o ', steps);
    tree = withValue(tree, steps, value);
  }
  const where: Where = (path, key) => (overridden.has(String(path[0])) ? '-o ' : place(path, key));
  const remarks = new Remarks(isFalcoKey);
  const config = read(new Section(tree, [], where, problems, remarks));
  throwIfAny(problems.map((line) => withoutSecrets(line, variables.secrets)));
  const { ignored, secret, secretTexts } = remarks;
  const warning = falcoWarning(name, ignored);
  return {
    config,
    foreign: ignored,
    warnings: warning === undefined ? [] : [warning],
    secrets: { keys: secret, texts: variables.secrets, logged: secretTexts },
  };
}

/** A text with every secret in it replaced. */
export function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

/** Stands in the place of a secret. */
export const HIDDEN = '***';

function read(top: Section): Config {
  const stdout = top.section('stdout_output');
  const file = top.section('file_output');
  const json_output = top.flag('json_output', false);
  const config: Config = {
    rules_files: top.has('rules_files') ? top.texts('rules_files') : undefined,
    rules: top.sections('rules').map(readSwitch),
    skip_invalid_rules: top.flag('skip_invalid_rules', false),
    rule_matching: top.choice('rule_matching', ['all', 'first'], 'all'),
    priority: readPriority(top),
    append_output: top.sections('append_output').map(readAppend),
    static_fields: top.textMap('static_fields'),
    watch_config_files: top.flag('watch_config_files', true),
    json_output,
    json_include_output_property: top.flag('json_include_output_property', true),
    json_include_message_property: top.flag('json_include_message_property', false),
    json_include_tags_property: top.flag('json_include_tags_property', true),
    json_include_output_fields_property: top.flag('json_include_output_fields_property', true),
    time_format_iso_8601: top.flag('time_format_iso_8601', false),
    stdout_output: { enabled: stdout.flag('enabled', true), ...readOutputLimits(stdout) },
    file_output: {
      enabled: file.flag('enabled', false),
      filename: file.text('filename', ''),
      keep_alive: file.flag('keep_alive', false),
      rotation: readRotation(file),
      ...readOutputLimits(file),
    },
    program_output: readProgramOutput(top),
    spool: readSpool(top),
    kafka_output: readKafkaOutput(top),
    syslog_output: readSyslogOutput(top, json_output),
    ...readHttpOutputs(top),
    mask_secrets: top.flag('mask_secrets', true),
    mask_patterns: readPatterns(top),
    ...readEnforcement(top),
    log_stderr: top.flag('log_stderr', true),
    log_level: top.choice('log_level', LOG_LEVELS, 'info'),
    kernel_filter: top.flag('kernel_filter', true),
    ring_bytes: readRing(top),
    control_socket: top.text('control_socket', DEFAULT_CONTROL_SOCKET),
    ...readContainers(top),
    ...readOwnState(top),
    ...readShaping(top),
  };
  if (config.file_output.enabled && config.file_output.filename === '')
    file.refuse('filename', 'is needed when file_output is enabled');
  if (config.control_socket.length > 107 || config.control_socket === '')
    top.refuse('control_socket', 'expected a path of 1 to 107 bytes (unix(7))');
  for (const section of [stdout, file, top]) section.close();
  return config;
}

function readPriority(top: Section): number {
  const names = PRIORITIES.map((name) => name.toLowerCase());
  return parsePriority(top.choice('priority', [...names, 'info'], 'debug')) ?? 7;
}

function readPatterns(top: Section): readonly string[] {
  const patterns = top.texts('mask_patterns');
  for (const pattern of patterns)
    if (replacer(pattern) === undefined)
      top.refuse(
        'mask_patterns',
        `${JSON.stringify(pattern)} is no expression of RE2 that matches something`,
      );
  return patterns;
}

function readConfig(file: string, kept: Map<string, string>): string {
  try {
    const { text, isFile } = kept.has(file)
      ? { text: kept.get(file) ?? '', isFile: true }
      : readText(file);
    if (!isFile) kept.set(file, text);
    return text;
  } catch (cause) {
    const message = `cannot read the configuration ${file}: ${readFailure(cause)}`;
    throw new ConfigError('CONFIG_READ', message, {
      hint: 'name a readable file with -c, or leave -c out',
      cause,
    });
  }
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ConfigError('CONFIG_INVALID', problems.join('\n'), {
    hint: 'correct the configuration or the -o options, and start again',
  });
}
