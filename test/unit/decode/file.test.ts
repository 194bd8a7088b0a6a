import { expect, test } from 'vitest';
import { collapseSlashes, directoryOf, filenameOf, resolvePath } from '../../../src/decode/file.js';

test.each([
  ['/home/u/', '../x/./sub//f.txt', '/home/x/sub/f.txt'],
  ['/home/u', 'f', '/home/u/f'],
  ['/', 'etc/passwd', '/etc/passwd'],
  ['/home', '/etc/./shadow', '/etc/shadow'],
  ['/home', '/../../etc', '/etc'],
  ['/home', '../../../etc', '/etc'],
  ['/home', '.', '/home'],
  ['/home', '', '/home'],
  ['/home', '/var/log/', '/var/log'],
  ['/home', '/', '/'],
  ['/home', '.hidden', '/home/.hidden'],
  ['/home', '/a/...', '/a/...'],
  ['/home', '/a/..b/c', '/a/..b/c'],
  [undefined, 'rel.conf', '<UNKNOWN>rel.conf'],
  [undefined, '/abs', '/abs'],
])('relative to %j the path %j is %j', (base, path, expected) => {
  expect(resolvePath(base, path)).toBe(expected);
});

test('a path over 1024 bytes is replaced', () => {
  expect(resolvePath('/', 'a'.repeat(1023))).toHaveLength(1024);
  expect(resolvePath('/', 'a'.repeat(1024))).toBe('/DIR_TOO_LONG/FILENAME_TOO_LONG');
});

test('directory and file name of a path', () => {
  expect([directoryOf('/a/b'), directoryOf('/a'), directoryOf('/'), directoryOf('')]).toEqual([
    '/a',
    '/',
    '/',
    '/',
  ]);
  expect([filenameOf('/a/b'), filenameOf('/a'), filenameOf('/')]).toEqual(['b', 'a', '/']);
});

test('doubled slashes collapse and dot segments stay', () => {
  expect(collapseSlashes('//a///../b')).toBe('/a/../b');
  expect(collapseSlashes('a/b')).toBe('a/b');
});
