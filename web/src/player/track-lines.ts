/** The detections of an event as a signal: asked for every second while it is open (less often where they do not come), once more when it is complete. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TrackLine } from '../../../src/messages/clip.ts';
import { fetchTrackLines } from '../api.ts';
import type { Phase } from '../core/events.ts';

const POLL_MS = 1000;
const MAX_WAIT_MS = 15_000;

export type TrackLines = ReadonlySignal<readonly TrackLine[]>;

export function useTrackLines(id: string, phase: Phase): TrackLines {
  const lines = useSignal<readonly TrackLine[]>([]);
  useEffect(() => {
    const life = new AbortController();
    const isGrowing = phase === 'live' || phase === 'finishing';
    let waitMs = POLL_MS;
    const load = async (): Promise<void> => {
      try {
        lines.value = await fetchTrackLines(id, life.signal);
        waitMs = POLL_MS;
      } catch {
        // Boxes are an extra: the clip plays without them, and a growing clip asks again.
        waitMs = Math.min(MAX_WAIT_MS, waitMs * 2);
        return;
      } finally {
        if (isGrowing && !life.signal.aborted) setTimeout(() => void load(), waitMs);
      }
    };
    void load();
    return () => life.abort();
  }, [id, phase]);
  return lines;
}
