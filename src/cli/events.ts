// `saker events`: the live event stream, from a running agent or from a sensor of our own.
import { hostname } from 'node:os';
import { DEFAULT_CONTROL_SOCKET } from '../config/defaults.js';
import { parseConfig } from '../config.js';
import { SakerError } from '../errors.js';
import type { Failure, FromSensor } from '../sensor/protocol.js';
import { streamEvents } from './control-client.js';
import type { Console } from './program.js';
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
  const { SensorThread } = await import('../sensor/thread.js');
  const { loadCondition, loadInThread } = await import('../agent/rule-loader-thread.js');
  const loading = loadCondition(filter, loadInThread);
  loading.catch(() => {}); // told below, when the sensor is there
  const config = parseConfig('', 'defaults');
  let watching: () => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const ready = new Promise<void>((resolve) => {
    watching = resolve;
  });
  const ended = new Promise<void>((resolve, reject) => {
    listener.signal.addEventListener('abort', () => resolve(), { once: true });
    fail = reject;
  });
  const sensor = new SensorThread(
    new URL('../sensor.js', import.meta.url),
    {
      awaitRules: false,
      ringBytes: config.ring_bytes,
      lanes: [],
      containerWaitMs: 0,
      alerts: {
        hostname: hostname(),
        iso8601: false,
        includeOutput: true,
        includeMessage: false,
        includeTags: true,
        includeOutputFields: true,
        mask: { enabled: config.mask_secrets, patterns: config.mask_patterns },
      },
    },
    {
      message(message: FromSensor) {
        if (message.kind === 'watching') watching();
        else if (message.kind === 'failed') fail(asError(message.failure));
        else if (message.kind === 'loss')
          listener.dropped(Object.values(message.types).reduce((sum, count) => sum + count, 0));
      },
      crashed: (error) => fail(error),
    },
  );
  await Promise.race([ready, ended]);
  if (!listener.signal.aborted) {
    await sensor.tap((await loading).rule, json, (text, dropped) => {
      if (dropped > 0) listener.dropped(dropped);
      listener.lines(text);
    });
    await ended;
  }
  await sensor.stop(10_000);
  return 0;
}

function asError(failure: Failure): SakerError {
  const lines = [...(failure.diagnostics ?? []), failure.message];
  return new SakerError(failure.code, lines.join('\n'), { hint: failure.hint });
}
