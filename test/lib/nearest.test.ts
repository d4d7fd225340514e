import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/lib/nearest.ts';

const KNOWN = ['file', 'clear_intervals', 'person_intervals', 'ambiguous_intervals', 'fps', 'licence', 'notes'];

describe('the nearest word', () => {
  it.each([
    ['clear', 'clear_intervals'],
    ['clearIntervals', 'clear_intervals'],
    ['Clear-Intervals', 'clear_intervals'],
    ['clear_interval', 'clear_intervals'],
    ['claer_intervals', 'clear_intervals'],
    ['people_intervals', 'person_intervals'],
    ['licnece', 'licence'],
    ['license', 'licence'],
    ['filename', 'file'],
    ['fsp', undefined],
    ['fp', 'fps'],
    ['weather', undefined],
    ['', undefined],
    ['__', undefined],
  ])('to "%s" is %s', (word, meant) => {
    expect(nearest(word, KNOWN)).toBe(meant);
  });
});
