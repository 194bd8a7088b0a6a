// The sensor thread: wires bpf to match in order. It waits in epoll_wait, so no promise settles here;
// only alerts, and events that somebody asked for, leave it.
import { parentPort, workerData } from 'node:worker_threads';
import { record_header, record_kind } from './abi/layout.js';
import { bootEpochNs, trimArenas } from './bpf/libc.js';
import { raiseOtherThreads, raisePriority } from './bpf/priority.js';
import { openSensorObject, type SensorObject } from './bpf/sensor-object.js';
import { Reader } from './capture/reader.js';
import { type RecordSink, Ring } from './capture/ring.js';
import { failureOf } from './cli/failure.js';
import { Enricher } from './enrich/enricher.js';
import { BpfError, HostError } from './errors.js';
import { KERNEL_OBJECT } from './files.js';
import { toBytes } from './rules/bytes.js';
import type { CompiledRules } from './sensor/compile-rules.js';
import { ContainerQuestions } from './sensor/containers.js';
import { compileSoon } from './sensor/early.js';
import { SensorFilter } from './sensor/filter.js';
import { LOSS_CHECK_MS, SensorLosses } from './sensor/losses.js';
import { SensorPort } from './sensor/port.js';
import type {
  Failure,
  FromSensor,
  PreparedRules,
  SensorOptions,
  SensorStats,
  ToSensor,
} from './sensor/protocol.js';
import { Recorder } from './sensor/recording.js';
import { RuleStage } from './sensor/rules.js';
import { readRunning } from './sensor/running.js';
import { Safeguards } from './sensor/safeguards.js';
import { Taps } from './sensor/taps.js';
import { calls, ia32Numbers, typesNamed, typesOf } from './sensor/types.js';
import { SensorVerdicts } from './sensor/verdicts.js';
import { warmUp } from './sensor/warm-up.js';

/** Above the ordinary, so that a fork storm cannot keep the reader from its ring. */
const NICE = -15;

