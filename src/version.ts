// The version that package.json names.
import { readFileSync } from 'node:fs';

/** Such as `0.1.0`. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: { version: string } = JSON.parse(text);
  return parsed.version;
}
