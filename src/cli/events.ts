// `saker events`: the live event stream, from a running agent or from a sensor of our own.
import { DEFAULT_CONTROL_SOCKET } from '../config/defaults.js';
import { SakerError } from '../errors.js';
import { streamEvents } from './control-client.js';
import type { Console } from './flags.js';
import { requireRoot } from './run.js';

/** Prints events until it is interrupted or the agent ends. */
export async function events(
  filter: string,
  json: boolean,
  socket: string,
  console: Console,
): Promise<number> {
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  const dropped = (count: number) => console.err(`saker: ${count} events were left out\n`);
  const listener = { lines: console.out, dropped, signal: end.signal };
  try {
    await streamEvents(socket, filter, json, listener);
  } catch (error) {
    // A socket that was named must answer; at the usual place there may be no agent.
    const absent = error instanceof SakerError && error.code === 'CONTROL_SOCKET';
    if (!absent || socket !== DEFAULT_CONTROL_SOCKET) throw error;
    return ownSensor(filter, json, listener);
  }
  return 0;
}

async function ownSensor(
  filter: string,
  json: boolean,
  listener: {
    lines(text: string): void;
    dropped(count: number): void;
    signal: AbortSignal;
  },
): Promise<number> {
  requireRoot('saker events without a running agent');
  const { runOwnSensor } = await import('./own-sensor.js');
  const { loadCondition } = await import('../agent/condition.js');
  const { loadInThread } = await import('../agent/rule-loader-thread.js');
  const loading = loadCondition(filter, loadInThread);
  loading.catch(() => {}); // told below, when the sensor is there
  await runOwnSensor({
    signal: listener.signal,
    lost: listener.dropped,
    begin: async (sensor) => {
      await sensor.tap((await loading).rule, json, (text, dropped) => {
        if (dropped > 0) listener.dropped(dropped);
        listener.lines(text);
      });
    },
  });
  return 0;
}
