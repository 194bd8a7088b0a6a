// Rules that change under an agent: when they are read, and what is told.
import { describe, expect, test } from 'vitest';
import { expectedEvents } from '../../../src/agent/rules.js';
import type { Agent } from '../../../src/agent.js';
import { RuleError } from '../../../src/errors.js';
import type { RuleOptions } from '../../../src/sensor/protocol.js';
import { log, RULE, rules, said, started, until } from './running.js';

test('event types are expected that stand behind evt.type, in one line or several', () => {
  const text = `
- macro: opened
  condition: (evt.type in (open,
    openat) and evt.dir = <)
- rule: r
  condition: opened or evt.type = execve or evt.type != read or evt.type in (network_calls)
  output: "%evt.type of write"
`;
  const names = expectedEvents({ ...rules, sources: [{ name: 'r.yaml', text }] });
  expect(names).toEqual(['open', 'openat', 'execve', 'network_calls']);
});

describe('rules that change', () => {
  const renamed = (name: string) => ({
    ...rules,
    sources: [{ name: 'r.yaml', text: RULE.replace('Key read', name) }],
  });
  let current: () => RuleOptions = () => rules;

  async function watching(): Promise<Agent> {
    current = () => rules;
    const origin = { read: () => current(), paths: () => [] };
    return started('wakes', ['watch_config_files=false'], { origin });
  }

  const taken = () =>
    log.flatMap((line) => {
      const entry: { msg?: string; names?: string[] } = line.startsWith('{')
        ? JSON.parse(line)
        : {};
      return entry.msg === 'took' ? (entry.names ?? []) : [];
    });

  test('are handed over when they are asked for, the last of several requests at the end', async () => {
    const agent = await watching();
    for (const name of ['One', 'Two', 'Three']) {
      current = () => renamed(name);
      agent.reload();
    }
    await until(() => taken().includes('Three'));
    expect(said('watching with new rules')).toMatchObject({ rules: 1, hooks: 5 });
    expect(taken().at(-1)).toBe('Three');
  });

  test('are told when they are wrong, and not handed over', async () => {
    const agent = await watching();
    current = () => ({ ...rules, sources: [{ name: 'r.yaml', text: '- rule: Bad' }] });
    agent.reload();
    await until(() => said('the old rules stay in force: a rule does not load') !== undefined);
    expect(log.join('')).toContain('r.yaml:1');
    expect(taken()).toEqual(['Key read']);
  });

  test('are told when they cannot be read', async () => {
    const agent = await watching();
    current = () => {
      throw new RuleError('RULE_READ', 'cannot read rules from /r.yaml');
    };
    agent.reload();
    await until(
      () => said('the old rules stay in force: cannot read rules from /r.yaml') !== undefined,
    );
  });

  test('are told when the kernel does not take them', async () => {
    const agent = await watching();
    current = () => renamed('Refuse');
    agent.reload();
    await until(() => said('the old rules stay in force: the kernel said no') !== undefined);
  });
});
