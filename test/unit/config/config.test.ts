// The configuration: defaults, types, places of mistakes.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig, parseConfig } from '../../../src/config.js';
import { OUTPUT_DEFAULTS, ROTATION_DEFAULTS } from './output-defaults.js';
import { problems } from './problems.js';

function pipe(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saker-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  return join(folder, 'pipe');
}

// Each line nine times the one before.
const ALIASES = 'abcdefg'
  .replace(/.(?=(.))/g, (of, name) => `${name}: &${name} [${`*${of},`.repeat(9)}]\n`)
  .slice(0, -1);

describe('what is not said', () => {
  test('has the values that the documentation names', () => {
    expect(parseConfig('', 'saker.yaml')).toEqual({
      rules_files: undefined,
      rules: [],
      skip_invalid_rules: false,
      rule_matching: 'all',
      priority: 7,
      append_output: [{ suggestedOutput: true, extraFields: [] }],
      static_fields: {},
      watch_config_files: true,
      json_output: false,
      json_include_output_property: true,
      json_include_message_property: false,
      json_include_tags_property: true,
      json_include_output_fields_property: true,
      time_format_iso_8601: false,
      shaping: [],
      mask_secrets: true,
      mask_patterns: [],
      stdout_output: { enabled: true, filter: '', minimum_priority: 'debug' },
      file_output: {
        enabled: false,
        filename: '',
        keep_alive: false,
        rotation: ROTATION_DEFAULTS,
        filter: '',
        minimum_priority: 'debug',
      },
      spool: {
        path: '/var/lib/saker/spool',
        max_bytes: 2 * 1024 ** 3,
        max_age_ms: 7 * 86_400_000,
        sync: true,
      },
      kafka_output: {
        enabled: false,
        brokers: [],
        topic: 'saker-alerts',
        key: 'hostname',
        format: 'falco',
        compression: 'gzip',
        client_id: 'saker',
        tls: { enabled: false, ca: '', cert: '', key: '', passphrase: '' },
        sasl: { mechanism: 'none', username: '', password: '' },
        batch_alerts: 2000,
        batch_bytes: 900_000,
        linger_ms: 20,
        timeout_ms: 30_000,
        filter: '',
        minimum_priority: 'debug',
      },
      ...OUTPUT_DEFAULTS,
      enforcement: {
        mode: 'audit',
        rules: [],
        protected: [],
        kills_per_minute: 60,
        suspend_ms: 600_000,
        protect_agent: false,
        persist: false,
        pin_dir: '/sys/fs/bpf/saker',
      },
      log_stderr: true,
      log_level: 'info',
      kernel_filter: true,
      ring_bytes: 0,
      control_socket: '/run/saker/agent.sock',
      container_engines: {
        docker: { enabled: true, sockets: [] },
        podman: { enabled: true, sockets: [] },
        cri: { enabled: true, sockets: [] },
        containerd: { enabled: true, sockets: [] },
      },
      label_max_len: 100,
      container_wait_ms: 2000,
      status: {
        enabled: false,
        listen: '127.0.0.1:9465',
        healthz_path: '/healthz',
        metrics: true,
        tls_certificate: '',
      },
      agent_alerts: { enabled: true, heartbeat_s: 0, watchdog_s: 30 },
    });
  });
});

