// Makes the folders of a path. Node's own recursive mkdir never returns where the kernel answers
// ENOENT for a new entry of a folder that exists, as /proc does (libuv's loop asks for the parent again).
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are missing.
 *
 * @param mode of each that is made
 * @throws what the kernel says; where nothing can be made at all, an error that names the place.
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  while (!(await exists(at))) {
    missing.push(at);
    at = dirname(at);
  }
  for (const folder of missing.reverse()) await make(folder, mode);
}

async function exists(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && path !== '/') return false;
    throw error;
  }
  throw new Error(`${path} is no folder`);
}

async function make(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    // Its parent is there, so this is no ordinary file system.
    if (codeOf(error) === 'ENOENT')
      throw new Error(`the kernel keeps no files in ${dirname(folder)}`);
    if (codeOf(error) !== 'EEXIST') throw error; // another process was quicker
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
