/**
 * truth.json → what is to be found in each film, in milliseconds. Somebody wrote the file by hand: everything in it is checked,
 * and what is wrong is named with its place.
 */
import { z } from 'zod';
import { explainIssue, problemLines } from '../config/problems.ts';
import { keyPath } from '../lib/key-path.ts';
import { nearest } from '../lib/nearest.ts';

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

/** For whoever reads the file: said of the film, and not looked at. */
const metadata = {
  duration_s: z.unknown().optional(),
  codec: z.unknown().optional(),
  width: z.unknown().optional(),
  height: z.unknown().optional(),
  fps: z.unknown().optional(),
  frames: z.unknown().optional(),
  bytes: z.unknown().optional(),
  max_simultaneous: z.unknown().optional(),
  source: z.unknown().optional(),
  licence: z.unknown().optional(),
  notes: z.unknown().optional(),
};

const filmTruth = z.strictObject({
  file: z.string('Expected the name of a video file').min(1, 'Expected the name of a video file'),
  person_intervals: intervals,
  clear_intervals: intervals,
  ambiguous_intervals: intervals,
  ...metadata,
});

const schema = z.strictObject({
  /** what the keys mean, in words */
  fields: z.unknown().optional(),
  notes: z.unknown().optional(),
  source: z.unknown().optional(),
  licence: z.unknown().optional(),
  videos: z.array(filmTruth).min(1, 'Expected at least one video'),
});

/** `problems` has one line per mistake, with its place. */
export type ReadTruth = { readonly films: readonly FilmTruth[] } | { readonly problems: readonly string[] };

export function readTruth(value: unknown): ReadTruth {
  const result = schema.safeParse(value, { error: explainIssue });
  if (!result.success) return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, value)) };
  return {
    films: result.data.videos.map((video) => ({
      file: video.file,
      person: toMs(video.person_intervals),
      clear: toMs(video.clear_intervals),
      ambiguous: toMs(video.ambiguous_intervals),
    })),
  };
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): string[] {
  if (issue.code !== 'unrecognized_keys') return problemLines([issue], value);
  const known = Object.keys(issue.path.length === 0 ? schema.shape : filmTruth.shape);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const cure = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
    return `${keyPath([...issue.path, key])}: there is no such key; ${cure}`;
  });
}

function toMs(seconds: readonly (readonly [number, number])[]): Interval[] {
  return seconds.map(([from, to]): Interval => [from * 1000, to * 1000]).sort(([a], [b]) => a - b);
}
