/** The detections of an event → why it started, for events that the why-log no longer knows. Pure. */
import type { TrackLine } from '../../../src/messages/clip.ts';
import type { EventView } from '../../../src/messages/event.ts';

type Started = Pick<EventView, 'preRollMs' | 'latencyMs' | 'label'>;

/** Undefined where the lines do not say. */
export function startStory(lines: readonly TrackLine[], { preRollMs, latencyMs, label }: Started): string | undefined {
  if (preRollMs === undefined) return undefined;
  const confirmedMs = preRollMs + latencyMs.detectToConfirm;
  const before = lines.filter(({ ptsMs, tracks }) => ptsMs < confirmedMs && tracks.length === 0);
  const first = lines.find(({ tracks }) => tracks.length > 0)?.tracks[0];
  if (!first) return undefined;
  const counts = new Map<string, number>();
  for (const { rule } of before.flatMap(({ rejected }) => rejected)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const held = [...counts].map(([rule, times]) => `${times} × ${rule}`).join(', ');
  const seconds = (latencyMs.detectToConfirm / 1000).toFixed(1);
  const start = `It started when ${label} #${first.id} was confirmed, ${seconds} s after the first sight.`;
  return held === '' ? start : `${start} Before that, rules held ${held}.`;
}
