// Many words at once: the same as looking for one after the other.
import { expect, test } from 'vitest';
import { WordFinder } from '../../../src/output/words.js';
import { random } from '../../seeded.js';

test('words are found whatever their letter case, also inside of others', () => {
  const finder = new WordFinder([
    ['he', 1],
    ['she', 2],
    ['hers', 4],
  ]);
  expect(finder.find('uSHErs')).toBe(7);
  expect(finder.find('h e r s')).toBe(0);
  expect(finder.find('\u0148e\u0155')).toBe(0);
});

test('it agrees with a search for each word', () => {
  const { seed, below } = random();
  const text = (length: number) => Array.from({ length }, () => 'abA:'.charAt(below(4))).join('');
  for (let round = 0; round < 2000; round++) {
    const words = Array.from({ length: 1 + below(6) }, (_, at) => {
      return [text(1 + below(4)).toLowerCase(), 1 << at] as const;
    });
    const searched = text(below(20));
    let expected = 0;
    for (const [word, bit] of words) if (searched.toLowerCase().includes(word)) expected |= bit;
    const found = new WordFinder(words).find(searched);
    expect({ seed, words, searched, found }).toEqual({ seed, words, searched, found: expected });
  }
});
