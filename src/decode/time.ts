// Times as rules print them.

/** `HH:MM:SS` in local time, with nine digits behind it unless seconds are asked for. */
export function timeText(time_ns: bigint, precision: 'ns' | 's'): string {
  const date = new Date(Number(time_ns / NS_PER_MS));
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return precision === 's' ? time : `${time}.${fraction(time_ns)}`;
}

/** Date and time: local with a blank between, or `2026-11-21T10:00:00.000000000+0000` in UTC. */
export function dateText(time_ns: bigint, form: 'ns' | 's' | 'iso'): string {
  const date = new Date(Number(time_ns / NS_PER_MS));
  if (form === 'iso') return `${date.toISOString().slice(0, 19)}.${fraction(time_ns)}+0000`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${timeText(time_ns, form)}`;
}

/** Whole seconds. */
export function secondsOf(time_ns: bigint): number {
  return Number(time_ns / NS_PER_S);
}

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

function fraction(time_ns: bigint): string {
  return String(time_ns % NS_PER_S).padStart(9, '0');
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
