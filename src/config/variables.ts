// Variables of the environment in the configuration: put in where `${NAME}` stands, and kept out of
// whatever is printed when their name says that they are secret.
import { parse } from 'yaml';
import { dotted, type Where } from './section.js';

/** Puts variables into a tree, and remembers which of their values nobody must see. */
export class Variables {
  readonly #secrets = new Set<string>();

  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly problems: string[],
  ) {}

  /** Texts that must not be printed. */
  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /**
   * A copy of a value with `${NAME}` replaced; `$${NAME}` becomes `${NAME}`. A variable that is not set
   * is a problem.
   */
  expand(value: unknown, where: Where, path: readonly (string | number)[] = []): unknown {
    if (Array.isArray(value))
      return value.map((item, index) => this.expand(item, where, [...path, index]));
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, this.expand(item, where, [...path, key])]),
      );
    if (typeof value !== 'string' || !value.includes('${')) return value;
    const text = value.replace(REFERENCE, (_, dollar: string, name: string) =>
      dollar === '' ? this.#value(name, where, path) : `\${${name}}`,
    );
    // Only a value that was a variable as a whole may become a number or a truth value.
    return /^\$\{[^}]*\}$/.test(value) ? scalar(text) : text;
  }

  #value(name: string, where: Where, path: readonly (string | number)[]): string {
    const value = this.environment[name];
    if (value === undefined) {
      this.problems.push(
        `${where(path)}${dotted(path)}the environment variable ${JSON.stringify(name)} is not set; ` +
          `write $\${${name}} for the text itself`,
      );
      return '';
    }
    if (SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET) this.#secrets.add(value);
    return value;
  }
}

/** What YAML makes of a text, as long as that says more than the text itself. */
export function scalar(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' }) ?? '';
  } catch {
    return text; // not YAML: a format text such as `%proc.name`, taken as it is
  }
}

const REFERENCE = /(\$?)\$\{([^}]*)\}/g;
const SECRET_NAME = /PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN/i;
// Shorter texts occur everywhere, and hiding them would tell what they are.
const SHORTEST_SECRET = 4;
