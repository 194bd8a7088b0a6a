import { parseConfig } from '../../../src/config.js';
import { ConfigError } from '../../../src/errors.js';

/** What is wrong with a configuration and with what was set over it, a line each; empty: nothing. */
export function problems(text: string, overrides: string[] = []): string[] {
  try {
    parseConfig(text, 'saker.yaml', overrides, {});
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}
