// `saker replay`: what rules say to a recording; no kernel, no privilege, any host.
import { isatty } from 'node:tty';
import { alertLines } from '../agent/summary.js';
import { type Capture, readCapture } from '../capture/file.js';
import type { Config } from '../config.js';
import { type CapturedHost, hostOfFacts, noteOfJson } from '../enrich/captured-host.js';
import { ReplayHost } from '../enrich/replay.js';
import { alertOptions } from '../output/alert-options.js';
import { asksFacts } from '../rules/facts.js';
import { comparedHostNames } from '../rules/host-names.js';
import { printable } from '../rules/source.js';
import { GAUGE_ALERT_BYTES, GAUGE_SLOTS, type PreparedRules } from '../sensor/protocol.js';
import { RuleStage } from '../sensor/rules.js';
import { ConfiguredRules, runConfig } from './configured.js';
import { errorOfFailure } from './failure.js';
import type { Console, RunFlags } from './flags.js';
import { prepareRules } from './load.js';

/** Prints the alerts of a recording as `saker run` would have. */
export async function replay(file: string, flags: RunFlags, console: Console): Promise<number> {
  const loaded = runConfig(flags);
  for (const warning of loaded.warnings) console.err(`saker: ${printable(warning)}\n`);
  const options = new ConfiguredRules(flags, loaded).first();
  // What was done can neither be ended nor denied any more.
  const enforcement = { ...loaded.config.enforcement, mode: 'off' as const, rules: [] };
  const prepared = prepareRules({ ...options, enforcement });
  if ('failure' in prepared) throw errorOfFailure(prepared.failure);
  const rules = answerable(prepared.rules, console);
  const { capture, host, events, alerts } = replayFile(file, rules, loaded.config, console.out);
  if (capture.cut_bytes > 0)
    console.err(`saker: ${printable(file)} ends in the middle of a record: its recorder was cut\n`);
  const began = new Date(host.began_ms).toISOString();
  console.err(
    `saker: ${capture.records} records of ${printable(host.host_name)} from ${began} on, ` +
      `${events} events\n`,
  );
  for (const line of alertLines(alerts)) console.err(`${line}\n`);
  return 0;
}

function replayFile(
  file: string,
  rules: PreparedRules,
  config: Config,
  print: (text: string) => void,
): { capture: Capture; host: CapturedHost; events: number; alerts: Record<string, number> } {
  // What became known of the host later holds from the beginning: nobody is there to be asked.
  const notes: unknown[] = [];
  const { facts } = readCapture(file, { record: () => {}, note: (note) => notes.push(note) });
  const host = hostOfFacts(facts);
  const replayed = new ReplayHost(host);
  for (const note of notes.map(noteOfJson)) if (note !== undefined) replayed.know(note);
  const stage = stageFor(rules, host, config, print);
  let events = 0;
  const capture = readCapture(file, {
    record(memory, offset, length) {
      const event = replayed.take(memory, offset, length);
      if (event === undefined) return;
      events += 1;
      stage.take(event);
    },
  });
  stage.tellUntold(Number.POSITIVE_INFINITY);
  stage.flush();
  return { capture, host, events, alerts: stage.alertCounts() };
}

function stageFor(
  rules: PreparedRules,
  host: CapturedHost,
  config: Config,
  print: (text: string) => void,
): RuleStage {
  const plain = config.json_output ? 'falco' : 'text';
  const format = plain === 'text' && isatty(1) ? 'terminal' : plain;
  const gauges = new SharedArrayBuffer(4 * GAUGE_SLOTS);
  const stage = new RuleStage(
    {
      gauges,
      alerts: alertOptions(config, host.host_name),
      lanes: [{ key: OUTPUT, format }],
      containerWaitMs: 0,
    },
    NO_QUESTIONS,
    ({ lines, gaugeBytes }) => {
      Atomics.sub(new Int32Array(gauges), GAUGE_ALERT_BYTES, gaugeBytes);
      print(Buffer.from(lines[OUTPUT] ?? []).toString());
    },
    () => {}, // no rule asks
  );
  stage.use(stage.compile(rules, 1));
  return stage;
}

// Rules that ask what no recording answers are left out; those that ask a resolver are told of.
function answerable(prepared: PreparedRules, console: Console): PreparedRules {
  const rules = prepared.rules.filter((rule) => {
    const asks = asksFacts(rule);
    if (asks)
      console.err(
        `saker: rule '${printable(rule.name)}' is left out: a recording has no file to hash, and ` +
          'lists are not looked up\n',
      );
    else if (comparedHostNames([rule.condition]).length > 0)
      console.err(`saker: rule '${printable(rule.name)}': host names are not looked up\n`);
    return !asks;
  });
  return { ...prepared, rules, asksFacts: false };
}

const OUTPUT = 'stdout_output';
const NO_QUESTIONS = { size: 0, refused: 0, isOpen: () => false } as const;
