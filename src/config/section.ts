// One mapping of the configuration: typed reads that note what is wrong, and what was never asked for.

import { DURATION_FORM, durationMs } from '../rules/duration.js';
import { didYouMean } from '../rules/nearest.js';

/** The start of a message about a place: `file:line:column: `; of a key, or of its value. */
export type Where = (path: readonly (string | number)[], key?: boolean) => string;

/** What is said of a configuration besides what is wrong with it. */
export class Remarks {
  /** Keys that were there and are nothing of ours. */
  readonly ignored: string[] = [];
  /** Dotted keys of which the values must never be shown. */
  readonly secret = new Set<string>();
  /** These values, where they are long enough to be told from other texts. */
  readonly secretTexts = new Set<string>();

  /** @param foreign whether a key that is not known is to be ignored */
  constructor(readonly foreign: (dotted: string) => boolean = () => false) {}
}

/** Reads the keys of a mapping; each problem goes to `problems` and the default is returned. */
export class Section {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #known = new Set<string>();

  constructor(
    value: unknown,
    private readonly path: readonly (string | number)[],
    private readonly where: Where,
    private readonly problems: string[],
    private readonly remarks = new Remarks(),
  ) {
    const mapping = value !== null && typeof value === 'object' && !Array.isArray(value);
    if (!mapping && value !== undefined && value !== null)
      this.refuse(undefined, `expected a mapping, found ${shown(value)}`);
    this.#values = new Map<string, unknown>(mapping ? Object.entries(value) : []);
  }

  has(key: string): boolean {
    this.#known.add(key);
    const value = this.#values.get(key);
    return value !== undefined && value !== null;
  }

  /** All keys that are there, in order; does not make them known. */
  keys(): string[] {
    return [...this.#values.keys()];
  }

  flag(key: string, otherwise: boolean): boolean {
    if (!this.has(key)) return otherwise;
    const value = this.#values.get(key);
    const text = String(value).toLowerCase();
    // The spellings of YAML 1.1, which Falco's files may use.
    if (['true', 'yes', 'on', 'y'].includes(text)) return true;
    if (['false', 'no', 'off', 'n'].includes(text)) return false;
    this.refuse(key, `expected true or false, found ${shown(value)}`);
    return otherwise;
  }

  text(key: string, otherwise: string): string {
    if (!this.has(key)) return otherwise;
    const value = this.#values.get(key);
    if (typeof value !== 'object') return String(value);
    this.refuse(key, `expected a text, found ${shown(value)}`);
    return otherwise;
  }

  /** A text that is never shown: a password, a token. */
  secret(key: string): string {
    this.remarks.secret.add(dotted([...this.path, key]).slice(0, -2));
    if (!this.has(key)) return '';
    const value = this.#values.get(key);
    if (typeof value !== 'object') {
      const text = String(value);
      if (text.length >= TELLING_LENGTH) this.remarks.secretTexts.add(text);
      return text;
    }
    this.refuse(key, 'expected a text');
    return '';
  }

  /** Names and texts of which the texts are never shown, such as headers of HTTP. */
  secretMap(key: string): Readonly<Record<string, string>> {
    const section = this.section(key);
    return Object.fromEntries(section.keys().map((name) => [name, section.secret(name)]));
  }

  /**
   * A length of time such as `30s`, in milliseconds; a plain number is seconds. The same key with
   * `_ms` behind it is read too, as a number of milliseconds: so it stands in a printed configuration.
   */
  duration_ms(key: string, otherwise_ms: number): number {
    if (this.has(`${key}_ms`)) return this.integer(`${key}_ms`, otherwise_ms);
    if (!this.has(key)) return otherwise_ms;
    const value = this.#values.get(key);
    const found = durationMs(typeof value === 'number' ? `${value}s` : String(value));
    if (found !== undefined) return found;
    this.refuse(key, `expected ${DURATION_FORM}, found ${shown(value)}`);
    return otherwise_ms;
  }

  integer(key: string, otherwise: number): number {
    if (!this.has(key)) return otherwise;
    const value = this.#values.get(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    this.refuse(key, `expected a whole number, found ${shown(value)}`);
    return otherwise;
  }

  /** Letter case does not matter. */
  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    if (!this.has(key)) return otherwise;
    const value = this.#values.get(key);
    const found = choices.find((choice) => choice === String(value).toLowerCase());
    if (found !== undefined) return found;
    this.refuse(key, `expected one of ${choices.join(', ')}, found ${shown(value)}`);
    return otherwise;
  }

  list(key: string): readonly unknown[] {
    if (!this.has(key)) return [];
    const value = this.#values.get(key);
    if (Array.isArray(value)) return value;
    this.refuse(key, `expected a list, found ${shown(value)}`);
    return [];
  }

  /** A list of texts; a single text counts as a list of one. */
  texts(key: string): readonly string[] {
    if (this.has(key) && typeof this.#values.get(key) === 'string') return [this.text(key, '')];
    return this.list(key).flatMap((item) => {
      if (item !== null && typeof item !== 'object') return [String(item)];
      this.refuse(key, `expected a list of texts, found ${shown(item)} in it`);
      return [];
    });
  }

  textMap(key: string): Readonly<Record<string, string>> {
    const section = this.section(key);
    const names = [...section.#values.keys()];
    return Object.fromEntries(names.map((name) => [name, section.text(name, '')]));
  }

  section(key: string): Section {
    this.#known.add(key);
    return this.#inside(this.#values.get(key), [key]);
  }

  sections(key: string): readonly Section[] {
    return this.list(key).map((item, index) => this.#inside(item, [key, index]));
  }

  /** One entry of a list of mappings. */
  sectionAt(key: string, index: number): Section {
    return this.#inside(this.list(key)[index], [key, index]);
  }

  /** Notes a problem with one key, or with the whole section. */
  refuse(key: string | undefined, message: string): void {
    const path = key === undefined ? this.path : [...this.path, key];
    this.problems.push(`${this.where(path)}${dotted(path)}${message}`);
  }

  /** To be called when all known keys were read: refuses the others. */
  close(): void {
    for (const key of this.#values.keys()) {
      if (this.#known.has(key)) continue;
      const path = [...this.path, key];
      const name = dotted(path).slice(0, -2);
      if (this.remarks.foreign(name)) this.remarks.ignored.push(name);
      else
        this.problems.push(
          `${this.where(path, true)}unknown key ${name}${didYouMean(key, this.#known)}`,
        );
    }
  }

  #inside(value: unknown, steps: readonly (string | number)[]): Section {
    const path = [...this.path, ...steps];
    return new Section(value, path, this.where, this.problems, this.remarks);
  }
}

const TELLING_LENGTH = 8;

/** A path as messages name it, with a colon behind; empty for the top. */
export function dotted(path: readonly (string | number)[]): string {
  const text = path.reduce<string>(
    (all, step) =>
      typeof step === 'number' ? `${all}[${step}]` : all === '' ? step : `${all}.${step}`,
    '',
  );
  return text === '' ? '' : `${text}: `;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
