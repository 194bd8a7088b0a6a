// How soon V8 compiles what runs often. Holds for all threads; to be set when they have begun, because V8 does not
// believe code that was compiled under other flags (Node 20).
import { setFlagsFromString } from 'node:v8';

/**
 * What runs once is not worth an optimising compiler: at the start its threads took 0.8 s of two processors
 * (Node 20), for code that reads code, rules and types. Holds until one of the others is called.
 */
export function compileNothing(): void {
  setFlagsFromString('--no-opt');
}

/** Nor is a plan; but events may come meanwhile, and their code runs often enough for this. Until `compileSoon`. */
export function compileLate(): void {
  optimizeEvery(1_000_000);
}

/**
 * From here on what runs often is compiled, after four times as much as V8 waits for by itself: its threads took as
 * long for what a few hundred programs a second call as the sensor took to run it. A flood is there in a moment.
 */
export function compileSoon(): void {
  optimizeEvery(264 * 1024);
}

/** What runs now is what will run often. */
export function compileEagerly(): void {
  optimizeEvery(10_000);
}

// How much of a function runs, in bytes of bytecode, before it is looked at: some three looks and it is compiled.
function optimizeEvery(bytes: number): void {
  setFlagsFromString('--opt');
  setFlagsFromString(`--interrupt-budget=${bytes}`);
}
