import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import { areaPath, countSteps, spansOf } from '../../web/src/core/timeline.ts';

const TRACK = { id: 1, label: 'person', score: 0.8, box: { x: 0, y: 0, w: 0.1, h: 0.2 } };

/** One line each 200 ms from 0; a digit is the number of people. */
function linesOf(counts: string): TrackLine[] {
  return Array.from(counts, (digit, i) => ({
    ptsMs: i * 200,
    tracks: Array.from({ length: Number(digit) }, (_none, id) => ({ ...TRACK, id })),
    rejected: [],
  }));
}

describe('spansOf', () => {
  it('cuts a recorded clip into before, in view and after', () => {
    const lines = linesOf('00000111110000000');
    expect(spansOf({ durationMs: 3400, preRollMs: 1000, lines, isOpen: false })).toEqual([
      { kind: 'preRoll', fromMs: 0, toMs: 1000 },
      { kind: 'person', fromMs: 1000, toMs: 2000 },
      { kind: 'postRoll', fromMs: 2000, toMs: 3400 },
    ]);
  });

  it('joins short absences and shows long ones', () => {
    const lines = linesOf(`1${'0'.repeat(5)}1${'0'.repeat(20)}1`);
    expect(spansOf({ durationMs: 5600, preRollMs: 0, lines, isOpen: false }).map(({ kind }) => kind)).toEqual([
      'person',
      'empty',
      'person',
    ]);
  });

  it('has no "after" while the clip grows', () => {
    const spans = spansOf({ durationMs: 4000, preRollMs: 0, lines: linesOf('111'), isOpen: true });
    expect(spans.at(-1)?.kind).toBe('empty');
  });

  it('takes the times of the event where there are no detections', () => {
    const clip = { durationMs: 10_000, preRollMs: 3000, lines: [] };
    expect(spansOf({ ...clip, lastSeenMs: 8000, isOpen: false })).toEqual([
      { kind: 'preRoll', fromMs: 0, toMs: 3000 },
      { kind: 'person', fromMs: 3000, toMs: 8000 },
      { kind: 'postRoll', fromMs: 8000, toMs: 10_000 },
    ]);
    expect(spansOf({ ...clip, isOpen: true }).map(({ kind }) => kind)).toEqual(['preRoll', 'person']);
  });

  it('covers the clip without holes and never beyond its end', () => {
    const spans = spansOf({ durationMs: 1500, preRollMs: 400, lines: linesOf('0011111111110'), isOpen: false });
    expect(spans[0]?.fromMs).toBe(0);
    expect(spans.at(-1)?.toMs).toBe(1500);
    for (const [i, { fromMs }] of spans.slice(1).entries()) expect(fromMs).toBe(spans[i]?.toMs);
  });

  it('is empty for a clip of unknown length', () => {
    expect(spansOf({ durationMs: 0, preRollMs: 5000, lines: [], isOpen: true })).toEqual([]);
  });
});

describe('people over time', () => {
  it('has one step per change', () => {
    expect(countSteps(linesOf('0012210'))).toEqual([
      { atMs: 0, count: 0 },
      { atMs: 400, count: 1 },
      { atMs: 600, count: 2 },
      { atMs: 1000, count: 1 },
      { atMs: 1200, count: 0 },
    ]);
  });

  it('is drawn as steps that fill the height at the most people', () => {
    const path = areaPath(countSteps(linesOf('0012')), { durationMs: 800, width: 800, height: 100 });
    expect(path).toBe('M0 100H0V100H400V50H600V0H800V100Z');
  });

  it('draws nothing where nobody was', () => {
    expect(areaPath(countSteps(linesOf('000')), { durationMs: 600, width: 100, height: 10 })).toBe('');
  });
});
