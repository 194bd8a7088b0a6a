// What keeps the agent and its denials in place: protection of its process and its BPF objects, and pins
// that outlive it.
import { PinFolder } from '../bpf/pin.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import type { Event } from '../decode/event.js';
import type { ProcessTree } from '../enrich/process-tree.js';
import { SakerError } from '../errors.js';
import { Attempts } from './attempts.js';
import { inherit, ownProcess, Persistence } from './persistence.js';
import type { FromSensor, SensorOptions } from './protocol.js';
import { protectionWords, SelfProtection } from './self-protection.js';
import { Tampering } from './tampering.js';

/** As the options say; without them it does nothing. */
export class Safeguards {
  readonly #tampering: Tampering;
  /** Where the hooks do not tell of them. */
  #attempts: Attempts | undefined;
  #persistence: Persistence | undefined;

  constructor(
    private readonly options: Pick<SensorOptions, 'protectAgent' | 'persist' | 'pinDir'>,
    private readonly tree: ProcessTree,
    private readonly post: (message: FromSensor) => void,
  ) {
    this.#tampering = new Tampering(
      process.pid,
      ({ pid, start_low, start_high }) => tree.find(pid, start_low, start_high)?.exepath,
      (attempt) => post({ kind: 'tampered', attempt }),
    );
  }

  /**
   * Protects the process, and pins what it attaches from now on.
   *
   * @throws HostError when the folder of the pins cannot be had, or holds what is not ours
   * @throws BpfError when the kernel refuses
   */
  start(object: SensorObject): void {
    const { protectAgent, persist, pinDir } = this.options;
    const pins = persist === true && pinDir !== undefined ? PinFolder.make(pinDir) : undefined;
    if (protectAgent === true) {
      const { protection } = SelfProtection.start(object, pins?.identity);
      const [level, message, fields] = protectionWords(protection);
      this.post({ kind: 'log', level, message, fields });
      const { denying, trusts_cgroup } = protection;
      if (denying.length === 0)
        this.#attempts = new Attempts(process.pid, trusts_cgroup, this.tree);
    }
    if (pins !== undefined) this.#persistence = new Persistence(object, pins, ownProcess());
  }

  /** Names the rules of verdicts by slot and clause, before they are in force. */
  name(slot: number, rules: readonly string[]): void {
    this.#persistence?.name(slot, rules);
  }

  /** Now that the own hooks know their rules, those that an earlier agent left are not needed. */
  inherit(): void {
    const { pinDir } = this.options;
    if (pinDir === undefined) return;
    try {
      const inherited = inherit(pinDir, this.#persistence);
      if (inherited !== undefined) this.post({ kind: 'inherited', inherited });
    } catch (error) {
      if (!(error instanceof SakerError)) throw error;
      const fields = { refused: error.message };
      this.post({ kind: 'log', level: 'warn', message: 'an earlier agent left pins', fields });
    }
  }

  /** Takes a `struct tamper_record`. */
  take(memory: Buffer, offset: number, length: number): void {
    this.#tampering.take(memory, offset, length);
  }

  /** Looks at an event that is none of a `struct tamper_record`. */
  look(event: Event): void {
    if (this.#attempts?.has(event)) this.#tampering.note('trace', false, event.task);
  }

  /** To be called once a second. @param drained nothing waits in the ring */
  tick(drained: boolean): void {
    this.#tampering.flush();
    this.#persistence?.tick(drained);
  }

  /** Tells what has not been told. */
  flush(): void {
    this.#tampering.flush(true);
  }

  /** Pins stay. May be called twice. */
  close(): void {
    this.#persistence?.close();
  }
}
