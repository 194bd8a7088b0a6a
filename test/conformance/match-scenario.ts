// match-cases.json once more: the scenario of each case is played, and the condition evaluated on
// its last event, so that the derivation of every field is tested too.

import { compileCondition } from '../../src/match/compile.js';
import { parseCondition, RULE_MAX_DEPTH } from '../../src/rules/parser.js';
import { type Case, caseList, compare, type Outcome, record, type Suite, text } from './case.js';
import { givenValue } from './match.js';
import { playScenario } from './scenario.js';

export const matchScenarioSuite: Suite = {
  file: 'match-cases.json',
  name: 'match-cases.json on its scenarios',
  cases: (content) => caseList(content).map((one) => ({ ...one, id: `${one.id} played` })),
  run,
};

function run(one: Case, directory: string): Outcome {
  const { event, resolve } = playScenario(text(one.scenario), directory);
  const fields = record(one.fields);
  const expression = parseCondition(text(one.condition), { maxDepth: RULE_MAX_DEPTH });
  // A field that nothing has a source for keeps the value of the case.
  const condition = compileCondition(
    expression,
    (field) => resolve(field) ?? (() => givenValue(field, fields)),
  );
  return compare({ result: condition(event) }, { result: one.expect });
}
