/** Scene events and tracks → one JSON line per event, times from the first frame of the film. */
import { unanswered } from '../lib/never.ts';
import { round } from '../lib/round.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';

interface Visit {
  readonly startMs: number;
  readonly tracks: Map<number, { id: number; label: string; startMs: number; endMs: number; score: number }>;
}

export class VisitLog {
  readonly #write: (line: string) => void;
  #open: Visit | undefined;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  onEvent(event: SceneEvent): void {
    switch (event.type) {
      case 'start':
        this.#open = { startMs: Math.round(event.startPtsMs), tracks: new Map() };
        return;
      case 'update':
        return;
      case 'end':
        return this.#close(event);
      default:
        unanswered(event);
    }
  }

  #close({ scene, reason, lastSeenPtsMs }: Extract<SceneEvent, { type: 'end' }>): void {
    if (!this.#open) return;
    const { startMs, tracks } = this.#open;
    this.#open = undefined;
    this.#write(
      JSON.stringify({
        startMs,
        endMs: Math.round(lastSeenPtsMs),
        people: scene.people,
        score: round(scene.score, 3),
        reason,
        tracks: [...tracks.values()],
      }),
    );
  }

  /** After the events of the same frame, so that a frame which ends one visit and begins another counts for the new one. */
  onTracks({ tracks }: TrackedFrame): void {
    if (!this.#open) return;
    const seen = tracks.filter(({ isConfirmed, isSeen, zones }) => isConfirmed && isSeen && zones?.length !== 0);
    for (const { id, label, score, firstSeenPtsMs, lastSeenPtsMs } of seen) {
      const known = this.#open.tracks.get(id);
      const best = Math.max(known?.score ?? 0, round(score, 3));
      this.#open.tracks.set(id, {
        id,
        label,
        startMs: known?.startMs ?? Math.round(firstSeenPtsMs),
        endMs: Math.round(lastSeenPtsMs),
        score: best,
      });
    }
  }
}
