// The command line: names, options and help. What a command does is imported when it is asked for,
// so that `saker --version` starts fast and the agent does not carry what it does not use.
import { Command, CommanderError } from 'commander';
import { DEFAULT_CONFIG_FILE, DEFAULT_CONTROL_SOCKET } from '../config/defaults.js';
import { UsageError } from '../errors.js';
import type { EarlySensor } from '../sensor/early.js';
import { ownVersion } from '../version.js';
import { errorLines, exitStatusOf } from './failure.js';
import type {
  Console,
  EnforceFlags,
  ExplainFlags,
  JsonFlag,
  MuteFlags,
  RecordFlags,
  RunFlags,
} from './flags.js';
import type { ValidateOptions } from './validate.js';

/**
 * Runs one command.
 *
 * @returns 0 done, 1 the input is wrong, 2 wrong use, 3 the host cannot do it, 70 a defect.
 */
export async function main(args: readonly string[], console: Console = PROCESS): Promise<number> {
  let status = 0;
  const program = makeProgram(console, (result) => {
    status = result;
  });
  try {
    // Commander would print all of its help as an error.
    if (args.length === 0)
      throw new UsageError('USAGE', 'no command was given', { hint: 'saker --help lists them' });
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed its own message; asking for help or the version is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    for (const line of errorLines(error)) console.err(`${line}\n`);
    return exitStatusOf(error);
  }
}

const PROCESS: Console = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

