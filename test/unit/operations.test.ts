// docs/operations.md: its commands run, its configuration is one, its metrics exist, and every command
// that it names is one of ours.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricsPage } from '../../src/agent/metrics-page.js';
import { Histogram } from '../../src/metrics.js';
import { saker } from './cli/saker.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const TEXT = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
const COMMANDS = [...TEXT.matchAll(/^ *\$ ((?:[A-Z_]+=\S+ )*)saker (.*)$/gm)].map((found) => ({
  variables: found[1] ?? '',
  args: (found[2] ?? '').split(' '),
}));

let folder = '';
let before = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-operations-'));
  const yaml = /^```yaml\n# saker\.yaml\n([\s\S]*?)^```$/m.exec(TEXT)?.[1] ?? '';
  writeFileSync(join(folder, 'saker.yaml'), yaml);
  before = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  delete process.env.SIEM_TOKEN;
  rmSync(folder, { recursive: true });
});

describe('commands', () => {
  test('there are some', () => {
    expect(COMMANDS.length).toBeGreaterThan(3);
  });

  test.each(COMMANDS)('$args ends with status 0', async ({ variables, args }) => {
    process.env.SIEM_TOKEN = /SIEM_TOKEN=(\S+)/.exec(variables)?.[1] ?? 'from-the-unit';
    const { status, out, err } = await saker(...args);
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).not.toContain(process.env.SIEM_TOKEN);
    expect(out).not.toBe('');
  });

  test('a secret that is not there is said', async () => {
    delete process.env.SIEM_TOKEN;
    const { status, err } = await saker('validate', '-c', 'saker.yaml');
    expect(status).toBe(1);
    expect(err).toContain('the environment variable "SIEM_TOKEN" is not set');
  });

  test('every command and option that is named is one', async () => {
    const named = [
      ...TEXT.matchAll(/\bsaker (probe|validate|stats|mute|events|run|test)\b([^`\n]*)/g),
    ];
    expect(named.length).toBeGreaterThan(15);
    for (const [, command = '', rest = ''] of named) {
      const { out } = await saker(command, '--help');
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(out).toContain(option);
    }
  });
});

test('every metric that is named is on the page', () => {
  const counts = { seen: 1, filtered: 0, suppressed: 0, sent: 1, lost: 0 };
  const output = { queued: 0, delivered: 1, retried: 0, dropped: 0, lag_s: 0, failing: false };
  const page = metricsPage(
    {
      types: { openat: counts },
      received: 1,
      alerts: { R: 1 },
      alerts_muted: { R: 1 },
      alerts_suppressed: { R: 1 },
      enforcement: { killed: 2, audited: 0, ended: 0, refused: 1, suspended: 0 },
      alerts_dropped: 0,
      outputs: { http: output },
      spool: { alerts: 3, bytes: 4000, dropped: 0, on_disk: false },
      faults: {},
      containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
      cpu_s: 1,
      rss_bytes: 1,
      uptime_s: 1,
    },
    {
      version: '1',
      kernel: '6',
      alive: true,
      ready: true,
      rules: 1,
      hooks: 1,
      reloads: { taken: 0, refused: 0 },
      answers: new Histogram('h', 'h', [1]).family(),
    },
  );
  const named = new Set(TEXT.match(/\b(?:saker|process)_[a-z]+_[a-z_]+\b|\bsaker_ready\b/g));
  named.delete('saker_alerts_');
  expect(named.size).toBeGreaterThan(12);
  for (const name of named) expect(page).toMatch(new RegExp(`^# TYPE ${name} `, 'm'));
  for (const fate of ['seen', 'filtered', 'suppressed', 'sent', 'lost'])
    expect(page).toContain(`saker_events_${fate}_total{type="openat"} `);
  expect(page).toContain('saker_enforcement_total{outcome="killed"} 2\n');
  expect(page).toContain('saker_spool_on_disk 0\n');
  for (const outcome of ['audited', 'ended', 'refused', 'suspended'])
    expect(page).toContain(`saker_enforcement_total{outcome="${outcome}"} `);
});

test('the files that it installs are there', () => {
  for (const [, path = ''] of TEXT.matchAll(/(packaging\/[a-z-]+\.[a-z]+)/g))
    expect(readFileSync(join(ROOT, path), 'utf8')).not.toBe('');
});
