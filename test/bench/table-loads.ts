// Loads of the comparison that are programs of the host: a compiler, a search, a shell.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = 300;
const FILES = 20_000;
const PIPELINES = 1500;
const FILES_PER_FOLDER = 200;

/** Prepared once, run as often as wanted. */
export class HostLoads {
  readonly #folder = mkdtempSync(join(tmpdir(), 'saker-table-'));

  constructor() {
    mkdirSync(join(this.#folder, 'sources'));
    for (let n = 0; n < SOURCES; n++) {
      const text = `#include <stdio.h>\nint f${n}(int a) { return printf("%d", a + ${n}); }\n`;
      writeFileSync(join(this.#folder, 'sources', `f${n}.c`), text);
    }
    for (let n = 0; n < FILES; n++) {
      const folder = join(this.#folder, 'files', String(Math.floor(n / FILES_PER_FOLDER)));
      if (n % FILES_PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file${n}`), `${n}\n`);
    }
  }

  /** Runs one of them; seconds. */
  run(name: HostLoadName): number {
    const begin = performance.now();
    execFileSync('/bin/bash', ['-c', SCRIPTS[name]], { cwd: this.#folder, stdio: 'ignore' });
    return (performance.now() - begin) / 1000;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const SCRIPTS = {
  compile: 'ls sources/*.c | xargs -P 2 -n 1 gcc -O1 -c -o /dev/null',
  search: 'find files -type f > /dev/null; find files -type f -print0 | xargs -0 cat > /dev/null',
  pipelines: `for ((i = 0; i < ${PIPELINES}; i++)); do echo "$i" | cat | wc -l > /dev/null; done`,
} as const;

export type HostLoadName = keyof typeof SCRIPTS;
