// The layout of the source holds: who imports whom, where packages enter, where casts may stand.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** In the order in which an event passes them. */
const STAGES = ['abi', 'bpf', 'capture', 'decode', 'enrich', 'match', 'output', 'respond'];
/** Beside their stage's predecessors. */
const ALSO: Record<string, readonly string[]> = {
  // The nearest known name of a misspelt one.
  config: ['rules'],
  decode: ['rules'],
  // Names and addresses from outside become byte strings where they enter, see docs/decisions.md.
  enrich: ['rules'],
  match: ['rules'],
  output: ['rules'],
  // Names of rules, and texts of the configuration as byte strings.
  respond: ['rules'],
  // What a test comes to is asked of the matcher's own closures, see docs/decisions.md.
  plan: ['rules', 'abi', 'bpf', 'decode', 'enrich', 'match'],
  rules: [],
};
/** Single files below src/ that every folder may import. */
const FOR_ALL = ['errors', 'config', 'log'];
/** Folders and files that start things: they may import everything. */
const STARTERS = ['cli', 'sensor', 'agent', 'main'];
/** Where a package may be imported. */
const ENTRY: Record<string, (file: string) => boolean> = {
  koffi: (file) => file.startsWith('bpf/'),
  'json-rules-engine': (file) => file === 'match/engine.ts',
  kafkajs: (file) => file === 'output/to-kafka.ts',
  commander: (file) => file.startsWith('cli/'),
  pino: (file) => file === 'log.ts',
};
const REFUSED_NAMES = /(^|[-.])(utils?|helpers?|common|misc|managers?|handlers?|info)([-.]|$)/;

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Text without comments and without the contents of strings, lines kept. */
function codeOf(text: string): string {
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}

/** What a source file imports: packages by name, files relative to src/ without extension. */
function importsOf(file: string): string[] {
  const text = read(join('src', file));
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^;'"]*?\bfrom\s+'([^']+)'/gm),
    ...text.matchAll(/^\s*import\s+'([^']+)'/gm),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ];
  return found.map(([, name = '']) =>
    name.startsWith('.')
      ? relative('/', join('/', dirname(file), name)).replace(/\.js$/, '')
      : name,
  );
}

/** The folder of a source file, or its name when it lies in src/ itself. */
function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : basename(file, '.ts');
}

/** Whether code in one folder may import from another. */
function mayImport(from: string, to: string): boolean {
  if (from === to || FOR_ALL.includes(to)) return true;
  if (STARTERS.includes(from)) return true;
  if (ALSO[from]?.includes(to)) return true;
  return STAGES.includes(from) && STAGES.indexOf(to) < STAGES.indexOf(from) && STAGES.includes(to);
}

const refused = sources.flatMap((file) =>
  importsOf(file)
    .filter((name) => sources.includes(`${name}.ts`))
    .filter((name) => file.includes('/') && !mayImport(folderOf(file), folderOf(`${name}.ts`)))
    .map((name) => `${file} imports ${name}`),
);

test('there is source to look at', () => {
  expect(sources).toContain('errors.ts');
  expect(sources.flatMap(importsOf)).toContain('errors');
});

test('a stage imports only stages before it, and rules imports no folder', () => {
  expect(refused).toEqual([]);
});

test.each([
  ['decode', 'capture', true],
  ['decode', 'rules', true],
  ['decode', 'enrich', false],
  ['rules', 'errors', true],
  ['rules', 'decode', false],
  ['capture', 'rules', false],
  ['plan', 'bpf', true],
  ['plan', 'match', true],
  ['plan', 'output', false],
  ['match', 'plan', false],
  ['cli', 'output', true],
  ['abi', 'plan', false],
  ['bpf', 'cli', false],
])('%s may import %s: %s', (from, to, allowed) => {
  expect(mayImport(from, to)).toBe(allowed);
});

describe.each(Object.entries(ENTRY))('the package %s', (name, allowed) => {
  test('enters through one place', () => {
    const users = sources.filter((file) => importsOf(file).includes(name));
    expect(users.filter((file) => !allowed(file))).toEqual([]);
  });
});

test('"as" stands in src/bpf only, besides "as const" and renamed imports', () => {
  const casts = sources
    .filter((file) => !file.startsWith('bpf/') && file !== 'abi/layout.ts')
    .flatMap((file) => {
      const code = codeOf(read(join('src', file)))
        .replace(/\b(?:import|export)\b[^;]*?\bfrom\b/g, '')
        .replace(/\bexport\s+(?:type\s+)?\{[^}]*\}/g, '');
      return [...code.matchAll(/[\w)\]}>]\s+as\s+(?!const\b)[\w({[][^\n;]*/g)].map(
        ([found]) => `${file}: ${found.trim()}`,
      );
    });
  expect(casts).toEqual([]);
});

test('files are named for what they hold, and folders are two levels deep at most', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  const files = tracked.split('\0').filter((file) => /^(src|bpf|test|scripts|rules)\//.test(file));
  expect(files.filter((file) => file.split('/').some((part) => REFUSED_NAMES.test(part)))).toEqual(
    [],
  );
  expect(
    files.filter((file) => file.split('/').length > (file.startsWith('test/') ? 4 : 3)),
  ).toEqual([]);
});

test('nothing is exported by default, and no file only hands on what others export', () => {
  const wrong = sources.filter((file) => {
    const code = codeOf(read(join('src', file)));
    if (/\bexport\s+default\b/.test(code)) return true;
    const lines = code.split(/;\s*/).map((one) => one.trim());
    const statements = lines.filter((one) => one !== '');
    return statements.length > 0 && statements.every((one) => /^export\b[^=]*\bfrom\b/.test(one));
  });
  expect(wrong).toEqual([]);
});

test('every source file begins by saying what it is for', () => {
  const silent = sources.filter(
    (file) => !/^(#![^\n]*\n)?(\/\/|\/\*)/.test(read(join('src', file))),
  );
  expect(silent).toEqual([]);
});

test('no path of the machine that built it, and no place outside of the project, is written down', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  // A checkout in a folder that every host has says nothing: its path may stand in an example.
  const places = [ROOT, dirname(ROOT)]
    .map((place) => `${place}/`)
    .filter((place) => !/^\/(?:(?:app|etc|home|opt|root|srv|tmp|usr|var)\/.*)?$/.test(place));
  const found = tracked
    .split('\0')
    .filter((file) => file !== '')
    .filter((file) => {
      const text = read(file);
      return places.some((place) => text.includes(place));
    });
  expect(found).toEqual([]);
});
