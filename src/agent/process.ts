// An agent as a process of its own: what signals do to it, and how it ends.
import { Agent } from '../agent.js';
import { endAtOnce } from '../bpf/libc.js';
import { raisePriority } from '../bpf/priority.js';
import type { AgentOptions } from './options.js';

/**
 * Of the main thread, and of those that write its files, which it begins: a quarter of the processor that
 * the sensor is on, if they need it. At the ordinary nice value a sensor with 50,000 alerts a second kept
 * them from writing while others worked as well, and a fifth of the alerts was dropped.
 */
const NICE = -10;

/** Runs an agent until a signal ends it; resolves with the exit status. */
export async function runAgent(options: AgentOptions): Promise<number> {
  raisePriority(NICE); // where it is refused the sensor says so
  const agent = new Agent(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // The second one ends the process by the signal itself, whatever the threads are doing.
      process.removeAllListeners(signal);
      void agent.stop();
    });
  process.on('SIGHUP', () => agent.reload());
  // Node would open its debugger on this signal, inside of a process that may do everything.
  process.on('SIGUSR1', () => {});
  await agent.start();
  const status = await agent.finished;
  // process.exit would wait for the thread; the kernel detaches all programs with the process.
  if (agent.stuck) process.kill(process.pid, 'SIGKILL');
  if (agent.held) endAtOnce(status);
  return status;
}
