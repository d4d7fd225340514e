import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VisitLog } from '../../src/commands/visit-log.ts';
import { SceneMachine } from '../../src/event/scene-machine.ts';
import type { Track, TrackedFrame } from '../../src/messages/detection.ts';

const SLOT_MS = 200;

interface Line {
  readonly startMs: number;
  readonly endMs: number;
  readonly people: number;
  readonly score: number;
  readonly reason: string;
  readonly tracks: readonly { readonly id: number; readonly startMs: number; readonly endMs: number; readonly score: number }[];
}

/** The lines for who is in the picture slot by slot, as `analyze` makes them. */
function log(plan: readonly (readonly number[])[], event = { preRollMs: 0, postRollMs: 1000, maxDurationMs: 5000 }): Line[] {
  const lines: Line[] = [];
  const visits = new VisitLog((line) => lines.push(JSON.parse(line) as Line));
  const machine = new SceneMachine({ event, mintId: () => 'event' });
  const firstSeen = new Map<number, number>();
  for (const [slot, ids] of plan.entries()) {
    const ptsMs = slot * SLOT_MS;
    for (const id of ids) if (!firstSeen.has(id)) firstSeen.set(id, ptsMs);
    const tracks = ids.map(
      (id): Track => ({
        id,
        label: 'person',
        score: 0.5 + (slot % 4) / 10,
        meanScore: 0.5,
        box: { x: 0, y: 0, w: 0.1, h: 0.1 },
        isConfirmed: true,
        isSeen: true,
        firstSeenPtsMs: firstSeen.get(id) ?? 0,
        lastSeenPtsMs: ptsMs,
      }),
    );
    const frame: TrackedFrame = { slot, ptsMs, atMs: ptsMs, arrivedNowMs: 0, latencyMs: 0, tracks, left: [], rejected: [] };
    for (const scene of machine.step(frame)) visits.onEvent(scene);
    visits.onTracks(frame);
  }
  for (const scene of machine.close('source', plan.length * SLOT_MS)) visits.onEvent(scene);
  return lines;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a visit', () => {
  it('is one line: first and last time a person was seen, who was there, the best score', () => {
    expect(log([...times(3, []), ...times(3, [1]), ...times(2, [1, 2]), ...times(10, [])])).toEqual([
      {
        startMs: 600,
        endMs: 1400,
        people: 2,
        score: 0.8,
        reason: 'left',
        tracks: [
          { id: 1, label: 'person', startMs: 600, endMs: 1400, score: 0.8 },
          { id: 2, label: 'person', startMs: 1200, endMs: 1400, score: 0.8 },
        ],
      },
    ]);
  });

  it('that lasts until the film ends is told of, too', () => {
    expect(log(times(4, [1]))).toMatchObject([{ startMs: 0, endMs: 600, reason: 'source' }]);
  });

  it('that is split has the people of each part with the times of that part', () => {
    const [first, second] = log([...times(25, [1]), ...times(5, [1, 2])]);
    expect(first).toMatchObject({ startMs: 0, endMs: 4800, people: 1, reason: 'max', tracks: [{ id: 1, endMs: 4800 }] });
    expect(second).toMatchObject({ startMs: 5000, endMs: 5800, people: 2, tracks: [{ id: 1 }, { id: 2, startMs: 5000 }] });
  });

  it('has as many tracks as people, and nobody stays longer than the visit', () => {
    const who = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(who, { maxLength: 100 }), (plan) => {
        for (const { tracks, people, startMs, endMs } of log(plan)) {
          expect(tracks).toHaveLength(people);
          expect(endMs).toBeGreaterThanOrEqual(startMs);
          expect(Math.max(...tracks.map((track) => track.endMs))).toBe(endMs);
        }
      }),
    );
  });
});
