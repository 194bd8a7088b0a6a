// Where the files of Saker are. It lies at the top, as do the files that scripts/build.sh makes of all the
// source: seen from here they are where they are seen from src/ itself.
import { fileURLToPath } from 'node:url';

/** What the sensor's thread runs. */
export const SENSOR_THREAD = new URL('./sensor.js', import.meta.url);

/** What the thread runs that reads rules. */
export const RULE_LOADER_THREAD = new URL('./rule-loader.js', import.meta.url);

/** What the thread runs that hashes files. */
export const HASHER_THREAD = new URL('./hasher.js', import.meta.url);

/** The programs for the kernel. */
export const KERNEL_OBJECT = fileURLToPath(new URL('./saker.bpf.o', import.meta.url));

/** The folder of the rules that come with Saker. */
export const OWN_RULES = fileURLToPath(new URL('../rules', import.meta.url));
