import { describe, expect, test } from 'vitest';
import { OUTPUT_FORMATS } from '../../../src/config/http-outputs.js';
import { lineFormatter } from '../../../src/output/format.js';
import { random } from '../../seeded.js';
import { alertLine, fullAlert, hostileAlert, networkAlert } from './alert-lines.js';
import {
  cefProblems,
  ecsProblems,
  memberOf,
  objectOf,
  ocsfProblems,
  parseCef,
} from './schema-problems.js';

const ecs = lineFormatter('ecs', '1.2.3');
const ocsf = lineFormatter('ocsf', '1.2.3');
const cef = lineFormatter('cef', '1.2.3');
const falco = lineFormatter('falco', '1.2.3');
const text = lineFormatter('text', '1.2.3');

const lines = [
  fullAlert(),
  networkAlert('10.0.0.7', '192.0.2.1'),
  networkAlert('2001:db8::1', '2001:db8::2'),
  alertLine({}),
  alertLine({ 'container.id': 'host', 'fd.name': 'pipe:[4]', 'fd.cip': 'not an address' }),
];

describe('ECS', () => {
  test.each(lines)('uses published fields with their types only: %#', (line) => {
    expect(ecsProblems(objectOf(ecs(line)))).toEqual([]);
  });

  test('names process, parent, user, file, container, pod, rule and tags', () => {
    expect(objectOf(ecs(fullAlert()))).toMatchObject({
      '@timestamp': '2023-11-14T22:13:20.012345678Z',
      event: {
        id: 'b2c4-7',
        kind: 'alert',
        category: ['intrusion_detection', 'file'],
        severity: 47,
      },
      message: 'Sensitive file opened | file=/etc/shadow',
      process: {
        pid: 812,
        name: 'cat',
        executable: '/usr/bin/cat',
        command_line: 'cat -n /etc/shadow',
        args: ['/usr/bin/cat', '-n', '/etc/shadow'],
        entity_id: 'tower-812-9007199254740993',
        parent: { pid: 800, name: 'sh', executable: '/usr/bin/dash' },
      },
      user: { id: '0', name: 'root', group: { id: '0' } },
      file: { path: '/etc/shadow', name: 'shadow', directory: '/etc', type: 'file' },
      container: { id: '3ad7b26ded6d', image: { name: 'docker.io/library/nginx', tag: ['1.25'] } },
      orchestrator: { namespace: 'shop', resource: { name: 'web-7d4', type: 'pod' } },
      rule: { name: 'Read sensitive file' },
      log: { level: 'warning' },
      threat: {
        tactic: { id: ['TA0006', 'TA0011'], name: ['Credential Access', 'Command and Control'] },
        technique: { id: ['T1003', 'T1555'], subtechnique: { id: ['T1003.008'] } },
      },
      labels: { evt_arg_flags: 'O_RDONLY', saker_lineage: '/usr/bin/dash < /usr/sbin/nginx' },
    });
  });

  test('names both ends of a connection', () => {
    expect(objectOf(ecs(networkAlert('10.0.0.7', '192.0.2.1')))).toMatchObject({
      event: { category: ['intrusion_detection', 'network'], type: ['start'] },
      source: { ip: '10.0.0.7', port: 4000 },
      destination: { ip: '192.0.2.1', port: 443 },
      network: { transport: 'tcp', type: 'ipv4' },
      related: { ip: ['10.0.0.7', '192.0.2.1'] },
    });
  });

  test('an end that only the name of the socket tells is found there', () => {
    const line = alertLine({ 'fd.name': '10.0.0.7:1->192.0.2.1:2', 'fd.type': 'ipv4' });
    expect(objectOf(ecs(line))).toMatchObject({
      source: { ip: '10.0.0.7', port: 1 },
      destination: { ip: '192.0.2.1', port: 2 },
    });
  });

  test('what is no address is no address, and is kept', () => {
    expect(objectOf(ecs(alertLine({ 'fd.cip': 'x' })))).toMatchObject({ labels: { fd_cip: 'x' } });
  });
});

