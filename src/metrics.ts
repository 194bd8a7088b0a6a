// Counters and histograms, printed in Prometheus text form.

/** Values of labels, by name. */
export type Labels = Readonly<Record<string, string>>;

/** All metrics of one process. */
export class Metrics {
  readonly #families = new Map<string, { help: string; type: string; print: () => string[] }>();

  /** A number that only grows; `name` ends in `_total`. */
  counter(name: string, help: string): Counter {
    const counter = new Counter(name);
    this.#add(name, help, 'counter', () => counter.print());
    return counter;
  }

  /** A number read when somebody asks. */
  gauge(name: string, help: string, read: () => Iterable<[Labels, number]>): void {
    this.#add(name, help, 'gauge', () =>
      [...read()].map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
    );
  }

  /** How often a value was at most each of `bounds`, which rise. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(name, bounds);
    this.#add(name, help, 'histogram', () => histogram.print());
    return histogram;
  }

  /** The exposition format, version 0.0.4. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { help, type, print }] of this.#families) {
      lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
      lines.push(`# TYPE ${name} ${type}`, ...print());
    }
    return `${lines.join('\n')}\n`;
  }

  #add(name: string, help: string, type: string, print: () => string[]): void {
    if (this.#families.has(name)) throw new Error(`metric ${name} exists already`);
    this.#families.set(name, { help, type, print });
  }
}

/** Made by `Metrics.counter`. */
export class Counter {
  readonly #values = new Map<string, number>();

  constructor(private readonly name: string) {}

  add(count = 1, labels: Labels = {}): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + count);
  }

  value(labels: Labels = {}): number {
    return this.#values.get(labelText(labels)) ?? 0;
  }

  print(): string[] {
    return [...this.#values].map(([labels, value]) => `${this.name}${labels} ${value}`);
  }
}

/** Made by `Metrics.histogram`. */
export class Histogram {
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(
    private readonly name: string,
    private readonly bounds: readonly number[],
  ) {
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > (this.bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  print(): string[] {
    const lines: string[] = [];
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      lines.push(`${this.name}_bucket{le="${this.bounds[index] ?? '+Inf'}"} ${total}`);
    }
    return [...lines, `${this.name}_sum ${this.#sum}`, `${this.name}_count ${total}`];
  }
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
