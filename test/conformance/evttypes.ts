// evttypes-cases.json: the event types a condition can match.

import { eventTypes, includesEvent } from '../../src/rules/event-types.js';
import { ConditionError } from '../../src/rules/lexer.js';
import { parseCondition } from '../../src/rules/parser.js';
import { type Case, caseList, type Outcome, type Suite, text, texts } from './case.js';

export const evttypesSuite: Suite = { file: 'evttypes-cases.json', cases: caseList, run };

function run(one: Case): Outcome {
  try {
    const types = eventTypes(parseCondition(text(one.condition)));
    if (one.ok !== true) return { fail: 'accepted' };
    const complement = one.events === 'all' || one.events_complement !== undefined;
    const wanted = [...texts(one.events), ...texts(one.events_complement)].sort();
    const got = [...types.names].sort();
    const same = types.complement === complement && got.join() === wanted.join();
    if (!same) return { fail: `got ${types.complement ? 'all but' : 'only'} ${got.join()}` };
    return includesEvent(types, wanted[0] ?? '(none)') !== complement || wanted.length === 0
      ? 'pass'
      : { fail: 'includesEvent disagrees with the set' };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return one.ok === true ? { fail: error.message } : 'pass';
  }
}
