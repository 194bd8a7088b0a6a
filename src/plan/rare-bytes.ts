// Texts that are looked for anywhere in a path are in few paths, and so are some of their bytes: the kernel sees
// without searching, while it puts a path together, that such a byte, with what follows it, is in none of its names.

/** A byte, and what may follow it. */
export interface RareBytes {
  readonly byte: number;
  /** The bytes that follow it where a text holds it for the first time: two, or what more of them have in common. */
  readonly next: readonly [number, number];
  /** Which bits of `next` say something; none where a text ends with the byte, or its name does. */
  readonly care: number;
}

/** Bytes that few names of files hold. */
const RARE = /[^A-Za-z0-9./-]/g;

/** Such a byte of most of these texts (latin1); `undefined`: none of them has one. */
export function rareBytes(texts: readonly string[]): RareBytes | undefined {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const byte of new Set(text.match(RARE))) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let found: string | undefined;
  for (const [byte, count] of counts)
    if (count > (found === undefined ? 0 : (counts.get(found) ?? 0))) found = byte;
  if (found === undefined) return undefined;
  const byte = found.charCodeAt(0);
  const following = new Set<number>();
  for (const text of texts) {
    const at = text.indexOf(found);
    if (at < 0) continue;
    const next = text[at + 1];
    if (next === undefined || next === '/') return { byte, next: [0, 0], care: 0 };
    following.add(next.charCodeAt(0));
  }
  const [one = 0, other = one, ...more] = following;
  if (more.length === 0) return { byte, next: [one, other], care: 0xff };
  let care = 0xff;
  for (const next of following) care &= ~(one ^ next);
  return { byte, next: [one & care, one & care], care };
}
