/** yuv420p frames on stdin → rgb24 frames on stdout, for sharp. A short job: ends with its input. */
import type { SizePx } from '../src/messages/video.ts';
import { flag, quiet } from './recipe.ts';
import type { PipeRecipe } from './short-job.ts';

export function snapshotToRgb(size: SizePx): PipeRecipe {
  return {
    input: [
      ...quiet,
      flag('-f', 'rawvideo'),
      flag('-pix_fmt', 'yuv420p'),
      flag('-video_size', `${size.widthPx}x${size.heightPx}`),
    ],
    output: [
      flag('-sws_flags', 'bilinear+accurate_rnd+full_chroma_int').because('colours of edges do not bleed; still 2 ms a frame'),
      flag('-f', 'rawvideo'),
      flag('-pix_fmt', 'rgb24'),
    ],
  };
}
