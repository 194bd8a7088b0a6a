// Text to byte strings and back. A byte string is a JS string in which each char is one byte.
//
// A byte that is no part of any UTF-8 text can be written in a condition (`\xff`). JS text has no
// room for it, so it is kept as a lone low surrogate U+DC80..U+DCFF, the way Python's
// "surrogateescape" does; `toBytes` gives the byte back.

/**
 * Encodes JS text as UTF-8 and returns the bytes as a byte string; pure ASCII is returned as it is.
 */
export function toBytes(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  if (LONE_LOW_SURROGATE.test(text)) return escapedToBytes(text);
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * Decodes a byte string as UTF-8; what is not UTF-8 becomes U+FFFD. Pure ASCII is returned as it is.
 */
export function fromBytes(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/**
 * Decodes a byte string as UTF-8, keeping every byte that is not UTF-8 as a lone surrogate, so that
 * `toBytes` gives back the same bytes.
 */
export function fromBytesExactly(bytes: string): string {
  if (!NOT_ASCII.test(bytes)) return bytes;
  const text = fromBytes(bytes);
  if (toBytes(text) === bytes) return text;
  let exact = '';
  for (let at = 0; at < bytes.length; ) {
    const length = utf8Length(bytes, at);
    exact +=
      length === 0
        ? String.fromCharCode(0xdc00 + bytes.charCodeAt(at))
        : fromBytes(bytes.slice(at, at + length));
    at += Math.max(length, 1);
  }
  return exact;
}

const NOT_ASCII = /[\u0080-\uffff]/;
const LONE_LOW_SURROGATE = /[\udc80-\udcff]/u;

// Bytes of the valid UTF-8 sequence at `at`, 0 when there is none.
function utf8Length(bytes: string, at: number): number {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const part = bytes.slice(at, at + length);
  return toBytes(fromBytes(part)) === part ? length : 0;
}

function escapedToBytes(text: string): string {
  let bytes = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    const escaped = char.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    bytes += escaped ? String.fromCharCode(code - 0xdc00) : Buffer.from(char).toString('latin1');
  }
  return bytes;
}
