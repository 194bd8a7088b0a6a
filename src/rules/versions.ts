// Versions a rule file asks for: of the rule language and of plugins.

/** The version of Falco's engine whose rule language we speak. */
export const ENGINE_VERSION = '0.63.0';

/** A plugin's name with a version, loaded or asked for. */
export interface PluginVersion {
  name: string;
  version: string;
}

/** An entry of `required_plugin_versions`: the plugin or one of the alternatives. */
export interface PluginRequirement extends PluginVersion {
  alternatives: PluginVersion[];
}

/** What we bring along: the fields of the container plugin. */
export const OWN_PLUGINS: readonly PluginVersion[] = [{ name: 'container', version: '0.7.0' }];

/** The version `x.y.z` that a `required_engine_version` means, `undefined` when it is none. */
export function engineVersion(text: string): string | undefined {
  const number = unsignedInteger(text);
  if (number !== undefined) return `0.${number}.0`;
  const numbers = versionNumbers(text);
  return numbers?.join('.');
}

/** True for text that begins as `x.y.z`; pre-release and build parts may follow. */
export function isVersion(text: string): boolean {
  return versionNumbers(text) !== undefined;
}

/** True when `have` has the major number of `want` and is not older. */
export function isCompatible(have: string, want: string): boolean {
  const [a, b] = [versionNumbers(have), versionNumbers(want)];
  if (a === undefined || b === undefined) return false;
  return a[0] === b[0] && compareVersions(have, want) >= 0;
}

/** Below 0 when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const x = versionNumbers(a) ?? [0, 0, 0];
  const y = versionNumbers(b) ?? [0, 0, 0];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/**
 * The first requirement that the loaded plugins do not meet.
 *
 * Of each entry the first candidate that is loaded decides, even when a later one would do.
 */
export function unmetRequirement(
  requirements: readonly PluginRequirement[],
  loaded: readonly PluginVersion[],
): PluginRequirement | undefined {
  return requirements.find((requirement) => {
    for (const wanted of [requirement, ...requirement.alternatives]) {
      const plugin = loaded.find((one) => one.name === wanted.name);
      if (plugin !== undefined) return !isCompatible(plugin.version, wanted.version);
    }
    return true;
  });
}

/** An unsigned 32-bit integer in decimal, hexadecimal or octal notation. */
export function unsignedInteger(text: string): number | undefined {
  const digits = text.trim();
  const match = /^\+?(?:(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))$/.exec(digits);
  if (match === null) return undefined;
  const [, hex, octal, decimal] = match;
  const value =
    hex !== undefined ? Number(hex) : octal !== undefined ? parseInt(octal, 8) : Number(decimal);
  return value <= 0xffff_ffff ? value : undefined;
}

function versionNumbers(text: string): [number, number, number] | undefined {
  const match = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})(?![0-9])/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}
