// The examples of docs/rules.md: every block of rules loads, every condition is one, and every command
// prints what is shown below it. A block whose first line names a file is written to that file. And
// docs/configuration.md: its keys and values, and that links between documents lead somewhere.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/program.js';
import { parseConfig } from '../../src/config.js';
import { diagnosticText } from '../../src/rules/diagnostics.js';
import { loadRules, type RuleSource } from '../../src/rules/file.js';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const TEXT = readFileSync(join(DOCS, 'rules.md'), 'utf8');

interface Block {
  kind: string;
  text: string;
  line: number;
}

const BLOCKS = blocksOf(TEXT);
const FILES = new Map(BLOCKS.map(fileOf).filter((file) => file !== undefined));

let before = '';
let folder = '';
beforeAll(() => {
  before = process.cwd();
  folder = mkdtempSync(join(tmpdir(), 'saker-docs-'));
  for (const [name, { text }] of FILES) writeFileSync(join(folder, name), text);
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

test('the guide has examples of each kind', () => {
  const kinds = new Set(BLOCKS.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(['condition', 'console', 'yaml', 'yaml-test']);
});

describe('rules', () => {
  const shown = new Set(BLOCKS.filter(({ kind }) => kind === 'console').flatMap(invalidFiles));
  test.each(blocks('yaml'))('of line $line load', (block) => {
    const [name, file] = fileOf(block) ?? ['rules.yaml', { text: block.text, after: [] }];
    const sources = [...file.after.map(sourceOf), { name, text: file.text }];
    const set = loadRules(sources);
    // What is wrong is wrong on purpose, and then the message is shown.
    if (shown.has(name)) return expect(set.errors).not.toEqual([]);
    expect(set.errors.map(diagnosticText)).toEqual([]);
  });
});

describe('conditions', () => {
  const lines = blocks('condition').flatMap(({ text }) => text.trim().split('\n'));
  test.each(lines)('%s', (condition) => {
    const item = { rule: 'r', desc: 'd', condition, output: 'o', priority: 'INFO' };
    const { errors, warnings } = loadRules([{ name: 'r', text: JSON.stringify([item]) }]);
    expect([...errors, ...warnings].map(diagnosticText)).toEqual([]);
  });

  test('mean what is said of the precedence of and', () => {
    const [first = '', second = '', third = ''] = lines;
    const [a, b, c] = [first, second, third].map(canonical);
    expect(a).toBe(b);
    expect(c).not.toBe(b);
  });
});

describe('commands', () => {
  test.each(blocks('console').flatMap(runsOf))('$command', async ({ command, output }) => {
    let printed = '';
    const write = (text: string): void => {
      printed += text;
    };
    await main(command.split(' ').slice(1), { out: write, err: write });
    expect(printed.trimEnd()).toBe(output);
  });
});

test('links lead to files and headings that exist', () => {
  const links = [...TEXT.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
  expect(links.length).toBeGreaterThan(5);
  for (const [, file = '', anchor] of links) {
    const path = join(DOCS, file === '' ? 'rules.md' : file);
    expect(existsSync(path), path).toBe(true);
    if (anchor !== undefined) expect(headings(readFileSync(path, 'utf8'))).toContain(anchor);
  }
});

test.each(['README.md', 'CHANGELOG.md'])('links of %s lead to files that exist', (name) => {
  const path = join(dirname(DOCS), name);
  for (const [, file = ''] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
    expect(existsSync(join(dirname(path), file)), file).toBe(true);
});

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```([a-z-]+)\n([\s\S]*?)^```$/gm)].map((found) => ({
    kind: found[1] ?? '',
    text: found[2] ?? '',
    line: text.slice(0, found.index).split('\n').length,
  }));
}

function blocks(kind: string): Block[] {
  return BLOCKS.filter((block) => block.kind === kind);
}

function fileOf({ text }: Block): [string, { text: string; after: string[] }] | undefined {
  const found = /^# (\S+\.yaml)(?:, loaded after (.*))?\n/.exec(text);
  const name = found?.[1];
  if (name === undefined) return undefined;
  return [name, { text, after: found?.[2]?.split(' ') ?? [] }];
}

function sourceOf(name: string): RuleSource {
  return { name, text: FILES.get(name)?.text ?? '' };
}

function runsOf({ text }: Block): { command: string; output: string }[] {
  return text.split(/^\$ /m).flatMap((run) => {
    const [command = '', ...lines] = run.trimEnd().split('\n');
    return command === '' ? [] : [{ command, output: lines.join('\n') }];
  });
}

function invalidFiles(block: Block): string[] {
  return [...block.text.matchAll(/^(\S+): invalid$/gm)].map((found) => found[1] ?? '');
}

function canonical(condition: string): string {
  const item = { rule: 'r', desc: 'd', condition, output: 'o', priority: 'INFO' };
  const set = loadRules([{ name: 'r', text: JSON.stringify([item]) }]);
  return set.rules[0]?.conditionText ?? '';
}

function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the page on the configuration', () => {
  const page = blocksOf(readFileSync(join(DOCS, 'configuration.md'), 'utf8'));
  const text = page
    .filter(({ kind }) => kind === 'yaml')
    .map((block) => block.text)
    .join('\n');

  test('has every key, with the value that it has without the file', () => {
    // Those without a value are shown with an example.
    const examples = { rules: [], rules_files: undefined };
    const shown = parseConfig(text.replace(/, sockets: .*\]/, ''), 'configuration.md', [], {});
    const without = parseConfig('', 'none', [], {});
    expect({ ...shown, ...examples }).toEqual(without);
    for (const key of Object.keys(without)) expect(text).toMatch(new RegExp(`^${key}:`, 'm'));
  });
});

test('links between documents lead to a file, and to a heading of it', () => {
  const root = join(DOCS, '..');
  const pages = ['README.md', ...readdirSync(DOCS).map((name) => `docs/${name}`)];
  const dead = pages.flatMap((page) => {
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^):\s]+)\)/g);
    return [...links].flatMap(([, link = '']) => {
      const [path = '', heading] = link.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(file)) return `${page}: ${link}`;
      if (heading === undefined) return [];
      const names = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
      return [...names].some(([, name = '']) => anchorOf(name) === heading)
        ? []
        : `${page}: ${link}`;
    });
  });
  expect(dead).toEqual([]);
});

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
