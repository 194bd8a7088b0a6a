// Every file of cases that we run, in order.

import type { Suite } from './case.js';
import { parserSuite } from './parser.js';

export const SUITES: readonly Suite[] = [parserSuite];
