// The service manager's socket: datagrams on a unix socket, which Node does not offer.

import koffi from 'koffi';
import { errnoName } from './errno.js';

const libc = koffi.load('libc.so.6');
const nativeSocket = libc.func('int socket(int domain, int type, int protocol)');
const nativeSendto = libc.func(
  'int64_t sendto(int fd, void *from, size_t length, int flags, void *address, unsigned int bytes)',
);
const nativeClose = libc.func('int close(int fd)');

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends one datagram, as sd_notify(3) does.
 *
 * @param socketPath a path, or a name in the abstract namespace when it begins with `@`
 * @returns `undefined`, or the name of the error: the agent runs on without its service manager
 */
export function sendDatagram(socketPath: string, text: string): string | undefined {
  const path = Buffer.from(socketPath);
  if (path.length === 0 || path.length > 107) return 'ENAMETOOLONG';
  if (path[0] === 0x40) path[0] = 0; // '@'
  const address = Buffer.alloc(2 + path.length);
  address.writeUInt16LE(AF_UNIX);
  path.copy(address, 2);

  const fd = nativeSocket(AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0) as number;
  if (fd < 0) return errnoName(koffi.errno());
  const bytes = Buffer.from(text);
  const sent = nativeSendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
  const error = Number(sent) < 0 ? errnoName(koffi.errno()) : undefined;
  nativeClose(fd);
  return error;
}
