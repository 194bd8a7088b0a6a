// Counters, gauges and histograms as Prometheus reads them: its text format, version 0.0.4.

/** One number of a family; `suffix` is what histograms add to the name. */
export interface Sample {
  value: number;
  labels?: Readonly<Record<string, string>>;
  suffix?: '_bucket' | '_sum' | '_count';
}

/** All numbers of one name. */
export interface Family {
  /** Letters, digits and underscores; with the unit, and `_total` for a counter. */
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  samples: readonly Sample[];
}

/** What a scrape is told the text is. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as one text; those without a number are left out. */
export function metricsText(families: Iterable<Family>): string {
  let text = '';
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`;
    text += `# TYPE ${name} ${type}\n`;
    for (const { value, labels, suffix = '' } of samples)
      text += `${name}${suffix}${labelText(labels)} ${numberText(value)}\n`;
  }
  return text;
}

/** A family of one number. */
export function single(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: number,
  labels?: Readonly<Record<string, string>>,
): Family {
  return { name, type, help, samples: [{ value, labels }] };
}

/** A family with one number for each value of a label. */
export function labelled(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  label: string,
  values: Iterable<readonly [string, number | undefined]>,
): Family {
  const samples: Sample[] = [];
  for (const [key, value] of values)
    if (value !== undefined) samples.push({ value, labels: { [label]: key } });
  return { name, type, help, samples };
}

/** Counts observations by size; the bounds are upper limits, ascending. */
export class Histogram {
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly bounds: readonly number[],
  ) {
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  family(): Family {
    const samples: Sample[] = [];
    let below = 0;
    this.bounds.forEach((bound, at) => {
      below += this.#counts[at] ?? 0;
      samples.push({ suffix: '_bucket', labels: { le: numberText(bound) }, value: below });
    });
    samples.push({ suffix: '_bucket', labels: { le: '+Inf' }, value: this.#count });
    samples.push({ suffix: '_sum', value: this.#sum }, { suffix: '_count', value: this.#count });
    return { name: this.name, type: 'histogram', help: this.help, samples };
  }
}

// A rule may be called anything: in a label only these three would end it.
function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
