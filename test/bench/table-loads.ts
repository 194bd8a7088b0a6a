// Loads of the comparison that are programs of the host: a compiler, a search, a shell.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = 300;
const FUNCTIONS = 12;
const FILES = 20_000;
const PIPELINES = 1500;

/** What compiling a source takes is mostly these. */
const INCLUDES = [
  'stdio.h',
  'stdlib.h',
  'string.h',
  'unistd.h',
  'pthread.h',
  'netinet/in.h',
  'sys/socket.h',
  'sys/stat.h',
];

/** Prepared once, run as often as wanted. */
export class HostLoads {
  readonly #folder = mkdtempSync(join(tmpdir(), 'saker-table-'));

  constructor() {
    for (let n = 0; n < SOURCES; n++) writeFileSync(join(this.#folder, `f${n}.c`), source(n));
    this.#bash(
      `find /usr -xdev -type f -size -64k -print0 | sort -z | head -z -n ${FILES} > files`,
    );
  }

  /** Runs one of them; seconds. */
  run(name: HostLoadName): number {
    const begin = performance.now();
    this.#bash(SCRIPTS[name]);
    return (performance.now() - begin) / 1000;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #bash(script: string): void {
    execFileSync('/bin/bash', ['-c', script], { cwd: this.#folder, stdio: 'ignore' });
  }
}

const SCRIPTS = {
  compile: 'rm -f *.o; ls *.c | xargs -P 2 -n 1 gcc -O1 -c',
  search: 'find / -xdev -type f > /dev/null; xargs -0 -a files -n 50 cat > /dev/null',
  pipelines: `for ((i = 0; i < ${PIPELINES}; i++)); do
    word=$(echo "$i" | sed s/3/4/ | tr 0-9 k-t)
    [ -e "/tmp/$word" ] || continue
  done`,
} as const;

export type HostLoadName = keyof typeof SCRIPTS;

function source(n: number): string {
  const includes = INCLUDES.map((name) => `#include <${name}>`);
  const functions = Array.from(
    { length: FUNCTIONS },
    (_, at) => `
long sum_${n}_${at}(const char *word, long count)
{
	char line[200];
	long sum = ${at};

	for (long i = 0; i < count; i++) {
		sum += snprintf(line, sizeof(line), "%ld: %s of ${n}", i, word);
		sum = strlen(line) % ${at + 2} ? sum + line[0] : sum ^ i;
	}
	return sum;
}
`,
  );
  return [...includes, ...functions].join('\n');
}