/** Everything the thread owns, from the kernel side to the matcher. */
class Sensor {
  readonly #object: SensorObject;
  readonly #ring: Ring;
  readonly #reader: Reader;
  readonly #losses: SensorLosses;
  readonly #questions = new ContainerQuestions((full_id, type) =>
    this.#post({ kind: 'container_wanted', full_id, type }),
  );
  readonly #enricher = new Enricher({ boot_epoch_ns: bootEpochNs(), metadata: this.#questions });
  readonly #filter: SensorFilter;
  readonly #verdicts: SensorVerdicts;
  readonly #rules: RuleStage;
  readonly #taps: Taps;
  readonly #recorder: Recorder;
  readonly #safeguards: Safeguards;
  #received = 0;
  #watching = false;

  constructor(
    private readonly options: SensorOptions,
    private readonly port: SensorPort,
  ) {
    this.#rules = new RuleStage(
      options,
      this.#questions,
      (batch) => port.postBatch(batch),
      (open, load) => this.#post({ kind: 'open', open, load }),
    );
    this.#taps = new Taps(options, (message) => this.#post(message));
    this.#recorder = new Recorder(this.#enricher, (message) => this.#post(message));
    this.#safeguards = new Safeguards(options, this.#enricher.tree, (message) =>
      this.#post(message),
    );
    this.#object = openSensorObject({
      object_path: KERNEL_OBJECT,
      ring_bytes: options.ringBytes,
      ia32: ia32Numbers(),
    });
    this.#filter = new SensorFilter(this.#object, this.#enricher, (reason) =>
      this.#post({ kind: 'replan', reason }),
    );
    this.#verdicts = new SensorVerdicts(this.#object, this.#rules.limit, (slot, rules) =>
      this.#safeguards.name(slot, rules),
    );
    this.#ring = new Ring(this.#object.mapRing());
    this.#losses = new SensorLosses(this.#object.counters, (message) => this.#post(message));
    this.#reader = new Reader({
      ring: this.#ring,
      ring_fd: this.#object.ring_fd,
      flag: this.#object.control,
      wake_fd: options.wakeFd,
    });
  }

  /** Watches until it is told to stop. */
  async run(): Promise<void> {
    const refused = raisePriority(NICE);
    if (refused !== undefined)
      this.port.log('warn', 'the sensor runs at ordinary priority', { refused });
    // A sensor above those who compile for it runs uncompiled while it has much to do: on one processor
    // 60,000 opens took 0.6 s of its time so, and 0.3 s with the compilers beside it.
    else raiseOtherThreads(NICE);
    // Others load it while this one reads what runs already and compiles rules.
    const expected = this.#object.loadAside(calls(typesNamed(this.options.expected ?? [])));
    expected.catch(() => {}); // told below
    try {
      // First the hooks, then what was there before: what begins in between is seen twice, never missed.
      this.#object.attachLifecycle();
      this.#safeguards.start(this.#object);
      this.#received += readRunning(this.#object, this.#enricher, (error) =>
        this.port.log('warn', 'the task iterator was refused; reading /proc', { error }),
      );
      // Rules are read by another thread meanwhile; they come as a message.
      if (this.options.awaitRules) await this.#awaitRules(expected);
      else this.#sayWatching(0, []);
    } finally {
      await expected; // it works on what is closed next
    }
    this.#reader.run(
      this.#take,
      (round) => this.#afterRound(round.woken),
      () => this.#filter.pause_ms(this.#rules.pause_ms(LOSS_CHECK_MS)),
    );
    this.close();
  }

  close(): void {
    this.#safeguards.close();
    this.#verdicts.close();
    this.#reader.close();
    this.#ring.close();
    this.#object.close();
  }

  readonly #take: RecordSink = (memory, offset, length) => {
    this.#received += 1;
    const kind = memory.readUInt16LE(offset + record_header.kind);
    if (kind === record_kind.RECORD_TAMPER) {
      this.#safeguards.take(memory, offset, length);
      return;
    }
    const event = this.#enricher.take(kind, memory, offset, length);
    this.#filter.take(kind, memory, offset, event);
    this.#verdicts.note(this.#enricher.process_of_record);
    if (event === undefined) {
      this.#recorder.take(kind, memory, offset, length);
      return;
    }
    if (kind === record_kind.RECORD_VERDICT) {
      for (const telling of this.#verdicts.tellings(this.#enricher.verdict))
        this.#rules.tellVerdict(event, telling);
      return;
    }
    this.#safeguards.look(event);
    const open = this.#filter.openOf(event, memory, offset);
    const kills = this.#verdicts.killsOf(kind, memory, offset, length);
    if (kills === undefined) this.#rules.take(event, open);
    else this.#rules.takeKilled(event, open, kills);
    if (this.#taps.any) this.#taps.take(event);
    this.#recorder.take(kind, memory, offset, length, event);
  };

  #afterRound(woken: boolean): void {
    this.#rules.expire();
    this.#rules.flush();
    if (this.#taps.any) this.#taps.flush();
    this.#filter.work();
    if (woken) this.#takeMessages();
    if (this.#losses.due) this.#checkLosses();
  }

  // Until then promises settle in this thread: programs are loaded by others while rules are compiled.
  async #awaitRules(expected: Promise<void>): Promise<void> {
    while (!this.#watching && !this.#reader.stopped) {
      this.#reader.poll(this.#take, 0);
      const message = this.port.next();
      if (message?.kind === 'rules') {
        const others = this.#object.loadAside(calls(typesOf(message.rules.rules)));
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
    switch (message.kind) {
      case 'rules':
        this.#useRules(message.rules, message.load, this.#compile(message.rules, message.load));
        break;
      case 'tap':
        this.#taps.add(message.id, message.rule, message.json);
        this.#tapped();
        this.#post({ kind: 'tapped', id: message.id });
        break;
      case 'untap':
        this.#taps.remove(message.id);
        this.#tapped();
        break;
      case 'record': {
        const failure = this.#recorder.begin(message);
        this.#tapped();
        this.#post({ kind: 'tapped', id: message.id, failure });
        break;
      }
      case 'container':
        this.#learn(message);
        break;
      case 'host_name':
        this.#enricher.host_names.learn(toBytes(message.name), message.addresses);
        break;
      case 'mute':
        this.#rules.mutes.set(message.rule, message.until_ms);
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
    this.#filter.tap(new Set([...this.#taps.types, ...this.#recorder.types]));
    this.#askForContainers();
  }

  #compile(prepared: PreparedRules, load: number): CompiledRules {
    const compiled = this.#rules.compile(prepared, load);
    if (this.#watching) return compiled;
    compileSoon();
    warmUp(compiled.matcher); // no event of theirs has been asked for yet
    return compiled;
  }

  // False: the kernel cannot deny by these rules, and those before stay. At the start that is the end.
  #useVerdicts({ verdicts }: PreparedRules, load: number, { outputs }: CompiledRules): boolean {
    for (const process of this.#enricher.tree.living()) this.#verdicts.note(process);
    try {
      this.#verdicts.use(verdicts, outputs);
      return true;
    } catch (error) {
      if (!this.#watching || !(error instanceof BpfError || error instanceof HostError))
        throw error;
      this.#post({ kind: 'refused', failure: failureOf(error), load });
      return false;
    }
  }

  // Between two events: what the ring holds meanwhile is judged by the new rules, and only by them.
  // The kernel comes first, because it can refuse.
  #useRules(prepared: PreparedRules, load: number, compiled: CompiledRules): void {
    if (prepared.follows !== true && !this.#useVerdicts(prepared, load, compiled)) return;
    try {
      this.#filter.use(prepared.plan, compiled.types);
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      if (this.#watching && prepared.follows !== true) {
        this.#verdicts.undo();
        this.#post({ kind: 'refused', failure: failureOf(error), load });
        return;
      }
      if (prepared.plan === undefined) throw error;
      this.port.log('warn', 'the kernel does not filter', { refused: error.message });
      this.#filter.use(undefined, compiled.types);
    }
    this.#rules.use(compiled);
    const { rules, warnings } = prepared;
    const hooks = this.#object.attached.length;
    if (!this.#watching) this.#sayWatching(rules.length, warnings);
    else if (prepared.follows !== true)
      this.#post({ kind: 'reloaded', rules: rules.length, hooks, warnings });
    this.#askForContainers();
  }

  // Runtimes are left alone while nobody reads what they know.
  #askForContainers(): void {
    const wanted = this.#rules.readsMetadata || this.#taps.readsMetadata || this.#recorder.isOpen;
    if (wanted === this.#questions.enabled) return;
    this.#post({ kind: 'containers', wanted });
    if (wanted) this.#questions.enable(this.#enricher.containers.seen());
    else {
      this.#questions.disable();
      this.#rules.drain();
    }
  }

  #learn({ full_id, metadata }: Extract<ToSensor, { kind: 'container' }>): void {
    // That no runtime knows a container does not take away what one has told.
    if (metadata !== undefined) {
      this.#enricher.containers.learn(full_id, metadata);
      this.#recorder.learnt(full_id, metadata);
      this.#filter.learnt(full_id);
    }
    this.#questions.answered(full_id);
    this.#rules.answered(full_id);
    this.#rules.flush();
  }

  #sayWatching(rules: number, warnings: readonly string[]): void {
    this.#watching = true;
    this.#safeguards.inherit();
    const hooks = this.#object.attached.length;
    const processes = this.#enricher.tree.size;
    this.#post({ kind: 'watching', rules, hooks, processes, warnings });
    trimArenas(); // loading programs and rules took more than running does
  }

  // Hooks go first, then what they had sent: an event that was seen is judged.
  #stop(): void {
    this.#object.want([]);
    this.#object.detachLifecycle();
    while (this.#reader.poll(this.#take, 0).records > 0);
    this.#checkLosses();
    this.#safeguards.flush();
    this.#rules.drain();
    this.#rules.tellUntold(Number.POSITIVE_INFINITY);
    this.#rules.flush();
    if (this.#taps.any) this.#taps.flush();
    this.#recorder.end();
    this.#post({ kind: 'stopped', stats: this.#stats() });
    this.#reader.stop();
  }

  #checkLosses(): void {
    if (this.#losses.check()) this.#filter.rescan();
    this.#enricher.setClock(bootEpochNs()); // somebody may have set it
    this.#filter.check();
    this.#safeguards.tick(this.#ring.waiting_bytes === 0);
  }

  #stats(): SensorStats {
    return {
      types: this.#losses.counts(),
      received: this.#received,
      alerts: this.#rules.alertCounts(),
      alertsMuted: this.#rules.mutes.counts(),
      alertsSuppressed: this.#rules.suppressedCounts(),
      alertsDropped: this.#rules.dropped,
      faults: {
        ...this.#enricher.counters,
        process_lookups_refused: this.#enricher.scan.refused,
        events_undecided: this.#rules.undecided,
      },
      containers: this.#rules.containerStats(),
      filter: this.#filter.stats(),
      enforcement: this.#rules.enforcement(),
      verdicts: this.#verdicts.totals(),
    };
  }

  #post(message: FromSensor): void {
    this.port.post(message);
  }
}

async function main(port: SensorPort): Promise<void> {
  let failure: Failure;
  try {
    const options: SensorOptions = workerData ?? (await port.options());
    await new Sensor(options, port).run();
    port.close();
    return;
  } catch (error) {
    failure = failureOf(error);
  }
  port.post({ kind: 'failed', failure });
  port.close();
}

if (parentPort !== null) await main(new SensorPort(parentPort));
