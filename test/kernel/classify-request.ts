// The facts of a call as the kernel's own classify_request.
import { abi_limit, classify_request, process_standing } from '../../src/abi/layout.js';
import type { Facts, ProcessEntry } from '../../src/plan/model.js';

/** The facts as the kernel is given them; `claimed` may be longer than the filter reads. */
export function classifyRequest(
  plan: number,
  facts: Facts,
  cgroup_id: bigint,
  claimed: string | undefined,
  process: ProcessEntry | undefined,
): Buffer {
  const { call, object, address } = classify_request;
  const to = Buffer.alloc(classify_request.size, 0xff).fill(0); // the kernel reads only pages that are there
  to.writeUInt32LE(plan, classify_request.plan);
  to.writeUInt32LE(facts.type, classify_request.type);
  to.writeBigInt64LE(facts.ret, call.ret);
  facts.args.forEach((value, i) => {
    to.writeBigUInt64LE(value, call.args.at + 8 * i);
  });
  to.writeBigUInt64LE(facts.extra, call.extra);
  to.writeUInt32LE(facts.abi, call.abi);
  to.writeUInt8(facts.object.kind, object.kind);
  to.writeUInt8(facts.object.flags, object.flags);
  to.writeUInt16LE(facts.object.family, object.family);
  to.writeUInt8(facts.object.socket_type, object.socket_type);
  to.writeUInt16LE(facts.object.protocol, object.protocol);
  to.writeUInt16LE(facts.object.local_port, object.local_port);
  to.writeUInt16LE(facts.object.remote_port, object.remote_port);
  to.write(
    kernelAddress(facts.object.family, facts.object.local_address),
    object.local_address.at,
    'latin1',
  );
  to.write(
    kernelAddress(facts.object.family, facts.object.remote_address),
    object.remote_address.at,
    'latin1',
  );
  to.writeUInt16LE(facts.given.family, address.family);
  to.writeUInt16LE(facts.given.port, address.port);
  to.write(kernelAddress(facts.given.family, facts.given.address), address.address.at, 'latin1');
  to.writeBigUInt64LE(cgroup_id, classify_request.cgroup_id);
  to.writeUInt32LE(facts.uid, classify_request.uid);
  to.write(facts.comm, classify_request.comm.at, 'latin1');
  if (process !== undefined) {
    const { PROCESS_WHOLE, PROCESS_FIXED } = process_standing;
    to.writeUInt32LE(
      process.holds === 'fixed_bits' ? PROCESS_FIXED : PROCESS_WHOLE,
      classify_request.standing,
    );
    process.bits[process.holds].forEach((word, i) => {
      to.writeBigUInt64LE(word, classify_request.process.at + 8 * i);
    });
  }
  const path = facts.path ?? '';
  to.writeUInt32LE(path.length, classify_request.path_length);
  to.write(path, classify_request.path.at + abi_limit.MAX_PATH_BYTES - path.length, 'latin1');
  to.writeUInt32LE(claimed?.length ?? 0, classify_request.claimed_length);
  to.write(claimed ?? '', classify_request.claimed.at, 'latin1');
  return to;
}

const AF_INET6 = 10;
const MAPPED = `${'\0'.repeat(10)}\xff\xff`;

/** As the kernel has it: IPv4 addresses of an IPv6 socket are mapped ones. */
function kernelAddress(family: number, address: string): string {
  return family === AF_INET6 && address.length === 4 ? MAPPED + address : address;
}
