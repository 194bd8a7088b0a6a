// Capability sets as text.

/** `CAP_...` names of the bits, lowest first, with blanks between; empty for none. */
export function capabilityNames(set: bigint): string {
  if (set === 0n) return '';
  const known = MADE.get(set);
  if (known !== undefined) return known;
  const names = NAMES.filter((_, bit) => (set & (1n << BigInt(bit))) !== 0n);
  const text = names.map((name) => `CAP_${name}`).join(' ');
  if (MADE.size < LIMIT) MADE.set(set, text);
  return text;
}

/** The set of some names, with or without `CAP_`, in any letter case; `undefined` for unknown ones. */
export function capabilitySet(names: readonly string[]): bigint | undefined {
  let set = 0n;
  for (const name of names) {
    const bit = NAMES.indexOf(name.toUpperCase().replace(/^CAP_/, ''));
    if (bit < 0) return undefined;
    set |= 1n << BigInt(bit);
  }
  return set;
}

// Few sets occur on a host; the limit is for whoever makes many.
const MADE = new Map<bigint, string>();
const LIMIT = 256;

// include/uapi/linux/capability.h, by bit.
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );
