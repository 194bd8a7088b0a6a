// Waiting for descriptors, and descriptors made to end a wait: epoll(7) and eventfd(2).
import koffi from 'koffi';
import { errnoNumber } from './errno.js';
import { closeFd, failed, libc } from './libc.js';

const nativeEpollCreate = libc.func('int epoll_create1(int flags)');
const nativeEpollCtl = libc.func('int epoll_ctl(int epfd, int op, int fd, void *event)');
const nativeEpollWait = libc.func(
  'int epoll_wait(int epfd, void *events, int count, int timeout_ms)',
);
const nativeEventfd = libc.func('int eventfd(unsigned int value, int flags)');
const nativeRead = libc.func('int64_t read(int fd, void *to, size_t length)');
const nativeWrite = libc.func('int64_t write(int fd, void *from, size_t length)');

// struct epoll_event is packed on x86_64 only: there the data begins at byte 4.
const EPOLL_DATA_AT = process.arch === 'x64' ? 4 : 8;
const EPOLL_EVENT_BYTES = EPOLL_DATA_AT + 8;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const MAX_READY = 8;

/** A set of descriptors to wait for. */
export class Epoll {
  private readonly ready = Buffer.alloc(EPOLL_EVENT_BYTES * MAX_READY);
  private fd: number;

  /** @throws BpfError when no descriptor is to be had */
  constructor() {
    this.fd = nativeEpollCreate(0o2000000 /* EPOLL_CLOEXEC */) as number;
    if (this.fd < 0) throw failed('epoll_create1');
  }

  /** Waits for `fd` to become readable, too; `wait` then reports `token` (0 to 30). */
  add(fd: number, token: number): void {
    const event = Buffer.alloc(EPOLL_EVENT_BYTES);
    event.writeUInt32LE(EPOLLIN, 0);
    event.writeUInt32LE(token, EPOLL_DATA_AT);
    if ((nativeEpollCtl(this.fd, EPOLL_CTL_ADD, fd, event) as number) < 0) {
      throw failed(`epoll_ctl of descriptor ${fd}`);
    }
  }

  /**
   * Sleeps until a descriptor is readable or the time is over. Stops the whole thread: no promise
   * settles meanwhile. A signal ends the wait early, with 0.
   *
   * @param timeout_ms -1 waits without an end
   * @returns one bit for each token that is ready
   */
  wait(timeout_ms: number): number {
    const count = nativeEpollWait(this.fd, this.ready, MAX_READY, timeout_ms) as number;
    if (count < 0) {
      if (koffi.errno() === errnoNumber('EINTR')) return 0;
      throw failed('epoll_wait');
    }
    let tokens = 0;
    for (let i = 0; i < count; i++) {
      tokens |= 1 << this.ready.readUInt32LE(i * EPOLL_EVENT_BYTES + EPOLL_DATA_AT);
    }
    return tokens;
  }

  /** May be called twice. */
  close(): void {
    if (this.fd >= 0) closeFd(this.fd);
    this.fd = -1;
  }
}

const ONE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

/** A new eventfd: non-blocking, close-on-exec. The caller closes it with `closeFd`. */
export function createEventfd(): number {
  const fd = nativeEventfd(0, 0o2004000 /* EFD_CLOEXEC | EFD_NONBLOCK */) as number;
  if (fd < 0) throw failed('eventfd');
  return fd;
}

/** Makes an eventfd readable; from any thread. One that is full is readable already. */
export function signalEventfd(fd: number): void {
  if (Number(nativeWrite(fd, ONE, 8)) < 0 && koffi.errno() !== errnoNumber('EAGAIN')) {
    throw failed(`write to eventfd ${fd}`);
  }
}

/** Reads an eventfd empty; nothing to read is no error. */
export function drainEventfd(fd: number): void {
  const count = Buffer.alloc(8);
  if (Number(nativeRead(fd, count, 8)) < 0 && koffi.errno() !== errnoNumber('EAGAIN')) {
    throw failed(`read of eventfd ${fd}`);
  }
}
