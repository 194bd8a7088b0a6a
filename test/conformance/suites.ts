// Every file of cases that we run, in order.

import { alertSuite } from './alert.js';
import type { Suite } from './case.js';
import { compileSuite, eventSuite, fieldSuite } from './compile.js';
import { evttypesSuite } from './evttypes.js';
import { formatSuite } from './format.js';
import { loaderSuite } from './loader.js';
import { matchSuite } from './match.js';
import { matchScenarioSuite } from './match-scenario.js';
import { officialSuite } from './official.js';
import { parserSuite } from './parser.js';

export const SUITES: readonly Suite[] = [
  parserSuite,
  compileSuite,
  evttypesSuite,
  loaderSuite,
  officialSuite,
  matchSuite,
  matchScenarioSuite,
  formatSuite,
  alertSuite,
  fieldSuite,
  eventSuite,
];
