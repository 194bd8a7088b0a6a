// The built agent, and the alerts that it prints.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { askStats } from '../../src/cli/control-client.js';

/** One alert, as far as it is read here. */
export interface NoiseAlert {
  rule: string;
  priority: string;
  output: string;
  output_fields: Record<string, string | number | boolean | null>;
}

/** A running agent; its alerts are complete when it has stopped. */
export interface AgentRun {
  readonly alerts: readonly NoiseAlert[];
  /** Says in words what it saw and what was lost; may be called twice. */
  stop(): Promise<string>;
}

/** The output of a rule need not say what tells us whose alert it is. */
const FIELDS = ['thread.cgroups', 'proc.exepath', 'proc.pname', 'proc.cmdline', 'fd.name']
  .concat(['evt.type', 'evt.res', 'proc.aname[2]', 'proc.aname[3]', 'proc.pcmdline', 'user.name'])
  .concat(['container.id', 'container.image.repository', 'proc.aexepath[2]', 'proc.aexepath[3]']);
/** The ring is read all the time; this is for what waits for a container runtime. */
const SETTLE_MS = 8000;

/**
 * Starts it with every rule, also those that are disabled, and waits until it watches.
 *
 * @param docker the socket at which it asks about containers
 */
export async function startAgent(rules: readonly string[], docker: string): Promise<AgentRun> {
  const folder = mkdtempSync(join(tmpdir(), 'saker-noise-agent-'));
  const socket = join(folder, 'agent.sock');
  const args = ['dist/main.js', 'run', '--json', '-o', `control_socket=${socket}`];
  args.push('-o', 'rule_matching=all', '-o', 'rules[].enable.rule=*');
  args.push('-o', `append_output[].extra_fields=${JSON.stringify(FIELDS)}`);
  args.push('-o', `container_engines.docker.sockets[]=${docker}`);
  for (const path of rules) args.push('-r', path);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const alerts: NoiseAlert[] = [];
  createInterface(child.stdout).on('line', (line) => alerts.push(JSON.parse(line)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-100_000);
      if (said.includes('"watching"')) resolve();
    });
    child.once('close', () => reject(new Error(`the agent ended: ${said}`)));
  });
  let ending: string | undefined;
  return {
    alerts,
    async stop() {
      if (ending !== undefined) return ending;
      await sleep(SETTLE_MS);
      const stats = await askStats(socket);
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      const counts = Object.values(stats.types);
      const sum = (key: 'seen' | 'sent' | 'lost') =>
        counts.reduce((total, one) => total + one[key], 0);
      ending = `${sum('seen')} events seen, ${sum('sent')} sent, ${sum('lost')} lost`;
      return ending;
    },
  };
}
