/**
 * Who counts: with zones, a person counts while their feet (the middle of the box's lower edge) are inside one, from the frame on
 * that makes `frames` in a row. A foot that leaps faster than `maxSpeed` is a mistake of the tracker: the row begins anew. Pure.
 *
 * Without zones every frame passes through untouched.
 */
import type { CameraConfig } from '../config/config.ts';
import { footOf, isInside } from '../lib/polygon.ts';
import type { Rejected, Track, TrackedFrame } from '../messages/detection.ts';

type Zone = CameraConfig['detect']['zones'][number];

interface Row {
  readonly frames: number;
  readonly sincePtsMs: number;
}

/** How one person stands to the zones. */
interface Steps {
  readonly ptsMs: number;
  readonly foot: readonly [number, number];
  /** per zone: frames in a row inside, and the first of them */
  readonly rows: ReadonlyMap<string, Row>;
}

export class ZoneWatch {
  readonly #zones: readonly Zone[];
  #steps = new Map<number, Steps>();

  constructor({ zones }: Pick<CameraConfig['detect'], 'zones'>) {
    this.#zones = zones;
  }

  /** Tracks come back with the zones they are in; confirmed ones in none are told with the rule `zone`. */
  step(frame: TrackedFrame): TrackedFrame {
    if (this.#zones.length === 0) return frame;
    const before = this.#steps;
    this.#steps = new Map();
    const rejected: Rejected[] = [...frame.rejected];
    const tracks = frame.tracks.map((track) => {
      const steps = this.#next(track, { before: before.get(track.id), ptsMs: frame.ptsMs });
      if (steps) this.#steps.set(track.id, steps);
      const rows = this.#zones.flatMap(({ name, frames }) => {
        const row = steps?.rows.get(name);
        return row && row.frames >= frames ? [{ name, ...row }] : [];
      });
      const { score, box, isConfirmed, isSeen } = track;
      if (isConfirmed && isSeen && rows.length === 0) rejected.push({ score, box, rule: 'zone' });
      const zones = rows.map(({ name }) => name);
      if (rows.length === 0) return Object.assign({}, track, { zones });
      return Object.assign({}, track, { zones, inZonePtsMs: Math.min(...rows.map(({ sincePtsMs }) => sincePtsMs)) });
    });
    return { ...frame, tracks, rejected };
  }

  /** A frame without the person changes nothing: neither did they leave the zone nor did they stay. */
  #next(track: Track, { before, ptsMs }: { before: Steps | undefined; ptsMs: number }): Steps | undefined {
    if (!track.isSeen) return before;
    const foot = footOf(track.box);
    const speed = before === undefined ? 0 : speedOf(track, { from: before, ptsMs });
    const rows = this.#zones
      .filter(({ points }) => isInside(foot, points))
      .map(({ name, maxSpeed }): [string, Row] => {
        const row = speed > maxSpeed ? undefined : before?.rows.get(name);
        return [name, { frames: (row?.frames ?? 0) + 1, sincePtsMs: row?.sincePtsMs ?? ptsMs }];
      });
    return { ptsMs, foot, rows: new Map(rows) };
  }
}

/** Own sizes per second: the shape of the picture and the distance to the camera do not matter. */
function speedOf({ box }: Track, { from, ptsMs }: { from: Steps; ptsMs: number }): number {
  const [x, y] = footOf(box);
  const seconds = Math.max(1, ptsMs - from.ptsMs) / 1000;
  return Math.hypot((x - from.foot[0]) / box.w, (y - from.foot[1]) / box.h) / seconds;
}
