// What tests of the filter on real files have: a sensor, plans made by hand, an interpreter that opens, and a folder.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Plans } from './filter-plan.js';
import { attach, type Sensor } from './harness.js';
import { Python } from './python.js';

/** They are there from the first test of a file to its last. */
export interface FilterFolder {
  readonly sensor: Sensor;
  readonly plans: Plans;
  readonly python: Python;
  /** Its real path. */
  readonly folder: string;
}

/** Makes them before the tests of a file, and takes them away after. */
export function filterFolder(): FilterFolder {
  let sensor: Sensor;
  let plans: Plans;
  let python: Python;
  let folder: string;
  beforeAll(() => {
    sensor = attach();
    plans = new Plans(sensor);
    python = new Python();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'saker-filter-')));
  });
  afterAll(async () => {
    await python.close();
    plans.end();
    sensor.close();
    rmSync(folder, { recursive: true });
  });
  return {
    get sensor() {
      return sensor;
    },
    get plans() {
      return plans;
    },
    get python() {
      return python;
    },
    get folder() {
      return folder;
    },
  };
}
