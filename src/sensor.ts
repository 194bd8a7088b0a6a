// The sensor thread: wires bpf to match in order. It waits in epoll_wait, so no promise settles here;
// only alerts, and events that somebody asked for, leave it.
import { parentPort, workerData } from 'node:worker_threads';
import { record_header, record_kind } from './abi/layout.js';
import { bootEpochNs, trimArenas } from './bpf/libc.js';
import { raiseOtherThreads, raisePriority } from './bpf/priority.js';
import type { Round } from './capture/reader.js';
import type { RecordSink } from './capture/ring.js';
import { failureOf } from './cli/failure.js';
import { toBytes } from './rules/bytes.js';
import type { CompiledRules } from './sensor/compile-rules.js';
import { compileSoon } from './sensor/compilers.js';
import { LOSS_CHECK_MS } from './sensor/losses.js';
import { makeParts, type SensorParts } from './sensor/parts.js';
import { SensorPort } from './sensor/port.js';
import type {
  Failure,
  FromSensor,
  PreparedRules,
  SensorOptions,
  SensorStats,
  ToSensor,
} from './sensor/protocol.js';
import { readRunning } from './sensor/running.js';
import { sensorStats } from './sensor/stats.js';
import { calls, typesNamed, typesOf } from './sensor/types.js';
import { WarmUp } from './sensor/warm-up.js';

/** Above the ordinary, so that a fork storm cannot keep the reader from its ring. */
const NICE = -15;

/** For so long after the first rules their plan may have the processor to itself. */
const PLAN_MS = 5000;

/** The thread's work, from its start to its end. */
class Sensor {
  readonly #parts: SensorParts;
  #received = 0;
  #watching = false;
  #warmUp: WarmUp | undefined;

  constructor(
    private readonly options: SensorOptions,
    private readonly port: SensorPort,
  ) {
    this.#parts = makeParts(options, port);
  }

  /** Watches until it is told to stop. */
  async run(): Promise<void> {
    const { object, enricher, filter, reader, rules, safeguards } = this.#parts;
    const refused = raisePriority(NICE);
    if (refused !== undefined)
      this.port.log('warn', 'the sensor runs at ordinary priority', { refused });
    // A sensor above those who compile for it runs uncompiled while it has much to do: on one processor
    // 60,000 opens took 0.6 s of its time so, and 0.3 s with the compilers beside it.
    else raiseOtherThreads(NICE);
    // Others load it while this one reads what runs already and compiles rules.
    const expected = object.loadAside(calls(typesNamed(this.options.expected ?? [])));
    expected.catch(() => {}); // told below
    try {
      // First the hooks, then what was there before: what begins in between is seen twice, never missed.
      object.attachLifecycle();
      safeguards.start(object);
      this.#received += readRunning(object, enricher, (error) =>
        this.port.log('warn', 'the task iterator was refused; reading /proc', { error }),
      );
      // Rules are read by another thread meanwhile; they come as a message.
      if (this.options.awaitRules) await this.#awaitRules(expected);
      else this.#sayWatching(0, []);
    } finally {
      await expected; // it works on what is closed next
    }
    reader.run(
      this.#take,
      (round) => this.#afterRound(round),
      () => filter.pause_ms(rules.pause_ms(this.#warmUp?.pause_ms(LOSS_CHECK_MS) ?? LOSS_CHECK_MS)),
    );
    this.close();
  }

  close(): void {
    const { safeguards, verdicts, reader, ring, object } = this.#parts;
    safeguards.close();
    verdicts.close();
    reader.close();
    ring.close();
    object.close();
  }

  readonly #take: RecordSink = (memory, offset, length) => {
    const { enricher, filter, recorder, rules, safeguards, taps, verdicts } = this.#parts;
    this.#received += 1;
    const kind = memory.readUInt16LE(offset + record_header.kind);
    if (kind === record_kind.RECORD_TAMPER) {
      safeguards.take(memory, offset, length);
      return;
    }
    const event = enricher.take(kind, memory, offset, length);
    filter.take(kind, memory, offset, event);
    verdicts.note(enricher.process_of_record);
    if (event === undefined) {
      recorder.take(kind, memory, offset, length);
      return;
    }
    if (kind === record_kind.RECORD_VERDICT) {
      for (const telling of verdicts.tellings(enricher.verdict)) rules.tellVerdict(event, telling);
      return;
    }
    safeguards.look(event);
    const open = filter.openOf(event, memory, offset);
    const kills = verdicts.killsOf(kind, memory, offset, length);
    if (kills === undefined) rules.take(event, open);
    else rules.takeKilled(event, open, kills);
    if (taps.any) taps.take(event);
    recorder.take(kind, memory, offset, length, event);
  };

