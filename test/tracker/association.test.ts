import { describe, expect, it } from 'vitest';
import type { Box } from '../../src/messages/video.ts';
import { associate } from '../../src/tracker/association.ts';

const box = (x: number, w = 0.2): Box => ({ x, y: 0, w, h: 0.5 });
const seen = (x: number) => ({ label: 'person', score: 0.5, box: box(x) });

describe('association', () => {
  it('gives the best pair first, each track and detection once', () => {
    // Track 0 overlaps both, but detection 1 is exactly at track 1.
    expect(associate([box(0), box(0.1)], [seen(0.05), seen(0.1)])).toMatchObject([
      { track: 1, detection: 1 },
      { track: 0, detection: 0 },
    ]);
  });

  it('leaves apart what hardly overlaps', () => {
    expect(associate([box(0)], [seen(0.15)])).toEqual([]);
    expect(associate([], [seen(0)])).toEqual([]);
    expect(associate([box(0)], [])).toEqual([]);
  });
});
