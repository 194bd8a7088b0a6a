// What our own rules rightly tell of the loads; everything else that they tell is a fault of theirs.

/** A rule that fires in a load, and why somebody wants to know. */
export interface Expected {
  load: string;
  rule: string;
  why: string;
}

export const EXPECTED: readonly Expected[] = [
  {
    load: 'remote',
    rule: 'SSH login keys changed',
    why: 'A new key may log in from now on.',
  },
  {
    load: 'remote',
    rule: 'Sudo rules changed',
    why: 'A user became able to be root, by a file that no package brought.',
  },
  {
    load: 'containers',
    rule: 'Package manager run in a container',
    why: 'A RUN step of a Dockerfile is a container in which software is installed.',
  },
  {
    load: 'backup',
    rule: 'Password hashes read',
    why: 'Somebody took the hashes into an archive by hand, where no job does.',
  },
  {
    load: 'backup',
    rule: 'Private SSH key read',
    why: 'Somebody took the keys of the host into an archive by hand, where no job does.',
  },
];
