// Rules coming into force: the kernel's verdicts, its filter and the matcher, in this order.
import type { Reader } from '../capture/reader.js';
import { failureOf } from '../cli/failure.js';
import type { ProcessTree } from '../enrich/process-tree.js';
import { BpfError, HostError } from '../errors.js';
import type { CompiledRules } from './compile-rules.js';
import type { SensorFilter } from './filter.js';
import type { Failure, PreparedRules } from './protocol.js';
import type { RuleStage } from './rules.js';
import type { SensorVerdicts } from './verdicts.js';

/** The stages that rules come into force in. */
export interface RulesInForceOptions {
  verdicts: SensorVerdicts;
  filter: SensorFilter;
  rules: RuleStage;
  reader: Pick<Reader, 'prompt'>;
  tree: ProcessTree;
  /** Hears why the kernel does not filter. */
  unfiltered(refused: string): void;
}

/** Puts rules in the place of others. */
export class RulesInForce {
  constructor(private readonly stages: RulesInForceOptions) {}

  /**
   * Between two events: what the ring holds meanwhile is judged by the new rules, and only by them.
   * The kernel comes first, because it can refuse.
   *
   * @param first there are none before these: what the kernel refuses is thrown
   * @returns why the kernel does not take them; then those before stay in force
   * @throws BpfError, HostError
   */
  use(prepared: PreparedRules, compiled: CompiledRules, first: boolean): Failure | undefined {
    const { follows = false, plan } = prepared;
    const { filter, reader, rules, verdicts, unfiltered } = this.stages;
    const refusal = follows ? undefined : this.#useVerdicts(prepared, compiled, first);
    if (refusal !== undefined) return refusal;
    try {
      filter.use(plan, compiled.types);
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      if (!first && !follows) {
        verdicts.undo();
        return failureOf(error);
      }
      if (plan === undefined) throw error;
      unfiltered(error.message);
      filter.use(undefined, compiled.types);
    }
    rules.use(compiled);
    reader.prompt = compiled.prompt;
    return undefined;
  }

  #useVerdicts(
    { verdicts: plan }: PreparedRules,
    { outputs }: CompiledRules,
    first: boolean,
  ): Failure | undefined {
    const { tree, verdicts } = this.stages;
    for (const process of tree.living()) verdicts.note(process);
    try {
      verdicts.use(plan, outputs);
      return undefined;
    } catch (error) {
      if (first || !(error instanceof BpfError || error instanceof HostError)) throw error;
      return failureOf(error);
    }
  }
}
