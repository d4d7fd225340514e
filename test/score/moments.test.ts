import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import type { Box } from '../../src/messages/video.ts';
import { framesOf, momentsOf } from '../../src/score/moments.ts';

const AT_MS = Date.UTC(2026, 10, 20, 12);
const BOX: Box = { x: 0.4, y: 0.3, w: 0.1, h: 0.4 };
const line = (ptsMs: number, more: Partial<TrackLine> = {}): TrackLine => ({ ptsMs, tracks: [], rejected: [], ...more });
const moment = (ms: number) => ({ atMs: AT_MS + ms, detections: [], isSpared: false, isUnsettled: false });

const times = (...ms: number[]): number[] => framesOf(ms.map(moment), { window: 5 }).map(({ ptsMs }) => ptsMs - AT_MS);

describe('a line of detections', () => {
  it('becomes what the tracker was given: people and candidates, at wall time', () => {
    const lines = [
      line(200, {
        tracks: [{ id: 1, label: 'person', score: 0.8, box: BOX }],
        rejected: [
          { score: 0.2, box: BOX, rule: 'minScore' },
          { score: 0.9, box: BOX, rule: 'label' },
          { score: 0.8, box: BOX, rule: 'zone' },
        ],
      }),
    ];
    expect(momentsOf({ beginAtMs: AT_MS, label: 'person', lines })).toEqual([
      {
        atMs: AT_MS + 200,
        detections: [
          { label: 'person', score: 0.8, box: BOX },
          { label: 'person', score: 0.2, box: BOX },
        ],
        isSpared: false,
        isUnsettled: false,
      },
    ]);
  });

  it('of a repeated frame shows nothing, and one of a picture that settles says so', () => {
    const tracks = [{ id: 1, label: 'person', score: 0.8, box: BOX }];
    const lines = [line(0, { isRepeat: true, tracks }), line(200, { rejected: [{ score: 0.8, box: BOX, rule: 'settle' }] })];
    expect(momentsOf({ beginAtMs: 0, label: 'person', lines })).toMatchObject([
      { isSpared: true, detections: [] },
      { isUnsettled: true, detections: [{ score: 0.8 }] },
    ]);
  });
});

describe('the frames of a camera', () => {
  it('are in order, and one that two clips hold counts once', () => {
    expect(times(0, 200, 400, 203, 401, 600)).toEqual([0, 200, 400, 600]);
  });

  it('have empty ones where nothing was written down, as many as forget a hit', () => {
    expect(times(0, 200, 400, 1000)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(times(0, 200, 400, 60_000)).toEqual([0, 200, 400, 600, 800, 1000, 1200, 1400, 60_000]);
  });

  it('follow the rate of the camera', () => {
    expect(times(0, 100, 200, 400)).toEqual([0, 100, 200, 300, 400]);
  });

  it('are none of nothing', () => {
    expect(framesOf([], { window: 5 })).toEqual([]);
  });
});
