// `npm run bench -- [PART]... [--write]`: measures and prints. Parts: stages, official, agent, alerts, host, rate,
// table [ROUNDS], floor, floods, filter, delivery, outage, soak, memory [MINUTES]; without one, all of them, with a short
// run of the last. `--write` also writes test/bench/RESULTS.md: the whole of it, or of some parts their sections.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { buildLoad } from './load.js';
import { PARTS, type Part } from './parts.js';

const RESULTS = 'test/bench/RESULTS.md';
const DEFAULT_MINUTES = 10;
const SHORT_MINUTES = 2;
const HEAD =
  '# Benchmark\n\nEach section says what it was measured on, and how. Medians; ratios are within one run. The machine is noisy.';

const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
const { names, minutes, write } = readArguments(process.argv.slice(2));
const parts = names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name));
buildLoad();
const sections: Section[] = [];
for (const part of parts) {
  console.log(`## ${part.title}\n`);
  const lines = await measure(part);
  sections.push({ title: part.title, lines });
}
if (write) writeFileSync(RESULTS, written(sections));

/** What stands below one heading of the results. */
interface Section {
  title: string;
  lines: readonly string[];
}

async function measure(part: Part): Promise<string[]> {
  const lines: string[] = [];
  await part.run((line = '') => {
    lines.push(line);
    console.log(line);
  }, minutes);
  console.log();
  return lines;
}

// What stood in the results stays, but for what was measured.
function written(measured: readonly Section[]): string {
  const isWhole = measured.length === PARTS.length;
  const present = !isWhole && existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').trim() : '';
  const [, ...others] = present.split(/\n\n(?=## )/);
  const found = new Map(others.map((text) => [/^## (.*)/.exec(text)?.[1] ?? '', text]));
  for (const { title, lines } of measured) {
    const by = `${machine()}, commit ${commit()}.\nCommand: \`${command}\`.`;
    found.set(title, textOf({ title, lines: [by, '', ...lines] }));
  }
  const order = PARTS.flatMap(({ title }) => found.get(title) ?? []);
  return `${[HEAD, ...order].join('\n\n')}\n`;
}

function textOf({ title, lines }: Section): string {
  return [`## ${title}`, '', ...lines].join('\n').trimEnd();
}

function machine(): string {
  return `Linux ${release()}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, Node ${process.version}`;
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

function readArguments(args: readonly string[]) {
  const known = new Set(PARTS.map(({ name }) => name));
  const named = args.filter((arg) => known.has(arg));
  const count = args.find((arg) => /^\d+$/.test(arg));
  const wrong = args.find((arg) => arg !== '--write' && arg !== count && !known.has(arg));
  if (wrong !== undefined) {
    console.error(`bench: no part ${wrong}; there are ${[...known].join(', ')}, and --write`);
    process.exit(2);
  }
  const unsaid = named.length === 0 ? SHORT_MINUTES : DEFAULT_MINUTES;
  return {
    names: named,
    minutes: count === undefined ? unsaid : Number(count),
    write: args.includes('--write'),
  };
}
