import { describe, expect, it } from 'vitest';
import { readTruth } from '../../src/score/truth.ts';

describe('truth', () => {
  it('comes in seconds and leaves in milliseconds, in order, and passes over what it does not know', () => {
    const video = {
      file: 'walk.mp4',
      codec: 'h264',
      clear_intervals: [
        [9, 12.5],
        [1, 2],
      ],
      person_intervals: [[0.5, 13]],
    };
    expect(readTruth({ fields: 'text', videos: [video] })).toEqual({
      films: [
        {
          file: 'walk.mp4',
          person: [[500, 13_000]],
          clear: [
            [1000, 2000],
            [9000, 12_500],
          ],
          ambiguous: [],
        },
      ],
    });
  });

  it.each([
    { value: 7, problem: 'top level: ' },
    { value: {}, problem: 'videos: ' },
    { value: { videos: [] }, problem: 'videos: Expected at least one video' },
    { value: { videos: [{ clear_intervals: [] }] }, problem: 'videos[0].file: ' },
    {
      value: {
        videos: [
          { file: 'a' },
          {
            file: 'b',
            clear_intervals: [
              [0, 1],
              [3, 2],
            ],
          },
        ],
      },
      problem: 'videos[1].clear_intervals[1]: Expected the second number to be the later one',
    },
    {
      value: { videos: [{ file: 'a', ambiguous_intervals: [[1]] }] },
      problem: 'videos[0].ambiguous_intervals[0]: Expected a pair of seconds, [from, to]',
    },
  ])('that is wrong is named with its place: $problem', ({ value, problem }) => {
    const truth = readTruth(value);
    expect('problems' in truth && truth.problems.join('\n')).toContain(problem);
  });
});
