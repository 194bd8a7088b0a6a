// The thread that turns rule texts into checked rules and ends. Reading takes some hundred
// milliseconds and many megabytes; here it stalls neither the sensor nor the outputs, rules that are
// too much for it cost only this thread, and the memory goes back with it.
import { parentPort, workerData } from 'node:worker_threads';
import { prepareRules } from '../cli/load.js';
import type { RuleOptions } from '../sensor/protocol.js';

const options: RuleOptions = workerData;
parentPort?.postMessage(prepareRules(options));
