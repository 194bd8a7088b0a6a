// `saker mute`: keeps the alerts of one rule back for a while, in a running agent.
import type { Mute } from '../agent/mute.js';
import { UsageError } from '../errors.js';
import { DURATION_FORM, durationMs, durationText } from '../rules/duration.js';
import { printable, printableJson } from '../rules/source.js';
import { askMute } from './control-client.js';
import type { Console, MuteFlags } from './flags.js';
import { table } from './table.js';

/** Mutes, and prints what is muted then. */
export async function mute(
  rule: string | undefined,
  options: MuteFlags,
  console: Console,
): Promise<number> {
  const for_ms = options.off ? 0 : durationMs(options.for);
  if (for_ms === undefined || (for_ms === 0 && !options.off))
    throw new UsageError('USAGE', `--for ${options.for} is no length of time`, {
      hint: `expected ${DURATION_FORM}`,
    });
  const mutes = await askMute(options.socket, rule, for_ms);
  console.out(options.json ? `${printableJson(mutes)}\n` : mutesText(mutes));
  return 0;
}

function mutesText(mutes: readonly Mute[]): string {
  if (mutes.length === 0) return 'no rule is muted\n';
  return table(
    ['muted rule', 'for', 'alerts kept back'],
    mutes.map(({ rule, left_s, muted }) => [printable(rule), durationText(left_s * 1000), muted]),
  );
}
