import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import type { Rejected } from '../../src/messages/detection.ts';
import { startStory } from '../../web/src/core/start-story.ts';

const box = { x: 0, y: 0, w: 0.1, h: 0.1 };
const held = (ptsMs: number, ...rules: Rejected['rule'][]): TrackLine => ({
  ptsMs,
  tracks: [],
  rejected: rules.map((rule) => ({ score: 0.2, box, rule })),
});
const seen = (ptsMs: number): TrackLine => ({ ptsMs, tracks: [{ id: 4, label: 'person', score: 0.7, box }], rejected: [] });
const EVENT = { label: 'person', preRollMs: 1000, latencyMs: { frameToDetect: 30, detectToConfirm: 400 } };

describe('why an old event started', () => {
  it('says who was confirmed, and which rules held candidates before', () => {
    const lines = [
      held(800, 'minScore'),
      held(1000, 'unconfirmed', 'minScore'),
      held(1200, 'unconfirmed'),
      seen(1400),
      held(9000, 'label'),
    ];
    expect(startStory(lines, EVENT)).toBe(
      'It started when person #4 was confirmed, 0.4 s after the first sight. Before that, rules held 2 × minScore, 2 × unconfirmed.',
    );
    expect(startStory([seen(1400)], EVENT)).toBe('It started when person #4 was confirmed, 0.4 s after the first sight.');
  });

  it('says nothing where the detections do not tell', () => {
    expect(startStory([held(800, 'minScore')], EVENT)).toBeUndefined();
    expect(startStory([seen(1400)], { label: 'person', latencyMs: EVENT.latencyMs })).toBeUndefined();
  });
});
