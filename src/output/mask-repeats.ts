// Secrets are looked for once where the same is told again and again.
import type { Alert, AlertRule, AlertValue } from './alert.js';
import type { Masker } from './mask.js';

/** Masks alerts; remembers for each rule what the last one came to. */
export class RepeatMasker {
  readonly #last = new WeakMap<AlertRule, Masked>();

  constructor(private readonly masker: Masker) {}

  /** The alert with its texts masked; the same object. */
  alert(alert: Alert): Alert {
    const { rule, message, values, program } = alert;
    const last = this.#last.get(rule);
    // Of bursts `AlertTemplate.told` hands out the very same list, which is not changed afterwards.
    if (last?.values === values && last.message === message && last.program === program) {
      alert.message = last.maskedMessage;
      alert.values = last.maskedValues;
      return alert;
    }
    this.masker.alert(alert);
    this.#last.set(rule, {
      message,
      values,
      program,
      maskedMessage: alert.message,
      maskedValues: alert.values,
    });
    return alert;
  }
}

interface Masked {
  message: string;
  values: readonly AlertValue[];
  program: string | undefined;
  maskedMessage: string;
  maskedValues: readonly AlertValue[];
}
