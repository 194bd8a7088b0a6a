// The text that Prometheus reads: names, labels that nobody can break out of, histograms.
import { expect, test } from 'vitest';
import { Histogram, labelled, metricsText, single } from '../../src/metrics.js';

test('a family has its help, its type and its numbers', () => {
  expect(metricsText([single('a_total', 'counter', 'How many.', 3, { b: 'c' })])).toBe(
    '# HELP a_total How many.\n# TYPE a_total counter\na_total{b="c"} 3\n',
  );
});

test('a label ends where it is meant to, whatever a rule is called', () => {
  const rule = 'a"} 1\nx{y="\\';
  const text = metricsText([labelled('a', 'gauge', 'h', 'rule', [[rule, 1]])]);
  expect(text.split('\n')).toHaveLength(4);
  expect(text).toContain('a{rule="a\\"} 1\\nx{y=\\"\\\\"} 1\n');
});

test('help does not break its line', () => {
  expect(metricsText([single('a', 'gauge', 'one\ntwo\\', 1)])).toContain(
    '# HELP a one\\ntwo\\\\\n',
  );
});

test('a number that nobody counts is left out, and a family of none', () => {
  const text = metricsText([labelled('a', 'gauge', 'h', 'o', [['file', undefined]])]);
  expect(text).toBe('');
});

test('numbers without end have the words of the format', () => {
  const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  const text = metricsText(values.map((value) => single('a', 'gauge', 'h', value)));
  expect(text.match(/^a .*$/gm)).toEqual(['a +Inf', 'a -Inf', 'a NaN']);
});

test('a histogram counts what is at most its bound, and all', () => {
  const histogram = new Histogram('h', 'help', [1, 2]);
  for (const value of [0.5, 1, 1.5, 9]) histogram.observe(value);
  expect(metricsText([histogram.family()]).match(/^h.*$/gm)).toEqual([
    'h_bucket{le="1"} 2',
    'h_bucket{le="2"} 3',
    'h_bucket{le="+Inf"} 4',
    'h_sum 12',
    'h_count 4',
  ]);
});
