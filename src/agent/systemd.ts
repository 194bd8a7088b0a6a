// Tells the service manager that the agent is ready, is alive, or stops; see sd_notify(3).
import { sendDatagram } from '../bpf/notify.js';

/** Sends `state`, such as `READY=1`, if a service manager asked for it. Returns an error's name. */
export function notifySystemd(
  state: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const path = environment.NOTIFY_SOCKET;
  return path === undefined || path === '' ? undefined : sendDatagram(path, state);
}

/** How often the service manager wants to hear `WATCHDOG=1`; `undefined`: not at all. */
export function watchdogIntervalMs(
  environment: NodeJS.ProcessEnv = process.env,
): number | undefined {
  const usec = Number(environment.WATCHDOG_USEC);
  const pid = environment.WATCHDOG_PID;
  if (!(usec > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
  return Math.max(1, Math.floor(usec / 2000)); // twice per interval, as sd_watchdog_enabled(3) advises
}
