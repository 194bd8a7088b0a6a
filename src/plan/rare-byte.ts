// Texts that are looked for anywhere in a path are in few paths, and so are some of their bytes: the kernel sees
// without searching, while it puts a path together, that a byte is in none of its components.

/** Bytes that few names of files hold. */
const RARE = /[^A-Za-z0-9./-]/g;

/** Such a byte of most of these texts; `undefined`: none of them has one. */
export function rareByte(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const byte of new Set(text.match(RARE))) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let found: string | undefined;
  for (const [byte, count] of counts)
    if (count > (found === undefined ? 0 : (counts.get(found) ?? 0))) found = byte;
  return found;
}