describe('a configuration file', () => {
  test('may use every key that Falco has too', () => {
    const config = parseConfig(
      `
rules_files: [/etc/falco/a.yaml, /etc/falco/rules.d]
rules:
  - disable: {tag: network}
  - enable: {rule: "Read *"}
json_output: yes
priority: Warning
rule_matching: first
append_output:
  - match: {source: syscall, tags: [t], rule: R}
    extra_output: on %evt.hostname
    extra_fields: [proc.pid, {who: "%user.name"}]
  - suggested_output: true
file_output: {enabled: true, keep_alive: on, filename: /tmp/x}
stdout_output: {enabled: false}
static_fields: {site: lab, rack: 7}
`,
      'saker.yaml',
    );
    expect(config).toMatchObject({
      rules_files: ['/etc/falco/a.yaml', '/etc/falco/rules.d'],
      rules: [
        { enable: false, tag: 'network' },
        { enable: true, rule: 'Read *' },
      ],
      json_output: true,
      priority: 4,
      rule_matching: 'first',
      append_output: [
        {
          source: 'syscall',
          tags: ['t'],
          rule: 'R',
          extraOutput: 'on %evt.hostname',
          extraFields: [
            { key: 'proc.pid', format: 'proc.pid', raw: true },
            { key: 'who', format: '%user.name', raw: false },
          ],
          suggestedOutput: false,
        },
        { suggestedOutput: true, extraFields: [] },
      ],
      file_output: { enabled: true, keep_alive: true, filename: '/tmp/x' },
      stdout_output: { enabled: false },
      static_fields: { site: 'lab', rack: '7' },
    });
  });

  test.each([
    ['json_ouput: true', 'saker.yaml:1:1: unknown key json_ouput; did you mean json_output?'],
    [
      'stdout_output:\n  enabeld: true',
      'saker.yaml:2:3: unknown key stdout_output.enabeld; did you mean enabled?',
    ],
    [
      'json_output: perhaps',
      'saker.yaml:1:14: json_output: expected true or false, found "perhaps"',
    ],
    ['priority: 3', 'saker.yaml:1:11: priority: expected one of emergency,'],
    ['ring_bytes: 1000000', 'saker.yaml:1:13: ring_bytes: expected a power of two'],
    ['ring_bytes: 32768', 'saker.yaml:1:13: ring_bytes: expected a power of two'],
    ['ring_bytes: big', 'saker.yaml:1:13: ring_bytes: expected a whole number, found "big"'],
    ['rules_files: {a: 1}', 'saker.yaml:1:14: rules_files: expected a list, found {"a":1}'],
    ['file_output: {enabled: true}', 'saker.yaml:1:14: file_output.filename: is needed'],
    ['rules: [{enable: {}}]', 'saker.yaml:1:18: rules[0].enable: expected rule, tag or both'],
    ['rules: [{}]', 'saker.yaml:1:9: rules[0]: expected either enable or disable'],
    ['kafka_outptu: {}', 'saker.yaml:1:1: unknown key kafka_outptu'],
    ['- a', 'saker.yaml:1:1: expected a mapping, found ["a"]'],
    ['control_socket: ""', 'saker.yaml:1:17: control_socket: expected a path'],
    [
      'container_engines: {crio: {}}',
      'saker.yaml:1:21: unknown key container_engines.crio; did you mean cri?',
    ],
    [
      'container_engines: {cri: {sockets: [run/x.sock]}}',
      'saker.yaml:1:36: container_engines.cri.sockets: expected absolute paths',
    ],
    ['label_max_len: 0', 'saker.yaml:1:16: label_max_len: expected a number of bytes from 1'],
    ['container_wait_ms: 60001', 'saker.yaml:1:20: container_wait_ms: expected at most 60000'],
  ])('that says %j is refused with its place', (text, message) => {
    expect(problems(text).map((line) => line.slice(0, message.length))).toContain(message);
  });

  test('names the container runtimes to ask and their sockets', () => {
    const { container_engines } = parseConfig(
      'container_engines: {docker: {enabled: no}, cri: {sockets: [/run/a.sock, /run/b.sock]}}',
      'saker.yaml',
    );
    expect(container_engines.docker).toEqual({ enabled: false, sockets: [] });
    expect(container_engines.cri.sockets).toEqual(['/run/a.sock', '/run/b.sock']);
    expect(container_engines.podman.enabled).toBe(true);
  });

  test('without append_output has the containers added to every alert, with an empty one not', () => {
    expect(parseConfig('append_output: []', 'saker.yaml').append_output).toEqual([]);
    expect(parseConfig('', 'saker.yaml').append_output).toMatchObject([{ suggestedOutput: true }]);
  });

  test('that is no YAML is refused with its place', () => {
    expect(problems('a: [1,\nb: 2')[0]).toMatch(/^saker\.yaml:\d+:\d+: /);
  });

  test('has all its mistakes told at once', () => {
    expect(problems('json_output: 7\nlog_level: loud\nunheard: 1')).toHaveLength(3);
  });

  test('that cannot be read is named', () => {
    expect(() => loadConfig('/no/such/saker.yaml')).toThrow(
      expect.objectContaining({ code: 'CONFIG_READ' }),
    );
  });

  test.each([
    ['a folder', () => tmpdir(), 'it is a folder'],
    ['/dev/zero', () => '/dev/zero', 'it holds more than'],
    ['a pipe that nobody writes to', () => pipe(), 'nobody wrote to it and closed it'],
  ])('that is %s is refused', (_, path, reason) => {
    expect(() => loadConfig(path())).toThrow(
      expect.objectContaining({ code: 'CONFIG_READ', message: expect.stringContaining(reason) }),
    );
  });

  test('that came through a pipe is remembered', () => {
    const kept = new Map<string, string>();
    const path = pipe();
    spawn('sh', ['-c', 'echo "priority: error" > "$0"', path]);
    expect(loadConfig(path, [], kept).config.priority).toBe(3);
    expect(loadConfig(path, ['json_output=true'], kept).config).toMatchObject({ priority: 3 });
  });

  test.each([
    ['aliases of aliases', `a: &a [${'x,'.repeat(9)}]\n${ALIASES}`],
    ['ten thousand lists in each other', '['.repeat(10_000)],
  ])('of %s is refused', (_, text) => {
    const told = problems(text);
    expect(told[0]).toMatch(/^saker\.yaml:.*(nested too deeply|Excessive alias count)/);
    expect(told.length).toBeLessThan(10);
  });

  test('is read from disk', () => {
    const folder = mkdtempSync(join(tmpdir(), 'saker-config-'));
    const file = join(folder, 'saker.yaml');
    writeFileSync(file, 'priority: error\n');
    expect(loadConfig(file).config.priority).toBe(3);
    rmSync(folder, { recursive: true });
  });
});