  #afterRound({ records, woken }: Round): void {
    const { filter, losses, rules, taps } = this.#parts;
    rules.expire();
    rules.flushDue();
    if (taps.any) taps.flush();
    filter.work();
    if (woken) this.#takeMessages();
    if (losses.due) this.#checkLosses();
    if (records === 0) this.#warmUp?.workIdle();
  }

  // Until then promises settle in this thread: programs are loaded by others while rules are compiled.
  async #awaitRules(expected: Promise<void>): Promise<void> {
    const { object, reader } = this.#parts;
    while (!this.#watching && !reader.stopped) {
      reader.poll(this.#take, 0);
      const message = this.port.next();
      if (message?.kind === 'rules') {
        const others = object.loadAside(calls(typesOf(message.rules.rules)));
        const compiled = this.#compile(message.rules, message.load);
        await Promise.all([expected, others]);
        this.#useRules(message.rules, message.load, compiled);
      } else if (message !== undefined) this.#obey(message);
      else await this.port.pause();
    }
  }

  #takeMessages(): void {
    for (let message = this.port.next(); message !== undefined; message = this.port.next())
      this.#obey(message);
  }

  #obey(message: ToSensor): void {
    const { enricher, metadata, recorder, rules, taps } = this.#parts;
    switch (message.kind) {
      case 'rules':
        this.#useRules(message.rules, message.load, this.#compile(message.rules, message.load));
        break;
      case 'tap':
        taps.add(message.id, message.rule, message.json);
        this.#tapped();
        this.#post({ kind: 'tapped', id: message.id });
        break;
      case 'untap':
        taps.remove(message.id);
        this.#tapped();
        break;
      case 'record': {
        const failure = recorder.begin(message);
        this.#tapped();
        this.#post({ kind: 'tapped', id: message.id, failure });
        break;
      }
      case 'container':
        metadata.learn(message);
        break;
      case 'host_name':
        enricher.host_names.learn(toBytes(message.name), message.addresses);
        break;
      case 'mute':
        rules.mutes.set(message.rule, message.until_ms);
        break;
      case 'stats':
        this.#post({ kind: 'stats', id: message.id, stats: this.#stats() });
        break;
      case 'start':
        break; // it has
      case 'stop':
        this.#stop();
        break;
    }
  }

  // What somebody wants to see besides the rules has changed.
  #tapped(): void {
    const { filter, recorder, taps } = this.#parts;
    filter.tap(new Set([...taps.types, ...recorder.types]));
    this.#askForContainers();
  }

  #compile(prepared: PreparedRules, load: number): CompiledRules {
    const compiled = this.#parts.rules.compile(prepared, load);
    if (this.#watching) return compiled;
    compileSoon();
    this.#warmUp = warmUpFor(prepared, compiled);
    this.#warmUp.work(); // no event of theirs has been asked for yet
    return compiled;
  }

  // At the start what the kernel refuses is the end.
  #useRules(prepared: PreparedRules, load: number, compiled: CompiledRules): void {
    const refusal = this.#parts.inForce.use(prepared, compiled, !this.#watching);
    if (refusal !== undefined) {
      this.#post({ kind: 'refused', failure: refusal, load });
      return;
    }
    if (this.#watching && this.#warmUp?.over !== true) this.#warmUp = warmUpFor(prepared, compiled);
    const { rules, warnings } = prepared;
    const hooks = this.#parts.object.attached.length;
    if (!this.#watching) this.#sayWatching(rules.length, warnings);
    else if (prepared.follows !== true)
      this.#post({ kind: 'reloaded', rules: rules.length, hooks, warnings });
    this.#askForContainers();
  }

  #askForContainers(): void {
    const { metadata, recorder, rules, taps } = this.#parts;
    metadata.want(rules.readsMetadata || taps.readsMetadata || recorder.isOpen);
  }

  #sayWatching(rules: number, warnings: readonly string[]): void {
    this.#watching = true;
    this.#parts.safeguards.inherit();
    const hooks = this.#parts.object.attached.length;
    const processes = this.#parts.enricher.tree.size;
    this.#post({ kind: 'watching', rules, hooks, processes, warnings });
    trimArenas(); // loading programs and rules took more than running does
  }

  // Hooks go first, then what they had sent: an event that was seen is judged.
  #stop(): void {
    const { object, reader, recorder, rules, safeguards, taps } = this.#parts;
    object.want([]);
    object.detachLifecycle();
    while (reader.poll(this.#take, 0).records > 0);
    this.#checkLosses();
    safeguards.flush();
    rules.drain();
    rules.tellUntold(Number.POSITIVE_INFINITY);
    rules.flush();
    if (taps.any) taps.flush();
    recorder.end();
    this.#post({ kind: 'stopped', stats: this.#stats() });
    reader.stop();
  }

  #checkLosses(): void {
    const { enricher, filter, losses, ring, safeguards } = this.#parts;
    if (losses.check()) filter.rescan();
    enricher.setClock(bootEpochNs()); // somebody may have set it
    filter.check();
    safeguards.tick(ring.waiting_bytes === 0);
  }

  #stats(): SensorStats {
    return sensorStats(this.#parts, this.#received);
  }

  #post(message: FromSensor): void {
    this.port.post(message);
  }
}

function warmUpFor({ plan }: PreparedRules, { matcher }: CompiledRules): WarmUp {
  return new WarmUp(matcher, plan === undefined ? PLAN_MS : 0);
}

async function main(port: SensorPort): Promise<void> {
  let failure: Failure;
  try {
    const options: SensorOptions | undefined = workerData ?? (await port.options());
    if (options !== undefined) await new Sensor(options, port).run();
    port.close();
    return;
  } catch (error) {
    failure = failureOf(error);
  }
  port.post({ kind: 'failed', failure });
  port.close();
}

if (parentPort !== null) await main(new SensorPort(parentPort));
