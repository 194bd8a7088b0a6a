// A real Prometheus scrapes the agent: it takes every number, and shows an output that is dead.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from './agent.js';
import { freePorts } from './free-ports.js';
import { Program } from './program.js';

let folder = '';
let agent: Program;
let prometheus: Program;
let port = 0;
let own = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-metrics-'));
  let dead = 0;
  [port = 0, own = 0, dead = 0] = await freePorts(3);
  writeFileSync(
    join(folder, 'saker.yaml'),
    `
json_output: true
control_socket: ${join(folder, 'agent.sock')}
status: {enabled: true, listen: "127.0.0.1:${port}"}
spool: {path: ${join(folder, 'spool')}}
http_output: {enabled: true, url: "http://127.0.0.1:${dead}/"}
rules_files: [${join(folder, 'rules.yaml')}]
`,
  );
  writeFileSync(join(folder, 'rules.yaml'), rules(join(folder, 'bait-')));
  agent = new Program(process.execPath, [MAIN, 'run', '-c', join(folder, 'saker.yaml')]);
  await agent.hear('watching');
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: saker
    static_configs: [{targets: ["127.0.0.1:${port}"]}]
`,
  );
  prometheus = new Program('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${own}`,
  ]);
}, 120_000);
afterAll(async () => {
  await prometheus?.stop();
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('Prometheus scrapes every number of it', async () => {
  await value('up{job="saker"}', (number) => number === 1);
  for (const name of [
    'saker_ready',
    'saker_sensor_up',
    'saker_build_info{version!=""}',
    'saker_events_seen_total{type="openat"}',
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'saker_sensor_answer_seconds_count',
    'saker_output_delivered_total{output="stdout"}',
  ])
    await value(name, (number) => number > 0);
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const scraped = await value('scrape_samples_scraped{job="saker"}', (number) => number > 0);
  expect(scraped).toBeGreaterThanOrEqual(lines.length * 0.9); // types come and go between the two
});

test('alerts are counted by rule, whatever it is called', async () => {
  writeFileSync(join(folder, 'bait-1'), '');
  const rule = 'A \\"rule\\" \\\\ with {all} of it';
  await value(`saker_alerts_total{rule="${rule}"}`, (number) => number >= 1);
});

test('events add up: seen is filtered, suppressed, sent and lost', async () => {
  const parts = ['filtered', 'suppressed', 'sent', 'lost'].map(
    (fate) => `saker_events_${fate}_total`,
  );
  const difference = `sum(saker_events_seen_total - ${parts.join(' - ')})`;
  await value(difference, (number) => number === 0);
});

test('an output that is dead is visible, and told in the log once', async () => {
  await value('saker_output_failing{output="http"}', (number) => number === 1);
  await value('saker_output_queued{output="http"}', (number) => number > 0);
  await value('saker_output_lag_seconds{output="http"}', (number) => number >= 3);
  await value('saker_output_last_error_timestamp_seconds{output="http"}', (number) => number > 1e9);
  const told = agent.stderr.split('\n').filter((line) => /"output":"http"/.test(line));
  expect(told).toHaveLength(1);
});

test('the checks of health answer', async () => {
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
});

/** Asks Prometheus until the answer is as wanted. */
async function value(query: string, wanted: (number: number) => boolean): Promise<number> {
  let last = 'nothing';
  for (let attempt = 0; attempt < 120; attempt++) {
    try {
      const url = `http://127.0.0.1:${own}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer: Answer = JSON.parse(await (await fetch(url)).text());
      last = JSON.stringify(answer);
      const number = Number(answer.data?.result[0]?.value[1] ?? Number.NaN);
      if (wanted(number)) return number;
    } catch (error) {
      last = String(error); // it starts
    }
    await sleep(500);
  }
  throw new Error(`${query}: ${last}\n${agent.stderr}`);
}

interface Answer {
  data?: { result: { value: [number, string] }[] };
}

function rules(prefix: string): string {
  return JSON.stringify([
    {
      rule: 'A "rule" \\ with {all} of it',
      desc: 'd',
      condition: `evt.type in (open, openat) and fd.name startswith ${prefix}`,
      output: '%fd.name',
      priority: 'WARNING',
    },
  ]);
}
