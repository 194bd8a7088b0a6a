// Everything that the sensor's thread owns, from the kernel side to the matcher, and who tells whom.
import { availableParallelism } from 'node:os';
import { bootEpochNs } from '../bpf/libc.js';
import { openSensorObject } from '../bpf/sensor-object.js';
import { Aside } from '../capture/aside.js';
import { Reader } from '../capture/reader.js';
import { Ring } from '../capture/ring.js';
import { Enricher } from '../enrich/enricher.js';
import { KERNEL_OBJECT } from '../files.js';
import { ContainerQuestions } from './containers.js';
import { SensorFilter } from './filter.js';
import { RulesInForce } from './in-force.js';
import { SensorLosses } from './losses.js';
import { ContainerMetadataStage } from './metadata.js';
import type { SensorPort } from './port.js';
import type { FromSensor, SensorOptions } from './protocol.js';
import { Recorder } from './recording.js';
import { RuleStage } from './rules.js';
import { Safeguards } from './safeguards.js';
import { Taps } from './taps.js';
import { calls, ia32Numbers, typesNamed } from './types.js';
import { SensorVerdicts } from './verdicts.js';

/** See `makeParts`. */
export type SensorParts = ReturnType<typeof makeParts>;

/**
 * Opens the kernel side, attaches nothing, and makes what works on its records.
 *
 * @param port is told what the main thread has to know
 * @throws AbiError, HostError, BpfError as `openSensorObject`
 */
export function makeParts(options: SensorOptions, port: SensorPort) {
  const post = (message: FromSensor): void => port.post(message);
  const questions = new ContainerQuestions((full_id, type) =>
    post({ kind: 'container_wanted', full_id, type }),
  );
  const enricher = new Enricher({ boot_epoch_ns: bootEpochNs(), metadata: questions });
  const rules = new RuleStage(
    options,
    questions,
    (batch) => {
      reader.hasten();
      port.postBatch(batch);
    },
    (open, load) => {
      reader.hasten();
      post({ kind: 'open', open, load });
    },
  );
  const taps = new Taps(options, post);
  const recorder = new Recorder(enricher, post);
  const safeguards = new Safeguards(options, enricher.tree, post);
  const object = openSensorObject({
    object_path: KERNEL_OBJECT,
    ring_bytes: options.ringBytes,
    ia32: ia32Numbers(),
    // libbpf reads the kernel's types for each object. Where nothing can run beside, one object has all.
    syscalls: availableParallelism() === 1 ? calls(typesNamed(options.expected ?? [])) : [],
  });
  const filter = new SensorFilter(object, enricher, (reason) => post({ kind: 'replan', reason }));
  const verdicts = new SensorVerdicts(object, rules.limit, (slot, names) =>
    safeguards.name(slot, names),
  );
  const ring = new Ring(object.mapRing());
  const reader = new Reader({
    ring,
    ring_fd: object.ring_fd,
    flag: object.control,
    wake_fd: options.wakeFd,
    aside: new Aside(),
  });
  const inForce = new RulesInForce({
    verdicts,
    filter,
    rules,
    reader,
    tree: enricher.tree,
    unfiltered: (refused) => port.log('warn', 'the kernel does not filter', { refused }),
  });
  const metadata = new ContainerMetadataStage({
    questions,
    containers: enricher.containers,
    rules,
    learnt(full_id, known) {
      recorder.learnt(full_id, known);
      filter.learnt(full_id);
    },
    post,
  });
  const losses = new SensorLosses(object.counters, post);
  return {
    object,
    ring,
    reader,
    losses,
    enricher,
    filter,
    verdicts,
    rules,
    taps,
    recorder,
    safeguards,
    inForce,
    metadata,
  };
}
