// Build step: from an object's BTF to layout.ts.
//
//     node dist/abi/generate.js OBJECT [LAYOUT]           writes LAYOUT (src/abi/layout.ts)
//     node dist/abi/generate.js --check OBJECT [LAYOUT]   exit status 1 when it would change

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { AbiError } from '../errors.js';
import { readObjectBtf } from './btf.js';
import { type AbiLayout, layoutOf, type StructLayout } from './layout-of.js';

const SIZES: Record<string, number> = {
  char: 1,
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  u64: 8,
  s64: 8,
};

/** Read as one value by cursors, so its members are not spelled out inside of records. */
const LEAF_STRUCT = 'span';

/**
 * The text of layout.ts for an object.
 *
 * @throws AbiError when the object carries no BTF, shares nothing, or has a member that cannot be
 *   said in the layout.
 */
export function layoutSource(object: Uint8Array): string {
  const layout = layoutOf(readObjectBtf(object));
  if (layout.structs.length === 0) {
    throw new AbiError('ABI_MISMATCH', 'the object shares no struct', {
      hint: 'see ABI_TYPE in bpf/abi.bpf.c',
    });
  }
  const table = JSON.stringify(layout);
  const hash = createHash('sha256').update(table).digest('hex').slice(0, 16);
  const structs = layout.structs.map(
    (struct) =>
      `/** \`struct ${struct.name}\` */\nexport const ${struct.name} = ${body(struct, layout, 0, 1, false)} as const;\n`,
  );
  const enums = layout.enums.map((one) => {
    const rows = one.values.map(([name, value]) => `  ${name}: ${value},\n`).join('');
    return `/** \`enum ${one.name}\` */\nexport const ${one.name} = {\n${rows}} as const;\n/** A value of \`enum ${one.name}\`. */\nexport type ${one.name} = (typeof ${one.name})[keyof typeof ${one.name}];\n`;
  });
  return [
    '// Generated from bpf/abi.h by src/abi/generate.ts; never edited.\n' +
      '// Offsets are bytes from the start of the outermost struct named.\n\n' +
      "import { arrayAt, at } from './at.js';\n" +
      "import type { AbiLayout } from './layout-of.js';\n",
    `/** Changes whenever the layout does. */\nexport const ABI_HASH = '${hash}';\n`,
    ...structs,
    ...enums,
    `/** The same as data, for check.ts and for tools that print any record. */\nexport const LAYOUT: AbiLayout = ${pretty(layout)};\n`,
  ].join('\n');
}

function body(
  struct: StructLayout,
  layout: AbiLayout,
  base: number,
  depth: number,
  inner: boolean,
): string {
  const indent = '  '.repeat(depth);
  const rows: string[] = [];
  if (inner) rows.push(`${indent}at: ${base},\n`);
  rows.push(`${indent}size: ${struct.size},\n`);
  for (const [name, offset, kind] of struct.members) {
    if (name === 'size' || name === 'at') {
      throw new AbiError(
        'ABI_MISMATCH',
        `${struct.name}.${name}: the layout needs that name for itself`,
      );
    }
    rows.push(`${indent}${name}: ${member(kind, layout, base + offset, depth)},\n`);
  }
  return `{\n${rows.join('')}${'  '.repeat(depth - 1)}}`;
}

function member(kind: string, layout: AbiLayout, offset: number, depth: number): string {
  const [, element = kind, count] = /^(\w+)\[(\d+)\]$/.exec(kind) ?? [];
  const struct = layout.structs.find((one) => one.name === element);
  if (count !== undefined) {
    const stride = struct?.size ?? SIZES[element];
    return `arrayAt('${element}', ${offset}, ${count}, ${stride})`;
  }
  if (struct === undefined || element === LEAF_STRUCT) return `at('${element}', ${offset})`;
  return body(struct, layout, offset, depth + 1, true);
}

function pretty(layout: AbiLayout): string {
  const structs = layout.structs.map((struct) => {
    const rows = struct.members.map((row) => `        ${list(row)},\n`).join('');
    return `    {\n      name: '${struct.name}',\n      size: ${struct.size},\n      members: [\n${rows}      ],\n    },\n`;
  });
  const enums = layout.enums.map((one) => {
    const rows = one.values.map((row) => `        ${list(row)},\n`).join('');
    return `    {\n      name: '${one.name}',\n      values: [\n${rows}      ],\n    },\n`;
  });
  return `{\n  structs: [\n${structs.join('')}  ],\n  enums: [\n${enums.join('')}  ],\n}`;
}

function list(row: readonly (string | number)[]): string {
  return `[${row.map((cell) => (typeof cell === 'string' ? `'${cell}'` : cell)).join(', ')}]`;
}

function main(args: readonly string[]): number {
  const check = args[0] === '--check';
  const [objectPath, layoutPath = 'src/abi/layout.ts'] = check ? args.slice(1) : args;
  if (objectPath === undefined) {
    console.error('usage: generate [--check] OBJECT [LAYOUT]');
    return 2;
  }
  const source = layoutSource(readFileSync(objectPath));
  const current = present(layoutPath);
  if (current === source) return 0;
  if (check) {
    console.error(`${layoutPath} is not what ${objectPath} says: generate it again and commit it`);
    return 1;
  }
  writeFileSync(layoutPath, source);
  console.error(`${layoutPath} written`);
  return 0;
}

function present(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // the first build: there is none yet
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv.slice(2));
}
