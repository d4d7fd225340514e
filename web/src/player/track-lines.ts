/** The detections of an event as a signal: asked for every second while it is open, once more when it is complete. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TrackLine } from '../../../src/messages/clip.ts';
import { fetchTrackLines } from '../api.ts';
import type { Phase } from '../core/events.ts';

const POLL_MS = 1000;

export type TrackLines = ReadonlySignal<readonly TrackLine[]>;

export function useTrackLines(id: string, phase: Phase): TrackLines {
  const lines = useSignal<readonly TrackLine[]>([]);
  useEffect(() => {
    const life = new AbortController();
    const isGrowing = phase === 'live' || phase === 'finishing';
    const load = async (): Promise<void> => {
      try {
        lines.value = await fetchTrackLines(id, life.signal);
      } catch {
        // Boxes are an extra: the clip plays without them, and a growing clip asks again in a second.
        return;
      } finally {
        if (isGrowing && !life.signal.aborted) setTimeout(() => void load(), POLL_MS);
      }
    };
    void load();
    return () => life.abort();
  }, [id, phase]);
  return lines;
}
