// Attempts on the agent's memory as the ordinary system calls that they are, for kernels whose security hooks
// do not tell of them.
import { existsSync } from 'node:fs';
import type { Event } from '../decode/event.js';
import { typesOf } from '../decode/types.js';
import type { ProcessTree } from '../enrich/process-tree.js';
import type { MatchableRule } from '../match/matcher.js';
import { parseCondition } from '../rules/parser.js';

const TRACES = typesOf('ptrace');
const COPIES = typesOf('process_vm_readv process_vm_writev');
const OPENS = typesOf('open openat openat2');
const PTRACE_TRACEME = 0;

/** Event types that have to be seen. */
export const ATTEMPT_TYPES: ReadonlySet<number> = new Set([...TRACES, ...COPIES, ...OPENS]);

/** What the kernel must send besides what rules are about; nobody matches it. */
export function attemptRule(pid: number): MatchableRule {
  const condition = parseCondition(
    'evt.type in (ptrace, process_vm_readv, process_vm_writev) or ' +
      `(evt.type in (open, openat, openat2) and fd.filename = mem and fd.name startswith /proc/${pid}/)`,
  );
  return { name: 'state: attempts on the agent', condition };
}

/** Tells which calls are attempts on a process. */
export class Attempts {
  /** @param trusts_cgroup who is in its cgroup may do as he likes */
  constructor(
    private readonly pid: number,
    private readonly trusts_cgroup: boolean,
    private readonly tree: Pick<ProcessTree, 'latest'>,
  ) {}

  /** Whether the event is one, refused by the kernel or not. */
  has(event: Event): boolean {
    const { call, type } = event;
    if (call === undefined || !ATTEMPT_TYPES.has(type)) return false;
    if (OPENS.has(type)) {
      const { path = '' } = call;
      if (!path.endsWith('/mem') || !path.startsWith(`/proc/${this.pid}/`)) return false;
    } else if (!this.#isAimedAtOwn(event)) return false;
    return !this.#isTrusted(event);
  }

  // Numbers are those of the caller's namespace; ptrace takes the number of any thread.
  #isAimedAtOwn({ call, type, task }: Event): boolean {
    const own = this.tree.latest(this.pid);
    if (call === undefined || own?.pid_ns !== task.pid_ns) return false;
    const isTrace = TRACES.has(type);
    if (isTrace && Number(call.arg(0)) === PTRACE_TRACEME) return false;
    const target = Number(BigInt.asIntN(32, BigInt(call.arg(isTrace ? 1 : 0))));
    return target === this.pid || (target > 0 && existsSync(`/proc/${this.pid}/task/${target}`));
  }

  #isTrusted({ task, process }: Event): boolean {
    if (task.pid === this.pid || task.pid === 1) return true;
    return this.trusts_cgroup && process.cgroup === this.tree.latest(this.pid)?.cgroup;
  }
}
