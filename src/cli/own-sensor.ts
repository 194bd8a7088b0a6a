// A sensor without an agent around it, for commands that only look.
import { hostname } from 'node:os';
import { ringBytes } from '../config/ring.js';
import { parseConfig } from '../config.js';
import { SENSOR_THREAD } from '../files.js';
import { alertOptions } from '../output/alert-options.js';
import type { FromSensor } from '../sensor/protocol.js';
import { SensorThread } from '../sensor/thread.js';
import { errorOfFailure } from './failure.js';

const STOP_LIMIT_MS = 10_000;

/** What is wanted of it. */
export interface OwnSensorOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Runs when it watches. */
  begin(sensor: SensorThread): Promise<void>;
  /** Hears of events that the kernel had no room for. */
  lost(count: number): void;
  /** Hears all that nobody above does. */
  message?(message: FromSensor): void;
}

/**
 * Has a sensor watch until it is told to end.
 *
 * @throws SakerError when it cannot, or cannot go on
 */
export async function runOwnSensor(options: OwnSensorOptions): Promise<void> {
  const { signal, begin, lost, message: others } = options;
  const config = parseConfig('', 'defaults');
  let sensor: SensorThread | undefined;
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    const message = (message: FromSensor): void => {
      switch (message.kind) {
        case 'watching':
          if (sensor !== undefined && !signal.aborted) begin(sensor).catch(reject);
          break;
        case 'failed':
          reject(errorOfFailure(message.failure));
          break;
        case 'loss':
          lost(Object.values(message.types).reduce((sum, count) => sum + count, 0));
          break;
        default:
          others?.(message);
      }
    };
    sensor = new SensorThread(
      SENSOR_THREAD,
      {
        awaitRules: false,
        ringBytes: ringBytes(config.ring_bytes),
        lanes: [],
        containerWaitMs: 0,
        alerts: alertOptions(config, hostname()),
      },
      { message, crashed: reject },
    );
  });
  await sensor?.stop(STOP_LIMIT_MS);
}
