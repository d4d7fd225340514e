/**
 * truth.json → what is to be found in each film, in milliseconds. Somebody wrote the file by hand: everything in it is checked,
 * and what is wrong is named with its place.
 */
import { z } from 'zod';
import { keyPath } from '../lib/key-path.ts';

/** From, to; milliseconds from the first frame. */
export type Interval = readonly [fromMs: number, toMs: number];

export interface FilmTruth {
  /** beside the truth file */
  readonly file: string;
  /** any part of a person can be seen */
  readonly person: readonly Interval[];
  /** a visit each: at least the upper body can be seen, what a detector can be asked for */
  readonly clear: readonly Interval[];
  /** nobody can say: neither a miss nor a false alarm counts */
  readonly ambiguous: readonly Interval[];
}

const intervals = z
  .array(
    z
      .tuple([z.number().min(0), z.number()], 'Expected a pair of seconds, [from, to]')
      .refine(([from, to]) => from <= to, 'Expected the second number to be the later one'),
  )
  .default([]);

const schema = z.looseObject({
  videos: z
    .array(
      z.looseObject({
        file: z.string().min(1),
        person_intervals: intervals,
        clear_intervals: intervals,
        ambiguous_intervals: intervals,
      }),
    )
    .min(1, 'Expected at least one video'),
});

/** `problems` has one line per mistake, with its place. */
export type ReadTruth = { readonly films: readonly FilmTruth[] } | { readonly problems: readonly string[] };

export function readTruth(value: unknown): ReadTruth {
  const result = schema.safeParse(value);
  if (!result.success) return { problems: result.error.issues.map(({ path, message }) => `${keyPath(path)}: ${message}`) };
  return {
    films: result.data.videos.map((video) => ({
      file: video.file,
      person: toMs(video.person_intervals),
      clear: toMs(video.clear_intervals),
      ambiguous: toMs(video.ambiguous_intervals),
    })),
  };
}

function toMs(seconds: readonly (readonly [number, number])[]): Interval[] {
  return seconds.map(([from, to]): Interval => [from * 1000, to * 1000]).sort(([a], [b]) => a - b);
}
