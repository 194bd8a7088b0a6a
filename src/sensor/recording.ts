// A recording of what the sensor sees, for `saker record`: which records go into the file, and what has to
// stand beside them for another host to understand them.
import { record_kind } from '../abi/layout.js';
import { bootEpochNs } from '../bpf/libc.js';
import { CaptureWriter } from '../capture/file.js';
import { failureOf } from '../cli/failure.js';
import type { ContainerMetadata, Event, ProcessView } from '../decode/event.js';
import { DIRECTORY_CHANGES } from '../decode/types.js';
import { type CapturedNote, factsOfHost, hostNow, noteJson } from '../enrich/captured-host.js';
import type { Enricher } from '../enrich/enricher.js';
import type { Process } from '../enrich/process.js';
import { taskRecord } from '../enrich/task-record.js';
import { livesOnHost } from '../enrich/user.js';
import { Matcher } from '../match/matcher.js';
import { resolveField } from './alerts.js';
import type { Failure, FromSensor, RecordingCounts, ToSensor } from './protocol.js';

/** Somebody's wish. */
type RecordingOptions = Pick<
  Extract<ToSensor, { kind: 'record' }>,
  'rule' | 'path' | 'limit_bytes'
>;

/** The sensor's end of `saker record`: one file at most, told of when it has ended. */
export class Recorder {
  #open: Recording | undefined;

  constructor(
    private readonly enricher: Enricher,
    private readonly post: (message: FromSensor) => void,
  ) {}

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Event types that have to be seen for it. */
  get types(): ReadonlySet<number> {
    return this.#open?.types ?? new Set();
  }

  /** Begins a file; says why it cannot. */
  begin(wish: RecordingOptions): Failure | undefined {
    try {
      this.#open = new Recording(wish, this.enricher);
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  /**
   * After the enricher took a record, and rules looked at what came of it.
   *
   * @param event what came of it
   */
  take(kind: number, memory: Buffer, offset: number, length: number, event?: Event): void {
    const recording = this.#open;
    if (recording === undefined) return;
    try {
      if (!recording.take(kind, memory, offset, length, event)) this.end();
    } catch (error) {
      this.#ended(recording, error);
    }
  }

  /** A runtime told of a container. */
  learnt(full_id: string, metadata: ContainerMetadata): void {
    const recording = this.#open;
    if (recording === undefined) return;
    try {
      recording.learnt(full_id, metadata);
    } catch (error) {
      this.#ended(recording, error);
    }
  }

  end(): void {
    const recording = this.#open;
    if (recording === undefined) return;
    try {
      recording.close();
      this.#ended(recording);
    } catch (error) {
      this.#ended(recording, error);
    }
  }

  #ended(recording: Recording, error?: unknown): void {
    this.#open = undefined;
    const failure = error === undefined ? undefined : failureOf(error);
    this.post({ kind: 'recorded', counts: recording.counts, failure });
  }
}

/** One file, from the processes that are there to `close`. */
class Recording {
  /** Event types that have to be seen for it. */
  readonly types: ReadonlySet<number>;
  readonly #writer: CaptureWriter;
  readonly #matcher: Matcher;
  /** Names of containers that stand in the file. */
  readonly #noted = new Set<string>();

  /** @throws SakerError CAPTURE_FILE */
  constructor(
    { path, limit_bytes, rule }: RecordingOptions,
    private readonly enricher: Enricher,
  ) {
    const host = hostNow(bootEpochNs(), enricher.users);
    this.#matcher = new Matcher([rule], resolveField);
    this.types = new Set([...this.#matcher.wantedTypes(), ...DIRECTORY_CHANGES]);
    this.#writer = new CaptureWriter(path, factsOfHost(host), limit_bytes);
    const told = new Set<Process>();
    for (const process of enricher.tree.living()) this.#tell(process, told);
  }

  /** So far. */
  get counts(): RecordingCounts {
    const { records, refused, bytes } = this.#writer;
    return { records, refused, bytes };
  }

  /**
   * After the enricher took a record.
   *
   * @param event what came of it
   * @returns false when the file has no room for it
   * @throws SakerError CAPTURE_FILE when it cannot be written
   */
  take(
    kind: number,
    memory: Buffer,
    offset: number,
    length: number,
    event: Event | undefined,
  ): boolean {
    if (event !== undefined) {
      if (kind === record_kind.RECORD_CALL && !this.#wants(event)) return true;
      if (!livesOnHost(event.process)) this.#noteNames(event.process);
    }
    return this.#writer.add(memory, offset, length);
  }

  /**
   * A runtime told of a container.
   *
   * @throws SakerError CAPTURE_FILE when it cannot be written
   */
  learnt(full_id: string, metadata: ContainerMetadata): void {
    this.#note({ kind: 'container', full_id, metadata });
  }

  /** @throws SakerError CAPTURE_FILE when the rest cannot be written */
  close(): void {
    this.#writer.close();
  }

  // Parents first. What was there before stands at the beginning of the file.
  #tell(process: Process, told: Set<Process>): void {
    const line: Process[] = [];
    for (let at: Process | undefined = process; at !== undefined && !told.has(at); at = at.parent) {
      told.add(at);
      line.push(at);
    }
    for (const one of line.reverse()) {
      const record = taskRecord(one);
      this.#writer.add(record, 0, record.length);
    }
  }

  // Where an event has two readings, either may be wanted.
  #wants(event: Event): boolean {
    if (DIRECTORY_CHANGES.has(event.type)) return true;
    if (this.#matcher.match(event.read(false)).length > 0) return true;
    const isClaimed = event.claim !== undefined && this.#matcher.match(event.read(true)).length > 0;
    event.read(false);
    return isClaimed;
  }

  #noteNames(process: ProcessView): void {
    const { mnt_ns, uid, loginuid, gid } = process;
    for (const number of [uid, loginuid]) {
      if (this.#isNoted(`user ${mnt_ns} ${number}`)) continue;
      const account = this.enricher.user(number, process);
      if (account !== undefined) this.#note({ kind: 'user', mnt_ns, uid: number, account });
    }
    if (this.#isNoted(`group ${mnt_ns} ${gid}`)) return;
    const name = this.enricher.group(gid, process);
    if (name !== undefined) this.#note({ kind: 'group', mnt_ns, gid, name });
  }

  #isNoted(key: string): boolean {
    if (this.#noted.has(key)) return true;
    if (this.#noted.size >= MAX_NOTED) this.#noted.clear();
    this.#noted.add(key);
    return false;
  }

  #note(note: CapturedNote): void {
    this.#writer.note(noteJson(note));
  }
}

/** Names that are remembered as noted; a container can make up any number of them. */
const MAX_NOTED = 10_000;