function makeProgram(console: Console, done: (status: number) => void): Command {
  const program = new Command('saker')
    .description('Runtime security monitor: runs Falco rules, filtered in the kernel by eBPF.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(saker --help tells more)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: console.out,
      writeErr: console.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'saker: ')),
    })
    .addHelpText('after', EPILOGUE);

  program
    .command('run')
    .description('run the agent; alerts go to standard output unless configured otherwise')
    .option('-c, --config <file>', `configuration file (default: ${DEFAULT_CONFIG_FILE} if there)`)
    .option('-r, --rules <path>', RULES_HELP, collect)
    .option('-o, --option <key=value>', OPTION_HELP, collect)
    .option('--json', 'alerts as JSON, the same as -o json_output=true')
    .option('--skip-invalid', 'leave out rules that do not load instead of stopping')
    .option('--socket <path>', 'control socket, the same as -o control_socket=PATH')
    .option('--print-config', 'print the configuration that all this comes to, and end')
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (options: RunFlags) => {
      const early = options.printConfig ? undefined : await startEarly();
      try {
        const { run } = await import('./run.js');
        done(await run(options, console, early));
      } finally {
        await early?.end();
      }
    });

  program
    .command('validate')
    .description('load rules, print errors and warnings; status 1 on an error')
    .argument('[path...]', 'the same as -r')
    .option('-c, --config <file>', 'check this configuration too, and the rules that it names')
    .option('-r, --rules <path>', RULES_HELP, collect)
    .option('--json', 'print JSON')
    .option('--emit <form>', EMIT_HELP)
    .action(async (paths: string[], options: ValidateOptions & { rules?: string[] }) => {
      const { validate } = await import('./validate.js');
      const wanted = [...(options.rules ?? []), ...paths];
      done(await validate(wanted, options, console));
    });

  program
    .command('test')
    .description('run rule unit tests: events in, expected alerts out; status 1 on a failure')
    .argument('[path...]', 'test files, or folders of *.test.yaml (default: those of our rules)')
    .option('--json', 'print JSON')
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .action(async (paths: string[], options: { json?: true; junit?: string }) => {
      const { testRules } = await import('./test.js');
      const { json = false, junit } = options;
      done(await testRules(paths, { json, junit }, console));
    });

  program
    .command('explain')
    .description('show what the kernel decides of each rule, and why not the rest')
    .argument('[rule]', 'only this one, with all its tests')
    .option('-r, --rules <path>', RULES_HELP, collect)
    .option('--json', 'print JSON')
    .option('--live', 'ask a running agent what was filtered, and where')
    .option('--socket <path>', 'control socket of the agent', DEFAULT_CONTROL_SOCKET)
    .action(async (rule: string | undefined, options: ExplainFlags) => {
      const { explain } = await import('./explain.js');
      const live = options.live === true ? options.socket : undefined;
      const given = { json: options.json === true, live };
      done(await explain(rule, options.rules ?? [], given, console));
    });

  program
    .command('fields')
    .description('list the fields that conditions and outputs may use')
    .argument('[prefix...]', 'only fields that begin with one of these, such as proc. or fd')
    .option('--json', 'print JSON')
    .action(async (prefixes: string[], options: JsonFlag) => {
      const { fields } = await import('./fields.js');
      done(await fields(prefixes, options.json === true, console));
    });

  program
    .command('probe')
    .description('try what this kernel can do')
    .option('--json', 'print JSON')
    .action(async (options: JsonFlag) => {
      const { probe } = await import('./probe.js');
      done(await probe(options.json === true, console));
    });

  program
    .command('events')
    .description('print events as they happen, from a running agent or by itself')
    .option('--filter <condition>', 'only events that fulfil this condition')
    .option('--json', 'print one JSON object per line')
    .option('--socket <path>', 'control socket of the agent', DEFAULT_CONTROL_SOCKET)
    .action(async (options: { filter?: string; json?: true; socket: string }) => {
      const { events } = await import('./events.js');
      done(await events(options.filter ?? '', options.json === true, options.socket, console));
    });

  program
    .command('record')
    .description('record what happens on this host into a file, for saker replay')
    .argument('<file>', 'must not exist')
    .option('--filter <condition>', 'only events that fulfil this condition')
    .option('-r, --rules <path>', 'only types of events that these rules are about', collect)
    .option('--for <time>', 'such as 30s, 10m; until Ctrl-C otherwise')
    .option('--max-size <MiB>', 'of the file; it ends the recording', '1024')
    .action(async (file: string, options: RecordFlags) => {
      const { record } = await import('./record.js');
      done(await record(file, options, console));
    });

  program
    .command('replay')
    .description('match rules against a recording, on any host; alerts go to standard output')
    .argument('<file>', 'what saker record wrote')
    .option('-c, --config <file>', `configuration file (default: ${DEFAULT_CONFIG_FILE} if there)`)
    .option('-r, --rules <path>', RULES_HELP, collect)
    .option('-o, --option <key=value>', OPTION_HELP, collect)
    .option('--json', 'alerts as JSON, the same as -o json_output=true')
    .option('--skip-invalid', 'leave out rules that do not load instead of stopping')
    .action(async (file: string, options: RunFlags) => {
      const { replay } = await import('./replay.js');
      done(await replay(file, options, console));
    });

  program
    .command('stats')
    .description('print the counters of a running agent')
    .option('--json', 'print JSON')
    .option('--socket <path>', 'control socket of the agent', DEFAULT_CONTROL_SOCKET)
    .action(async (options: { json?: true; socket: string }) => {
      const { stats } = await import('./stats.js');
      done(await stats(options.socket, options.json === true, console));
    });

  program
    .command('mute')
    .description('keep the alerts of one rule back for a while; without a rule, list the muted')
    .argument('[rule]', 'its name; in quotes, if it has spaces')
    .option('--for <time>', 'such as 90s, 10m, 2h; at most a week', '10m')
    .option('--off', 'end it now')
    .option('--json', 'print JSON')
    .option('--socket <path>', 'control socket of the agent', DEFAULT_CONTROL_SOCKET)
    .action(async (rule: string | undefined, options: MuteFlags) => {
      const { mute } = await import('./mute.js');
      done(await mute(rule, options, console));
    });

  program
    .command('enforce')
    .description('what an agent with enforcement.persist left in the kernel, and its removal')
    .option('--clear', 'remove it: what it denies is allowed again')
    .option('--force', 'also while an agent runs')
    .option('-c, --config <file>', `configuration file (default: ${DEFAULT_CONFIG_FILE} if there)`)
    .option('-o, --option <key=value>', OPTION_HELP, collect)
    .option('--json', 'print JSON')
    .action(async (options: EnforceFlags) => {
      const { enforce } = await import('./enforce.js');
      done(await enforce(options, console));
    });

  return program;
}

const RULES_HELP = 'rule file or folder, may be repeated (default: the rules that come with Saker)';
const EMIT_HELP =
  'print the rules themselves, as json-rules-engine; what is wrong with them goes to stderr';
const OPTION_HELP = 'set a key of the configuration, dotted; may be repeated';

const RUN_EXAMPLES = `
Examples:
  saker run                                     all rules that come with Saker, alerts on the terminal
  saker run -r /etc/falco/rules.d -r my.yaml    your own rules, in this order
  saker run --json -o priority=warning          warnings and what is more urgent, as JSON
  saker run -o file_output.enabled=true -o file_output.filename=/var/log/saker.json

Rules that change are read again and replace the old ones at once; wrong ones change nothing.

Signals: SIGINT and SIGTERM end the agent with a summary, SIGHUP reads rules and configuration again
and opens output files anew.`;

const EPILOGUE = `
Exit status:
  0  done
  1  the input is wrong: rules, configuration, no agent to ask
  2  wrong use of the command line
  3  this host cannot do it; saker probe tells what is missing
  70 a defect of Saker`;

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

// All threads of the agent then read their code at the same time.
async function startEarly(): Promise<EarlySensor> {
  const { EarlySensor } = await import('../sensor/early.js');
  const sensor = new EarlySensor();
  const loader = await import('../agent/rule-loader-thread.js');
  loader.startEarly();
  return sensor;
}
