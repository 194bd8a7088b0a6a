// A rule's tags to MITRE ATT&CK: `mitre_execution` is a tactic, `T1059.004` a part of a technique.

/** A tactic. */
export interface Tactic {
  /** Such as `TA0002`. */
  id: string;
  name: string;
}

/** A technique by its number, `T1059`, with its part if there is one, `T1059.004`. */
export interface Technique {
  id: string;
  subId?: string;
}

/** What the tags of a rule say. */
export interface AttackFacts {
  tactics: readonly Tactic[];
  techniques: readonly Technique[];
}

/** Reads the tags; others than those of ATT&CK are passed over. */
export function attackFacts(tags: readonly string[]): AttackFacts {
  return {
    tactics: tags.flatMap((tag) => {
      const name = tag.startsWith('mitre_') ? tag.slice('mitre_'.length) : '';
      const id = TACTIC_IDS.get(name);
      return id === undefined ? [] : [{ id, name: titled(name) }];
    }),
    techniques: tags.flatMap((tag) => {
      const [, id, part] = /^(T\d{4})(\.\d{3})?$/.exec(tag) ?? [];
      return id === undefined ? [] : [{ id, subId: part && `${id}${part}` }];
    }),
  };
}

/** `command_and_control` to `Command and Control`. */
function titled(name: string): string {
  return name
    .split('_')
    .map((word) => (word === 'and' ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(' ');
}

/** The numbers of the tactics at attack.mitre.org; the words are those of Falco's tags. */
const TACTIC_IDS: ReadonlyMap<string, string> = new Map([
  ['reconnaissance', 'TA0043'],
  ['resource_development', 'TA0042'],
  ['initial_access', 'TA0001'],
  ['execution', 'TA0002'],
  ['persistence', 'TA0003'],
  ['privilege_escalation', 'TA0004'],
  ['defense_evasion', 'TA0005'],
  ['credential_access', 'TA0006'],
  ['discovery', 'TA0007'],
  ['lateral_movement', 'TA0008'],
  ['collection', 'TA0009'],
  ['command_and_control', 'TA0011'],
  ['exfiltration', 'TA0010'],
  ['impact', 'TA0040'],
]);
