// Each hook says in its comment what arguments its tracepoint has and what it misses; the kernel that
// runs must agree.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tracepointArguments } from './tracepoint-proto.js';

const BPF = join(import.meta.dirname, '../../bpf');

interface Hook {
  file: string;
  section: string;
  proto: string | undefined;
  misses: string | undefined;
}

const hooks: Hook[] = readdirSync(BPF, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.bpf.c'))
  .flatMap((file) => {
    const text = readFileSync(join(BPF, file), 'utf8');
    return [...text.matchAll(/(?:\/\*((?:(?!\*\/)[\s\S])*)\*\/\n)?SEC\("([\w./]+)"\)\nint /g)].map(
      ([, comment = '', section = '']) => ({
        file,
        section,
        proto: /proto:\s+(.+)/.exec(comment)?.[1],
        misses: /misses:\s+(.+)/.exec(comment)?.[1],
      }),
    );
  });

test('there are hooks, and each says its arguments and what it misses', () => {
  expect(hooks.length).toBeGreaterThan(10);
  const attached = hooks.filter(({ section }) => section !== 'raw_tp'); // a test runs that one
  expect(attached.filter(({ proto, misses }) => !proto || !misses)).toEqual([]);
});

test('the arguments are those of the running kernel', () => {
  const traced = hooks.filter(({ section }) => section.startsWith('tp_btf/'));
  const names = traced.map(({ section }) => section.replace('tp_btf/', ''));
  const kernel = tracepointArguments(names);
  for (const [place, { proto = '', file }] of traced.entries()) {
    const name = names[place] ?? '';
    const [, written = '', list = ''] = /^void (\w+)\((.*)\)$/.exec(proto) ?? [];
    expect({ file, name: written }).toEqual({ file, name });
    const types = list.split(', ').map((one) => one.replace(/\w+$/, '').trim());
    // A newer kernel may pass more than a hook takes.
    expect({ name, types: kernel.get(name)?.slice(0, types.length) }).toEqual({ name, types });
  }
});
