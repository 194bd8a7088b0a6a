// Events that no rule is about, and that rules rest on all the same: what they change is state that is
// kept here, so that the kernel must send them as if a rule were about them.
import type { MatchableRule } from '../match/matcher.js';
import { includesEvent } from '../rules/event-types.js';
import { typeNumber } from '../rules/events.js';
import { parseCondition } from '../rules/parser.js';
import type { Rule } from '../rules/rule.js';

/** What decides whether state is needed. */
export type StatefulRule = Pick<Rule, 'conditionText' | 'output' | 'events'>;

/** Conditions of the events that change state which these rules read; nobody matches them. */
export function stateRules(rules: readonly StatefulRule[]): MatchableRule[] {
  const found: MatchableRule[] = [];
  if (readsAny(rules, ['proc.cwd'])) {
    const condition = parseCondition(`evt.type in (${CWD_CALLS.join(', ')}) and evt.rawres >= 0`);
    found.push({ name: 'state: working directories', condition });
  }
  const transfers = readsAny(rules, PEER_FIELDS)
    ? TRANSFERS.filter((name) => rules.some(({ events }) => includesEvent(events, name)))
    : [];
  if (transfers.length > 0) {
    const condition = parseCondition(
      `evt.type in (${transfers.join(', ')}) and evt.rawres >= 0 and fd.l4proto != tcp`,
    );
    found.push({ name: 'state: peers of sockets', condition });
  }
  return found;
}

/** The types of such events that the rules do not ask for themselves. */
export function stateTypes(rules: readonly StatefulRule[]): number[] {
  if (!readsAny(rules, ['proc.cwd'])) return [];
  return CWD_CALLS.map(typeNumber).filter((type) => type !== undefined);
}

// The working directory of a process, from its exec on.
const CWD_CALLS = ['chdir', 'fchdir', 'chroot'];

// Whom a socket that is not connected talked to last; only calls with an address change it.
const PEER_FIELDS = ['fd.name_changed', 'fd.connected'];
const TRANSFERS = ['sendto', 'recvfrom', 'sendmsg', 'recvmsg', 'sendmmsg', 'recvmmsg'];

function readsAny(rules: readonly StatefulRule[], fields: readonly string[]): boolean {
  return rules.some(({ conditionText, output }) =>
    fields.some((field) => conditionText.includes(field) || output.includes(field)),
  );
}