describe('OCSF', () => {
  test.each(lines)('uses published attributes with their types only: %#', (line) => {
    expect(ocsfProblems(objectOf(ocsf(line)), 'detection_finding')).toEqual([]);
  });

  test('is a new Detection Finding with its evidence and attacks', () => {
    expect(objectOf(ocsf(fullAlert()))).toMatchObject({
      class_uid: 2004,
      type_uid: 200401,
      severity_id: 3,
      time: 1_700_000_000_012,
      metadata: { uid: 'b2c4-7', version: '1.5.0', product: { name: 'Saker', version: '1.2.3' } },
      finding_info: {
        uid: 'b2c4-7',
        title: 'Read sensitive file',
        attacks: [
          { tactic: { uid: 'TA0006' } },
          { tactic: { uid: 'TA0011' } },
          { technique: { uid: 'T1003' }, sub_technique: { uid: 'T1003.008' } },
          { technique: { uid: 'T1555' } },
        ],
      },
      evidences: [
        {
          process: { pid: 812, path: '/usr/bin/cat', parent_process: { pid: 800 } },
          actor: { user: { name: 'root', uid: '0' } },
          file: { path: '/etc/shadow', type_id: 1 },
          container: { uid: '3ad7b26ded6d', image: { uid: 'sha256:9f86d081884c7d65' } },
        },
      ],
      unmapped: { 'evt.arg.flags': 'O_RDONLY', 'k8s.ns.name': 'shop' },
    });
  });
});

describe('CEF', () => {
  test.each(lines)('uses keys of the dictionary with their types only: %#', (line) => {
    expect(cefProblems(cef(line))).toEqual([]);
  });

  test('escapes pipes in the header, equals signs and line breaks in values', () => {
    const line = alertLine({ 'proc.cmdline': 'a=1 \\ |\n\u0007' }, { name: 'A|B\\C' }, 'x');
    const found = cef(line) ?? '';
    expect(found).toContain('|A\\|B\\\\C|');
    expect(found).toContain(' cs1=a\\=1 \\\\ |\\n\\\\u0007 ');
    expect(parseCef(found)).toMatchObject({ name: 'A|B\\C', cs1: 'a=1 \\ |\n\\u0007', msg: 'x' });
  });

  test('addresses of version 6 have keys of their own', () => {
    expect(parseCef(cef(networkAlert('2001:db8::1', '192.0.2.1')))).toMatchObject({
      c6a2: '2001:db8::1',
      dst: '192.0.2.1',
      dpt: '443',
    });
  });
});

describe("Falco's format", () => {
  test('is the line as it is, digits of large numbers included', () => {
    const line = fullAlert({ 'proc.args': '-n' });
    expect(falco(line)).toBe(line);
    expect(line).toContain('"start_ns":9007199254740993');
  });

  test('has scalar values only, and keeps large numbers', () => {
    const line = falco(fullAlert({ 'proc.args': ['-n', 'a,b'] })) ?? '';
    expect(objectOf(line).output_fields).toMatchObject({ 'proc.args': '(-n,a,b)', 'user.uid': 0 });
    expect(line).toContain('"evt.time":1700000000012345678');
    expect(objectOf(line).tags).toContain('host');
  });
});

test('text is the line for people', () => {
  expect(text(fullAlert())).toMatch(/^\d\d:\d\d:20\.012345678: Warning Sensitive file opened \| /);
});

test.each(OUTPUT_FORMATS)('what is no alert has no form: %s', (format) => {
  const print = lineFormatter(format, '1.2.3');
  for (const line of ['', '[]', '{"rule":', 'null']) expect(print(line)).toBeUndefined();
});

test('no text that an attacker wrote breaks a line, a parser or a field list', () => {
  const source = random();
  for (let round = 0; round < 400; round++) {
    const line = hostileAlert(source);
    const seed = `SEED=${source.seed} round ${round}: ${line}`;
    for (const format of OUTPUT_FORMATS) {
      const printed = lineFormatter(format, '1.2.3')(line) ?? 'no form';
      expect(printed, seed).not.toMatch(UNSAFE);
      expect(printed, seed).not.toMatch(LONE_SURROGATE);
    }
    expect(ecsProblems(objectOf(ecs(line))), seed).toEqual([]);
    expect(ocsfProblems(objectOf(ocsf(line)), 'detection_finding'), seed).toEqual([]);
    expect(cefProblems(cef(line)), seed).toEqual([]);
    for (const value of Object.values(memberOf(objectOf(falco(line)), 'output_fields')))
      expect(typeof value === 'object' && value !== null, seed).toBe(false);
  }
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a line
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
