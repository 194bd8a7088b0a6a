// A configuration written for Falco: what is taken, what is named as ignored, and that typing mistakes
// are still refused.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfigText } from '../../../src/config.js';
import { saker } from '../cli/saker.js';

const TEXT = readFileSync(new URL('falco.yaml', import.meta.url), 'utf8');
const RULE =
  '- rule: Opened\n  desc: d\n  condition: evt.type = openat\n  output: o\n  priority: NOTICE\n';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-falco-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'falco_rules.yaml'), RULE);
});

function read(text: string) {
  return readConfigText(text, 'falco.yaml', [], { HOME: '/root' });
}

test('keys that mean something here are taken', () => {
  const { config } = read(TEXT);
  expect(config).toMatchObject({
    watch_config_files: false,
    rules: [
      { enable: false, tag: 'network' },
      { enable: true, rule: 'Opened' },
    ],
    priority: 5,
    rule_matching: 'first',
    time_format_iso_8601: true,
    json_output: true,
    json_include_tags_property: false,
    static_fields: { site: 'east' },
    stdout_output: { enabled: true },
    log_level: 'warning',
  });
  expect(config.container_engines.cri.sockets).toEqual(['/run/containerd/containerd.sock']);
  expect(config.container_engines.podman.enabled).toBe(false);
});

test('its web server serves our health and metrics', () => {
  expect(read(TEXT).config.status).toEqual({
    enabled: true,
    listen: '127.0.0.1:8765',
    healthz_path: '/health',
    metrics: true,
    tls_certificate: '',
  });
  const plain = read('webserver: {enabled: true, ssl_enabled: true}').config.status;
  expect(plain).toMatchObject({ listen: '0.0.0.0:8765', metrics: false });
  expect(plain.tls_certificate).toBe('/etc/falco/falco.pem');
});

test('its snapshots of counters are our heartbeat', () => {
  expect(read(TEXT).config.agent_alerts.heartbeat_s).toBe(900);
  expect(read('metrics: {enabled: true}').config.agent_alerts.heartbeat_s).toBe(0);
});

test('the others are named in one warning', () => {
  const { warnings, foreign } = read(TEXT);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^falco\.yaml: keys of Falco that mean nothing here are ignored: /);
  expect(foreign).toEqual(
    expect.arrayContaining(['engine', 'plugins', 'config_files', 'container_engines.lxc']),
  );
});

test.each(['engin: {}', 'webserver: {enable: true}', 'container_engines: {lcx: {}}'])(
  'a typing mistake is refused: %s',
  (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);

test('validate -c accepts it with the rule files that are there, and names those that are not', async () => {
  mkdirSync(join(folder, 'rules.d'));
  writeFileSync(join(folder, 'rules.d', 'more.yaml'), RULE.replace('Opened', 'More'));
  const path = join(folder, 'falco.yaml');
  writeFileSync(path, TEXT.replaceAll('RULES', folder));
  const { status, out, err } = await saker('validate', '-c', path);
  expect(err).toBe('');
  expect(out).toContain(`${folder}/falco_rules.local.yaml is named in rules_files, and not there`);
  expect(out).toMatch(/^warning: .*keys of Falco that mean nothing here/m);
  expect(out).toContain('valid: 2 rules, 0 errors');
  expect(status).toBe(0);
});

test('a rule file that is not there is an error when none is, and in a file of our own', async () => {
  const path = join(folder, 'c.yaml');
  const files = `rules_files: [${folder}/a.yaml, ${folder}/falco_rules.yaml]\n`;
  writeFileSync(path, files);
  expect((await saker('validate', '-c', path)).status).toBe(1);
  writeFileSync(path, `engine: {kind: kmod}\n${files}`);
  expect((await saker('validate', '-c', path)).status).toBe(0);
  writeFileSync(path, `engine: {kind: kmod}\nrules_files: [${folder}/a.yaml]\n`);
  expect((await saker('validate', '-c', path)).status).toBe(1);
});
