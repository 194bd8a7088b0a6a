// Secrets in what processes were given: hidden in every place that is known, nothing else touched, in
// time that grows with the length alone.
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/output/alert.js';
import { Masker } from '../../../src/output/mask.js';
import { random } from '../../seeded.js';

const masker = new Masker({ enabled: true, patterns: [] });
const mask = (text: string, program?: string) => masker.text(text, program);

/** Stands for a secret; none of the texts below has it in another place. */
const S = 'Zq81vX77mK';

describe('hides', () => {
  test.each([
    `tool --password=${S} --user=bob`,
    `tool --password ${S} --user bob`,
    `tool --api-key ${S}`,
    `tool -password=${S}`,
    `tool --db-pass '${S} ${S}' x`,
    `tool "--token=${S}"`,
    `env AWS_SECRET_ACCESS_KEY=${S} aws s3 ls`,
    `DB_PASSWORD=${S} PATH=/bin`,
    `MYSQL_PWD=${S}\u0000HOME=/root`,
    `PGPASSWORD=${S} psql`,
    `GITHUB_TOKEN="${S}" make`,
    `{"password": "${S}", "user": "bob"}`,
    `password: ${S}`,
    `client_secret=${S}&grant=x`,
    `curl -H 'Authorization: Bearer ${S}' https://h/`,
    `curl -H Authorization: Basic ${S} https://h/`,
    `git clone https://bob:${S}@example.org/r.git`,
    `postgres://bob:${S}@db:5432/x`,
    `mysql -u root -p${S} db`,
    `command=mysqldump -p${S} pid=7`,
    `/usr/bin/mysql -p${S}`,
    `sshpass -p ${S} ssh host`,
    `sshpass -p${S} ssh host`,
    `redis-cli -h x -a ${S} ping`,
    `curl -u bob:${S} https://h/`,
    `curl --user bob:${S} https://h/`,
    `ldapsearch -x -D cn=a -w ${S}`,
    `docker login -u bob -p ${S}`,
    `smbclient -U bob%${S} //h/s`,
    `bearer ${S}${S}`,
  ])('%s', (text) => {
    const masked = mask(text);
    expect(masked).not.toContain(S);
    expect(masked).toContain('***');
    if (text.includes('bob')) expect(masked).toContain('bob');
  });

  test.each([
    ['a JSON web token', 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl y', 'x *** y'],
    ['a key of AWS', 'id AKIAIOSFODNN7EXAMPLE z', 'id *** z'],
    ['a token of GitHub', `ghp_${'a1'.repeat(18)} z`, '*** z'],
    ['a token of GitLab', `glpat-${'a1'.repeat(10)} z`, '*** z'],
    ['a token of Slack', 'xoxb-123456789012-abcdef z', '*** z'],
    [
      'a private key',
      'a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b',
      'a -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- b',
    ],
    [
      'a private key that was cut',
      '-----BEGIN PRIVATE KEY-----MIIE',
      '-----BEGIN PRIVATE KEY-----***',
    ],
  ])('%s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('the password of a program that the text does not name', () => {
    expect(mask(`-u root -p${S}`, 'mysql')).toBe('-u root -p***');
    expect(mask('-p2222 host', 'ssh')).toBe('-p2222 host');
  });
});

describe('leaves alone', () => {
  test.each([
    'cat /etc/passwd user=root',
    'file=/etc/shadow program=/usr/bin/passwd',
    'PWD=/root OLDPWD=/tmp',
    'ssh -p 2222 host',
    'docker run -p 8080:80 nginx',
    'tool --password-file /run/secret.txt --token-path=/a',
    'tool --password --user bob',
    'token=<NA> pid=1',
    'https://example.org:8080/a?b=c',
    '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
    'bypass=1 compass=north keyboard=us monkey=2',
    'sk-learn eyJ AKIA12 bearer of news',
    'tr -p x',
    '',
  ])('%s', (text) => {
    expect(mask(text)).toBe(text);
  });
});

test('what is left over says the same: hidden twice is hidden once', () => {
  const { seed, below } = random();
  const parts = [
    '--password',
    '=',
    ' ',
    'x',
    'mysql',
    '-p',
    'token',
    ':',
    '"',
    "'",
    '://',
    '@',
    '\0',
  ];
  parts.push(
    'Bearer ',
    'eyJ',
    '.',
    '-----BEGIN RSA PRIVATE KEY-----',
    '-----END ',
    'curl',
    '-u',
    '(',
  );
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: below(14) }, () => parts[below(parts.length)]).join('');
    const once = mask(text);
    expect(mask(once).length, JSON.stringify({ seed, text })).toBeLessThanOrEqual(once.length + 6);
  }
});

test.each([
  ['names', 'a='],
  ['secret names', 'token='],
  ['secret names with quotes', 'token="'],
  ['options', '--password '],
  ['addresses', '://a:'],
  ['tokens', 'eyJaaaaaaaaa'],
  ['tokens in parts', 'eyJaaaaaaaaa.'],
  ['blocks', '-----BEGIN '],
  ['private keys', '-----BEGIN PRIVATE KEY-----'],
  ['words', 'mysql -p '],
  ['schemes', 'authorization: bearer '],
])('a megabyte of %s ends', (_, part) => {
  // A quadratic expression would need hours, and the runner ends it after seconds.
  const text = part.repeat((1024 * 1024) / part.length);
  expect(mask(text).length).toBeGreaterThan(0);
});

describe('an alert', () => {
  const alert = (): Alert => ({
    rule: { name: 'R', priority: 4, source: 's', tags: [], fieldNames: ['a', 'b', 'c', 'd'] },
    time_ns: 0n,
    message: `args=-p${S}`,
    values: [`--token=${S}`, 7, ['x', `password=${S}`], undefined],
    program: 'mysql',
  });

  test('has its message and its values masked', () => {
    expect(masker.alert(alert())).toMatchObject({
      message: 'args=-p***',
      values: ['--token=***', 7, ['x', 'password=***'], undefined],
    });
  });

  test('is as it was when nobody wants masks', () => {
    const open = new Masker({ enabled: false, patterns: [] });
    expect(open.alert(alert())).toEqual(alert());
  });
});

test('patterns of the configuration hide their group, or all that they match', () => {
  const own = new Masker({ enabled: true, patterns: ['pin-(\\d+)', 'ticket[0-9]+', '(unclosed'] });
  expect(own.text('pin-4711 ticket99 x')).toBe('pin-*** *** x');
});
