// Rules on their way to the sensor: what stops the start, and what is only told.
import { expect, test } from 'vitest';
import type { HostFeatures } from '../../../src/bpf/features.js';
import { loadForRun } from '../../../src/cli/load.js';
import { probeJson, probeText } from '../../../src/cli/probe.js';
import { asWritten, type RuleOptions } from '../../../src/sensor/protocol.js';

function rule(name: string, condition = 'evt.type = openat', priority = 'NOTICE'): string {
  return `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: ${priority}\n`;
}

function load(text: string, options: Partial<RuleOptions> = {}) {
  return loadForRun({
    ...asWritten([{ name: 'r.yaml', text }]),
    ...options,
  });
}

const names = (loaded: ReturnType<typeof load>) => loaded.active.map(({ name }) => name);

test('rules that are right run in their order', () => {
  const loaded = load(rule('B') + rule('A'));
  expect(loaded.failure).toBeUndefined();
  expect(names(loaded)).toEqual(['B', 'A']);
});

test('one wrong rule stops the start with its place', () => {
  const { failure } = load(rule('Good') + rule('Bad', 'evt.tpye = openat'));
  expect(failure).toMatchObject({ code: 'RULE_INVALID', exitStatus: 1 });
  expect(failure?.diagnostics?.[0]).toContain("r.yaml:8:14: error: rule 'Bad':");
});

test('one wrong rule is left out and told when that is wished', () => {
  const loaded = load(rule('Good') + rule('Bad', 'evt.tpye = openat'), { skipInvalid: true });
  expect(loaded.failure).toBeUndefined();
  expect(names(loaded)).toEqual(['Good']);
  expect(loaded.warnings.join()).toContain("rule 'Bad'");
});

test('a rule that asks for what nothing fills stops the start unless it is switched off', () => {
  const text = rule('Good') + rule('Blind', 'evt.asynctype = x');
  expect(load(text).failure?.diagnostics?.[0]).toContain("rule 'Blind': its condition needs");
  const switches = [{ enable: false, rule: 'Blind' }];
  expect(load(text, { switches }).failure).toBeUndefined();
  const skipped = load(text, { skipInvalid: true });
  expect(skipped.failure).toBeUndefined();
  expect(names(skipped)).toEqual(['Good']);
});

test('a plugin that is not there stops the start', () => {
  const text = `- required_plugin_versions:\n    - name: json\n      version: 0.1.0\n${rule('R')}`;
  expect(load(text).failure?.diagnostics?.join()).toContain('json 0.1.0');
});

test.each([
  ['', {}, 'there are no rules'],
  [rule('R'), { minPriority: 3 }, 'none of 1 rules is enabled'],
  [rule('R'), { switches: [{ enable: false, rule: '*' }] }, 'none of 1 rules is enabled'],
])('nothing to watch for is a mistake: %j %j', (text, options, message) => {
  expect(load(text, options).failure).toMatchObject({ message, exitStatus: 1 });
});

const host: HostFeatures = {
  features: new Map([
    [
      'btf',
      {
        name: 'btf',
        title: 'kernel types',
        available: false,
        reason: 'no file',
        remedy: 'another kernel',
        required: true,
      },
    ],
  ]),
  kernel: '6.1.0',
  architecture: 'x64',
  cgroup: 'v2',
  lsm: undefined,
  ia32_calls: true,
  memlock_bytes: Number.POSITIVE_INFINITY,
};

test('the probe says what is missing, why, what to do, and whether the agent can run', () => {
  expect(probeText(host)).toBe(
    [
      'kernel 6.1.0 x64, cgroup v2, security modules: not told',
      '',
      'NO   btf  kernel types: no file',
      '          another kernel',
      '',
      'saker run does not work here, see NO above',
      '',
    ].join('\n'),
  );
  expect(JSON.parse(JSON.stringify(probeJson(host)))).toMatchObject({
    able: false,
    lsm: null,
    memlock_bytes: null,
    features: { btf: { available: false, required: true, remedy: 'another kernel' } },
  });
});
