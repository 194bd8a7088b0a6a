// What denied while no agent was there, as alerts of the agent that found it.
import type { Logger } from '../log.js';
import type { Alert } from '../output/alert.js';
import { inheritedAlert } from '../output/internal.js';
import type { Inherited } from '../sensor/persistence.js';

/** An alert for each rule, with what it denied last. */
export function tellInherited(
  { hooks, journals, unread }: Inherited,
  log: Logger,
  tell: (alert: Alert) => void,
): void {
  let denied = 0;
  for (const journal of journals) {
    for (const [rule, times] of journal.denied) {
      const last = journal.last.findLast((one) => one.rule === rule);
      tell(inheritedAlert({ rule, times, path: last?.path, pid: last?.pid, name: last?.name }));
      denied += times;
    }
  }
  log.info({ hooks, denied }, 'the hooks of an earlier agent were taken over');
  if (unread > 0)
    log.warn(
      { journals: unread },
      'an earlier agent was another version: what it denied is not known',
    );
}
