// The cursor on the end of a system call: number, arguments, the object and the paths it named.

import { call_record, object_flag, object_kind } from '../abi/layout.js';
import { normaliseAddress } from './address.js';
import type { DecodeCounters, TextPlace } from './cursor.js';

import { TaskCursor } from './task.js';

const { call, object, address } = call_record;
const ARGS: number = call.args.at;
const EXTRA: number = call.extra;
const EXTRA2: number = call.extra2;

/** `struct call_record`; `bpf/abi.h` says what each field means. */
export class CallCursor extends TaskCursor {
  /**
   * The path to read in the place of the object's, see claim.ts: of the object behind it nothing is
   * known then. Falls with the next `bind`.
   */
  claim: string | undefined;
  /** The call was seen before it was done: its paths are the objects' whatever it returned. */
  readonly is_attempt: boolean = false;

  /** @param size of the fixed part of the record */
  constructor(counters: DecodeCounters, size: number = call_record.size) {
    super(size, counters);
  }

  override bind(memory: Buffer, offset: number, length: number): boolean {
    this.claim = undefined;
    return super.bind(memory, offset, length);
  }

  /** Whom the kernel says the call is aimed at; `undefined`: it does not. */
  get target_pid(): number | undefined {
    return undefined;
  }

  get ret(): number | bigint {
    return this.signed(call.ret);
  }
  /** As the caller passed it, unsigned. */
  arg(index: number): number | bigint {
    return this.int(ARGS + index * 8);
  }
  /** The low half of an argument as a C `int`. */
  argInt(index: number): number {
    return this.i32(ARGS + index * 8);
  }
  /** The low half of an argument as a C `unsigned int`. */
  argU32(index: number): number {
    return this.u32(ARGS + index * 8);
  }
  /** The argument as a C `long`. */
  argLong(index: number): number | bigint {
    return this.signed(ARGS + index * 8);
  }
  /** A fact of its own per type, `bpf/abi.h`; the low half where that is all there is. */
  get extra(): number | bigint {
    return this.int(call.extra);
  }
  get extraLow(): number {
    return this.u32(EXTRA);
  }
  get extraHigh(): number {
    return this.u32(EXTRA + 4);
  }
  get extra2(): number | bigint {
    return this.int(call.extra2);
  }
  get extra2Low(): number {
    return this.u32(EXTRA2);
  }
  get extra2High(): number {
    return this.u32(EXTRA2 + 4);
  }
  /** The number in the caller's own ABI. */
  get number(): number {
    return this.u32(call.number);
  }
  get abi(): number {
    return this.u32(call.abi);
  }

  get object_inode(): number | bigint {
    return this.int(object.inode);
  }
  get object_dev(): number {
    return this.u32(object.dev);
  }
  get object_mode(): number {
    return this.u32(object.mode);
  }
  get open_flags(): number {
    return this.u32(object.open_flags);
  }
  /** The descriptor that the object part describes, -1: none. */
  get object_fd(): number {
    return this.i32(object.fd);
  }
  get object_kind(): number {
    return this.u8(object.kind);
  }
  get object_flags(): number {
    return this.u8(object.flags);
  }
  get family(): number {
    return this.u16(object.family);
  }
  get socket_type(): number {
    return this.u8(object.socket_type);
  }
  get socket_state(): number {
    return this.u8(object.socket_state);
  }
  get protocol(): number {
    return this.u16(object.protocol);
  }
  get local_port(): number {
    return this.u16(object.local_port);
  }
  get remote_port(): number {
    return this.u16(object.remote_port);
  }
  /** 4 or 16 bytes; IPv4-mapped IPv6 is 4. */
  get local_address(): string {
    return this.ip(object.local_address.at, this.family);
  }
  get remote_address(): string {
    return this.ip(object.remote_address.at, this.family);
  }
  /** A number for the sock itself; unix sockets show it. */
  get sock(): bigint {
    return this.u64(object.sock);
  }
  /** The other end of a unix socket. */
  get peer_sock(): bigint {
    return this.u64(object.peer_sock);
  }
  get has_object(): boolean {
    return this.object_kind !== object_kind.OBJECT_NONE || this.claim !== undefined;
  }
  /** Another thread could have put something else behind the descriptor before it was looked at. */
  get is_shared(): boolean {
    return (this.object_flags & object_flag.OBJECT_SHARED_TABLE) !== 0;
  }
  get is_accepted(): boolean {
    return (this.object_flags & object_flag.OBJECT_ACCEPTED) !== 0;
  }
  get is_connected(): boolean {
    return (this.object_flags & object_flag.OBJECT_CONNECTED) !== 0;
  }
  get is_bound(): boolean {
    return (this.object_flags & object_flag.OBJECT_BOUND) !== 0;
  }

  /** Family of the address the call was given, 0: none. */
  get given_family(): number {
    return this.u16(address.family);
  }
  get given_port(): number {
    return this.u16(address.port);
  }
  get given_address(): string {
    return this.ip(address.address.at, this.given_family);
  }

  /** The object's path, from the kernel. */
  get path(): string | undefined {
    return this.claim ?? this.text(call_record.path);
  }
  /** Where `path` lies, when the record has it. */
  locatePath(place: TextPlace): boolean {
    return this.claim === undefined && this.locateText(call_record.path, place);
  }
  /** Whether the caller wrote the object's path: finds it out without making a text, and may miss it. */
  get claims_path(): boolean {
    return this.isJoined(call_record.path, call_record.base, call_record.claimed);
  }
  get path_flags(): number {
    return this.spanFlags(call_record.path);
  }
  /** First path or text argument as the caller wrote it. */
  get claimed(): string | undefined {
    return this.text(call_record.claimed);
  }
  /** Where `claimed` lies. */
  locateClaimed(place: TextPlace): boolean {
    return this.locateText(call_record.claimed, place);
  }
  /** What a relative `claimed` is relative to. */
  get base(): string | undefined {
    return this.text(call_record.base);
  }
  get claimed2(): string | undefined {
    return this.text(call_record.claimed2);
  }
  get base2(): string | undefined {
    return this.text(call_record.base2);
  }
  /** Bytes handed over. */
  get data(): string | undefined {
    return this.text(call_record.data);
  }

  private ip(at: number, family: number): string {
    return normaliseAddress(this.raw(at, family === AF_INET6 ? 16 : 4));
  }
}

/** Address families that mean something to us, linux/socket.h. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
