/** An MP4 on stdin → its picture number `shownIndex` as yuv420p on stdout. A short job: ends with its input. */
import type { SizePx } from '../src/messages/video.ts';
import { flag, quiet } from './recipe.ts';
import type { PipeRecipe } from './short-job.ts';

export function stillToYuv({ widthPx, heightPx }: SizePx, shownIndex: number): PipeRecipe {
  const filters = [
    `select=eq(n\\,${shownIndex})`,
    `scale=${widthPx}:${heightPx}:flags=bilinear:out_range=tv`,
    'setsar=1',
    'format=yuv420p',
  ];
  return {
    input: [...quiet, flag('-threads', 1).because('a picture at a time; the cameras need the other cores'), flag('-f', 'mov')],
    output: [
      flag('-vf', filters.join(',')),
      flag('-fps_mode', 'passthrough').because('the picture would be repeated up to its time otherwise'),
      flag('-frames:v', 1),
      flag('-f', 'rawvideo'),
    ],
  };
}
