// The version that package.json names.
import { readFileSync } from 'node:fs';

// Read at the start: later the process may have given up what it takes to read the file.
const VERSION = readVersion();

/** Such as `0.1.0`. */
export function ownVersion(): string {
  return VERSION;
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: { version: string } = JSON.parse(text);
  return parsed.version;
}
