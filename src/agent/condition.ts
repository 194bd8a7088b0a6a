// What somebody asks to see of the events: a condition, made a rule of by the rule loader.
import { SakerError } from '../errors.js';
import { asksFacts } from '../rules/facts.js';
import type { Rule } from '../rules/rule.js';
import { asWritten, type RuleOptions } from '../sensor/protocol.js';
import type { SensorThread } from '../sensor/thread.js';
import type { AgentNames } from './names.js';
import type { RuleLoader } from './rule-loader-thread.js';

/** Who is asked for events. */
export interface Sources {
  sensor: Pick<SensorThread, 'tap' | 'untap'>;
  names: Pick<AgentNames, 'want'>;
  load: RuleLoader;
}

/**
 * Sends the events that a condition holds for.
 *
 * @returns ends it
 * @throws SakerError when the condition is refused
 */
export async function tapEvents(
  condition: string,
  json: boolean,
  send: (text: string, dropped: number) => void,
  { sensor, names, load }: Sources,
): Promise<() => void> {
  const { rule, hostNames } = await loadCondition(condition, load);
  const id = await sensor.tap(rule, json, send);
  names.want(`tap ${id}`, hostNames);
  return () => {
    sensor.untap(id);
    names.want(`tap ${id}`, []);
  };
}

/**
 * A condition as a rule: it is checked as one, and points at its own text when it is wrong.
 *
 * @throws SakerError when the condition is refused
 */
export async function loadCondition(
  condition: string,
  load: RuleLoader,
): Promise<{ rule: Rule; hostNames: readonly string[] }> {
  const result = await load(conditionOptions(condition));
  if ('failure' in result) {
    const { code, diagnostics = [] } = result.failure;
    const wrong = diagnostics.map((one) => one.replace(/^.*?: error: rule 'filter': /, ''));
    const message = ['the condition does not compile', ...wrong].join('\n');
    throw new SakerError(code, message);
  }
  const { rules, hostNames } = result.rules;
  const [rule] = rules;
  if (rule === undefined) throw new SakerError('INTERNAL', 'the condition made no rule');
  if (asksFacts(rule))
    throw new SakerError('RULE_INVALID', 'events do not wait for file.sha256 or lookup(...)', {
      hint: 'rules may ask for them',
    });
  return { rule, hostNames };
}

const TAP_OUTPUT =
  '%evt.time %evt.type %proc.name(%proc.pid) user=%user.name container=%container.id ' +
  'res=%evt.res %evt.args';

function conditionOptions(condition: string): RuleOptions {
  const item = {
    rule: 'filter',
    desc: 'What somebody asked to see.',
    output: TAP_OUTPUT,
    priority: 'DEBUG',
    warn_evttypes: false,
  };
  const text = [
    `- condition: ${blockOf(condition.trim() === '' ? 'evt.num > 0' : condition)}`,
    ...Object.entries(item).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
  ].join('\n');
  return asWritten([{ name: 'filter', text }]);
}

// As a block the lines that a message shows are those that somebody typed.
function blockOf(condition: string): string {
  if (/[^\P{Cc}\n]|[\u2028\u2029\ufeff]/u.test(condition)) return JSON.stringify(condition);
  return `|1-\n${condition.replace(/^/gm, '   ')}`;
}
