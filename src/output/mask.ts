// Passwords, tokens and keys in what watched processes were given, hidden before an alert leaves the
// host. Everything here is a byte string that an attacker may have written, so that each part takes
// time linear in its length: no expression starts again inside of what it has looked at.
import { type Replacer, replacer } from '../rules/regex.js';
import type { Alert, AlertValue } from './alert.js';
import { type Word, WordFinder } from './words.js';

/** What the configuration says of it. */
export interface MaskOptions {
  enabled: boolean;
  /** More that is hidden: RE2; of a match its first group, if there is one. */
  patterns: readonly string[];
}

/** Stands in the place of what is hidden. */
export const MASK = '***';

/** Hides secrets in alerts. */
export class Masker {
  readonly #enabled: boolean;
  readonly #replacers: readonly Replacer[];

  /** Patterns that are wrong are left out: the configuration was checked before. */
  constructor({ enabled, patterns }: MaskOptions) {
    this.#enabled = enabled;
    this.#replacers = patterns.map((one) => replacer(one)).filter((one) => one !== undefined);
  }

  /** The alert with its texts masked; the same object. */
  alert(alert: Alert): Alert {
    if (!this.#enabled) return alert;
    const { program } = alert;
    alert.message = this.text(alert.message, program);
    alert.values = this.values(alert.values, program);
    return alert;
  }

  /** Values with their texts masked; the same list where nothing was hidden. */
  values(values: readonly AlertValue[], program = ''): readonly AlertValue[] {
    let masked: AlertValue[] | undefined;
    values.forEach((value, at) => {
      const shown = this.#value(value, program);
      if (shown === value) return;
      masked ??= [...values];
      masked[at] = shown;
    });
    return masked ?? values;
  }

  /**
   * A byte string with its secrets hidden.
   *
   * @param program whose arguments they may be, where the text does not say
   */
  text(text: string, program = ''): string {
    if (!this.#enabled) return text;
    let masked = text;
    // Most texts hold nothing of the kind, and this is all that they cost.
    const hints = HINTS.find(text);
    if ((hints & HINT_PROGRAM) !== 0 || (PROGRAMS.has(program) && text.includes('-')))
      masked = maskArguments(masked, program);
    if ((hints & HINT_NAME) !== 0) masked = maskWords(masked);
    if ((hints & HINT_FORM) !== 0) masked = maskTokens(masked);
    for (const replace of this.#replacers) masked = replace(masked, MASK);
    return masked;
  }

  #value(value: AlertValue, program: string | undefined): AlertValue {
    if (typeof value === 'string') return this.text(value, program);
    if (typeof value !== 'object') return value;
    const texts: string[] = [];
    let changed = false;
    for (const one of value) {
      if (typeof one !== 'string') return value;
      const masked = this.text(one, program);
      changed ||= masked !== one;
      texts.push(masked);
    }
    return changed ? texts : value;
  }
}

/** Options of programs that are passwords: `attached` to the option itself, or in the `next` word. */
interface SecretFlags {
  attached?: readonly string[];
  next?: readonly string[];
}

const MYSQL: SecretFlags = { attached: ['-p'] };
const PROGRAMS: ReadonlyMap<string, SecretFlags> = new Map([
  ['mysql', MYSQL],
  ['mysqldump', MYSQL],
  ['mysqladmin', MYSQL],
  ['mysqlimport', MYSQL],
  ['mariadb', MYSQL],
  ['mariadb-dump', MYSQL],
  ['mariadb-admin', MYSQL],
  ['sshpass', { attached: ['-p'], next: ['-p'] }],
  ['redis-cli', { next: ['-a'] }],
  ['mongo', { next: ['-p'] }],
  ['mongosh', { next: ['-p'] }],
  ['mongodump', { next: ['-p'] }],
  ['curl', { attached: ['-u'], next: ['-u', '--user', '-U', '--proxy-user'] }],
  ['ldapsearch', { attached: ['-w'], next: ['-w'] }],
  ['ldapmodify', { attached: ['-w'], next: ['-w'] }],
  ['ldapadd', { attached: ['-w'], next: ['-w'] }],
  ['smbclient', { attached: ['-U'], next: ['-U'] }],
  ['sqlcmd', { attached: ['-P'], next: ['-P'] }],
  ['7z', { attached: ['-p'] }],
  ['7za', { attached: ['-p'] }],
  ['zip', { attached: ['-P'], next: ['-P'] }],
  ['unzip', { attached: ['-P'], next: ['-P'] }],
  ['docker', { next: ['-p'] }],
  ['podman', { next: ['-p'] }],
  ['ipmitool', { next: ['-P'] }],
]);

const HINT_NAME = 1;
const HINT_PROGRAM = 2;
const HINT_FORM = 4;
// Every part below finds something only in a text with one of its words.
const HINTS = new WordFinder([
  ...['pass', 'pwd', 'pw', 'secret', 'token', 'key', 'cred', 'authorization'].map(
    (word): Word => [word, HINT_NAME],
  ),
  ...[...PROGRAMS.keys()].map((name): Word => [name, HINT_PROGRAM]),
  ...['://', 'bearer ', 'eyj', 'akia', 'asia', 'github_pat_', 'glpat-', 'xox', 'sk-', 'aiza'].map(
    (word): Word => [word, HINT_FORM],
  ),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'npm_', '-----begin '].map(
    (word): Word => [word, HINT_FORM],
  ),
]);

// `-pSECRET` is a password of mysql and a port of ssh: the program decides.
function maskArguments(text: string, program: string): string {
  let flags = PROGRAMS.get(program);
  let login = program !== 'docker' && program !== 'podman';
  let secretNext = false;
  let result = '';
  let end = 0;
  for (const { 0: word, index } of text.matchAll(/[^\s\0]+/g)) {
    // In a message the word may have a label: `command=mysql`, `args=-pX`.
    const label = /^[a-z_.]{1,40}=/.exec(word)?.[0].length ?? 0;
    const bare = word.slice(label);
    const known = PROGRAMS.get(bare.slice(bare.lastIndexOf('/') + 1));
    let masked: string | undefined;
    if (secretNext) {
      masked = maskUser(bare);
      secretNext = false;
    } else if (known !== undefined) {
      flags = known;
      login = !/(?:docker|podman)$/.test(bare);
    } else if (flags !== undefined && bare === 'login') {
      login = true; // docker -p is a port, docker login -p a password
    } else if (flags !== undefined && login && bare.startsWith('-')) {
      const flag = flags.attached?.find((one) => bare.startsWith(one) && bare.length > one.length);
      secretNext = flags.next?.includes(bare) ?? false;
      if (flag !== undefined && !secretNext && !bare.startsWith('--'))
        masked = flag + maskUser(bare.slice(flag.length));
    }
    if (masked === undefined) continue;
    result += text.slice(end, index + label) + masked;
    end = index + word.length;
  }
  return end === 0 ? text : result + text.slice(end);
}

// Of `user:password` and `user%password` the user may be seen.
function maskUser(text: string): string {
  const user = /^[^:%]{1,64}[:%]/.exec(text)?.[0] ?? '';
  return user + MASK;
}

// A name, then `=`, `:` or, for an option, a blank. The value is looked at only behind a secret name:
// of `a=b=c=...` every part is looked at once.
const NAMED = /(?<![\w.-])([\w.-]+)(["']?(?:\s?[=:]\s?|[ \0]))/g;
/** In quotes, or up to a blank. */
const VALUE = /"[^"]*"|'[^']*'|\(\S*|[^\s\0"'&;,]+/y;
const SCHEME = /^(?:bearer|basic|digest|token|negotiate)$/i;
const WORD = /[ \0]+[^\s\0"']+/y;
const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|credential|authorization/i;
const SECRET_PART = /(?:^|[_.-])(?:pass|pw)$|[_.-]pwd$/i;
// Where a secret lies, or what it is called, is none.
const NO_SECRET = /(?:file|path|dir|name|id|url|uri|type|count|length|size|expiry|ttl|policy)$/i;

function maskWords(text: string): string {
  let result = '';
  let end = 0;
  for (const { 0: all, 1: name = '', 2: between = '', index } of text.matchAll(NAMED)) {
    const start = index + all.length;
    if (index < end || !(name.startsWith('-') || /[=:]/.test(between))) continue;
    if (!(SECRET_NAME.test(name) || SECRET_PART.test(name)) || NO_SECRET.test(name)) continue;
    const value = matchAt(VALUE, text, start);
    if (value === '' || isFlag(value, between)) continue;
    // Of `Authorization: Bearer X` the next word is what counts.
    const word = SCHEME.test(value) ? matchAt(WORD, text, start + value.length) : '';
    const quote = /^["']/.exec(value)?.[0] ?? '';
    const shown = word === '' ? `${quote}${MASK}${quote}` : `${value} ${MASK}`;
    result += text.slice(end, start) + shown;
    end = start + value.length + word.length;
  }
  return end === 0 ? text : result + text.slice(end);
}

function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? '';
}

// `--password --user x` asks for it; `<NA>` is no value.
function isFlag(value: string, between: string): boolean {
  return (value.startsWith('-') && !/[=:]/.test(between)) || value === '<NA>';
}

// What is a secret by its form, whatever stands before it.
const URL_USER = /(:\/\/[^\s/:@]{0,256}:)[^\s/@]+@/g;
const BEARER = /(?<![\w-])(bearer )[\w.~+/=-]{8,}/gi;
const FORMS: readonly RegExp[] = [
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)?/g, // JSON web token
  /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/g, // AWS
  /(?<![\w-])gh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /(?<![\w-])github_pat_\w{20,}/g,
  /(?<![\w-])glpat-[\w-]{16,}/g, // GitLab
  /(?<![\w-])xox[a-z]-[\w-]{10,}/g, // Slack
  /(?<![\w-])sk-[\w-]{20,}/g, // OpenAI, Stripe and others
  /(?<![\w-])AIza[\w-]{30,}/g, // Google
  /(?<![\w-])npm_[A-Za-z0-9]{30,}/g,
];

function maskTokens(text: string): string {
  let masked = text.replace(URL_USER, `$1${MASK}@`).replace(BEARER, `$1${MASK}`);
  for (const form of FORMS) masked = masked.replace(form, MASK);
  return masked.includes('-----BEGIN ') ? maskKeyBlocks(masked) : masked;
}

// To the end of the block, or of the text where it was cut.
function maskKeyBlocks(text: string): string {
  let result = '';
  let at = 0;
  for (;;) {
    const begin = text.indexOf('-----BEGIN ', at);
    if (begin < 0) return result + text.slice(at);
    const head = /^-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/.exec(
      text.slice(begin, begin + 80),
    )?.[0];
    if (head === undefined) {
      result += text.slice(at, begin + 11);
      at = begin + 11;
      continue;
    }
    const end = text.indexOf('-----END ', begin);
    result += text.slice(at, begin) + head + MASK;
    if (end < 0) return result;
    at = end;
  }
}
