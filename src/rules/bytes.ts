// Text to byte strings and back. A byte string is a JS string in which each char is one byte.

/**
 * Encodes JS text as UTF-8 and returns the bytes as a byte string; pure ASCII is returned as it is.
 */
export function toBytes(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').latin1Slice() : text;
}

/**
 * Decodes a byte string as UTF-8; what is not UTF-8 becomes U+FFFD. Pure ASCII is returned as it is.
 */
export function fromBytes(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').utf8Slice() : bytes;
}

// Written as a class of what is not ASCII; V8 scans a one-byte string for it without a copy.
const NOT_ASCII = /[^\u0020-\u007e\s]/;
