/** What the log says of a camera's format. */
import type { VideoFormat } from '../messages/video.ts';

export function formatText({ source, detect, record }: VideoFormat): { source: string; detect: string; record: string } {
  return { source: `${sizeAndRate(source)}, ${source.codec}`, detect: sizeAndRate(detect), record: sizeAndRate(record) };
}

function sizeAndRate({ widthPx, heightPx, fps }: VideoFormat['record']): string {
  return `${widthPx} × ${heightPx} at ${Math.round(fps * 100) / 100} fps`;
}
