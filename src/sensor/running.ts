// The processes that were there before the agent.
import { record_header } from '../abi/layout.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { readTasks } from '../capture/tasks.js';
import type { Enricher } from '../enrich/enricher.js';
import { BpfError } from '../errors.js';

/**
 * Fills the process tree. The iterator has what /proc has, in one system call for some fifty processes.
 *
 * @param refused hears why the iterator was not used
 * @returns how many records came, which the kernel side counts as sent
 */
export function readRunning(
  object: SensorObject,
  enricher: Enricher,
  refused: (why: string) => void,
): number {
  let received = 0;
  if (object.can_iterate) {
    try {
      readTasks(object.object, 'iter_tasks', (memory, offset, length) => {
        received += 1;
        enricher.take(memory.readUInt16LE(offset + record_header.kind), memory, offset, length);
      });
      enricher.completeFromProc();
      return received;
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      refused(error.message);
    }
  }
  enricher.fillFromProc();
  return received;
}
