// Agents with a sensor double, for the tests of this folder.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { AgentOptions } from '../../../src/agent/options.js';
import { Agent } from '../../../src/agent.js';
import { askStats } from '../../../src/cli/control-client.js';
import { prepareRules } from '../../../src/cli/load.js';
import { parseConfig } from '../../../src/config.js';
import { asWritten, type RuleOptions } from '../../../src/sensor/protocol.js';

/** A folder of the test's own; the agent's socket and file are in it. */
export let folder = '';
let running: Agent[] = [];
/** What the agent wrote in the place of stderr. */
export const log: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-agent-'));
  log.length = 0;
});
afterEach(async () => {
  for (const agent of running) await agent.stop();
  running = [];
  delete process.env.NOTIFY_SOCKET;
  delete process.env.WATCHDOG_USEC;
  rmSync(folder, { recursive: true, force: true });
});

/** One rule that loads, named Key read. */
export const RULE =
  '- rule: Key read\n  desc: d\n  condition: evt.type = openat\n  output: o\n  priority: NOTICE\n';

export const rules: RuleOptions = asWritten([{ name: 'r.yaml', text: RULE }]);

/** An agent with the sensor double in a part; it is stopped after the test. */
export function makeAgent(
  part: string,
  overrides: string[] = [],
  more: Partial<AgentOptions> = {},
): Agent {
  const config = parseConfig('', 'test', [
    `control_socket=${join(folder, 'agent.sock')}`,
    'stdout_output.enabled=false',
    'agent_alerts.enabled=false',
    'file_output.enabled=true',
    `file_output.filename=${join(folder, 'alerts')}`,
    ...overrides,
  ]);
  const agent = new Agent({
    config,
    rules,
    loadRules: async (options) => prepareRules(options),
    hostname: part,
    terminal: false,
    person: false,
    sensorFile: new URL('sensor-double.mjs', import.meta.url),
    writeLog: (line) => log.push(line),
    ...more,
  });
  running.push(agent);
  return agent;
}

/** The same, started and watching. */
export async function started(
  part = 'wakes',
  overrides: string[] = [],
  more: Partial<AgentOptions> = {},
): Promise<Agent> {
  const agent = makeAgent(part, overrides, more);
  await agent.start();
  await until(() => said('watching') !== undefined);
  return agent;
}

/** The first entry of the log with a message. */
export function said(message: string): Record<string, unknown> | undefined {
  for (const line of log)
    if (line.startsWith('{')) {
      const entry: Record<string, unknown> = JSON.parse(line);
      if (entry.msg === message) return entry;
    }
  return undefined;
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The write is done before it is counted. */
export async function untilDelivered(): Promise<void> {
  const socket = join(folder, 'agent.sock');
  while ((await askStats(socket)).outputs.file?.delivered !== 2);
}

export const alertsFile = () => readFileSync(join(folder, 'alerts'), 'utf8');
