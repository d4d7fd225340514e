import { describe, expect, it } from 'vitest';
import { chartOf } from '../../src/score/chart.ts';
import { filmTable, summaryLines, sweepTable, table } from '../../src/score/report.ts';
import { summarise } from '../../src/score/summary.ts';
import { cellAt, sweep } from '../../src/score/sweep.ts';

const judged = {
  visits: [{ startMs: 0, endMs: 1, events: [0], onsetMs: -40, alertMs: 400 }],
  kinds: ['right', 'false'] as const,
  shared: 1,
  judgedMs: 1_800_000,
};
const swept = sweep({ minScore: 0.33, startScore: 0.4 }, () => summarise([judged]));

describe('a sweep', () => {
  it('holds every pair that makes sense, once, and the one that was asked for', () => {
    const pairs = swept.cells.map(({ minScore, startScore }) => `${minScore}/${startScore}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(swept.cells.every(({ minScore, startScore }) => minScore <= startScore)).toBe(true);
    expect(cellAt(swept, { minScore: 0.33, startScore: 0.4 })).toBeDefined();
    expect(cellAt(swept, { minScore: 0.5, startScore: 0.3 })).toBeUndefined();
  });

  it('is a table with the chosen pair in brackets', () => {
    const lines = sweepTable(swept).split('\n');
    expect(lines[0]).toMatch(/^minScore \\ startScore +0\.30 +0\.35/);
    expect(lines.find((line) => line.startsWith('0.33'))).toMatch(/^0\.33 +1\/1 \+1 +\[1\/1 \+1\]/);
  });

  it('is a chart with three panels, one field a pair in each, and no text that breaks it', () => {
    const svg = chartOf(swept, { title: 'a < b & "c"', subtitle: 'x' });
    expect(svg.match(/class="value/g)).toHaveLength(3 * swept.cells.length);
    expect(svg.match(/class="panel"/g)).toHaveLength(3);
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the tables', () => {
  it('align, the first column to the left', () => {
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc   d');
  });

  it('have a line per film and one for all', () => {
    const lines = filmTable([{ file: 'walk.mp4', judged }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^walk\.mp4 +1 +1 +0 +1 +0 +1 +0\.0 +0\.0 +0\.4 +0\.4$/);
    expect(summaryLines(summarise([judged]))).toEqual([
      'recall 100.0 %, precision 50.0 %, 2.00 false alarms per hour of 30.0 minutes of film',
      '1 events hold several visits: their gap was shorter than the post-roll',
    ]);
  });
});
