// Folders on the way to a spool or a socket: made where they can be, refused at once where they cannot.
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ControlServer } from '../../../src/agent/control.js';
import { makeFolder } from '../../../src/output/make-folder.js';
import { alertLines, ids, listeningLog, openSpool, readerOf, takeAll } from './spool-lines.js';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saker-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('all that are missing are made, with the mode, and nothing happens to those that are there', async () => {
  const folder = scratch();
  const path = join(folder, 'a', 'b', '..', 'c');
  await makeFolder(path, 0o700);
  await makeFolder(path, 0o777);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'a', 'c')).mode & 0o777).toBe(0o700);
});

test('many at once make the same folder', async () => {
  const path = join(scratch(), 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path, 0o700)));
  expect(statSync(path).isDirectory()).toBe(true);
});

test.each(['/proc/saker/spool', '/proc/1/saker/spool', '/proc/self/fd/saker', '/sys/saker/spool'])(
  'nothing can be made at %s, which is said and not tried for ever',
  async (path) => {
    await expect(makeFolder(path, 0o700)).rejects.toThrow(/\/proc|\/sys/);
  },
);

test('a file on the way is named', async () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  await expect(makeFolder(join(file, 'below'), 0o700)).rejects.toThrow('file');
  await expect(makeFolder(file, 0o700)).rejects.toThrow(`${file} is no folder`);
});

test('a spool that a link leads into /proc is told once, and alerts are delivered from memory', async () => {
  const link = join(scratch(), 'link');
  symlinkSync('/proc', link);
  const { log, said } = listeningLog();
  const spool = await openSpool(join(link, 'saker', 'spool'), { log });
  onTestFinished(() => spool.close());
  expect(await spool.append(alertLines(0, 3), 3)).toBe(false);
  expect(await takeAll(readerOf(spool))).toEqual(ids(0, 3));
  const errors = said.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.msg).toContain(`keeps no files in ${link}`);
  expect(errors[0]).toMatchObject({ hint: expect.stringContaining('spool.path') });
});

test('so is a control socket there', async () => {
  const answers = {
    stats: () => Promise.reject(new Error('not asked')),
    mute: () => Promise.reject(new Error('not asked')),
    events: () => Promise.reject(new Error('not asked')),
  };
  await expect(ControlServer.listen('/proc/saker/agent.sock', answers)).rejects.toMatchObject({
    code: 'CONTROL_SOCKET',
    hint: expect.stringContaining('control_socket'),
  });
});
