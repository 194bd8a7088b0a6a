// Error and signal numbers to their names.

/** The symbolic name of a negative return value, `ENOENT` for -2; `undefined` when it has none. */
export function errnoName(ret: number | bigint): string | undefined {
  return NAMES[-Number(ret)];
}

/** The negative return value that a name stands for, -2 for `ENOENT`. */
export function errnoNumber(name: string): number | undefined {
  const index = NAMES.indexOf(name);
  return index > 0 ? -index : undefined;
}

/** 9 for `SIGKILL`. */
export function signalNumber(name: string): number | undefined {
  const index = SIGNALS.indexOf(name);
  return index > 0 ? index : undefined;
}

/** `SIGKILL` for 9; `undefined` for 0 and for real-time signals. */
export function signalName(signal: number): string | undefined {
  return SIGNALS[signal];
}

// include/uapi/asm-generic/errno-base.h and errno.h in order, from 1; - where there is none.
const IN_ORDER = `
EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT
ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG
ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP
- ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL
ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD
ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE
EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT
EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
EHWPOISON`;

// include/linux/errno.h: seen by a tracer of a call that will be restarted.
const INSIDE_KERNEL: readonly (readonly [number, string])[] = [
  [512, 'ERESTARTSYS'],
  [513, 'ERESTARTNOINTR'],
  [514, 'ERESTARTNOHAND'],
  [515, 'ENOIOCTLCMD'],
  [516, 'ERESTART_RESTARTBLOCK'],
  [524, 'ENOTSUPP'],
];

const NAMES = errnoTable();

// x86 and arm64 numbering, include/uapi/asm-generic/signal.h.
const SIGNALS =
  '- SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS'
    .split(' ')
    .map((name) => (name === '-' ? undefined : name));

function errnoTable(): (string | undefined)[] {
  const table: (string | undefined)[] = [undefined];
  for (const name of IN_ORDER.trim().split(/\s+/)) table.push(name === '-' ? undefined : name);
  for (const [number, name] of INSIDE_KERNEL) table[number] = name;
  return table;
}
