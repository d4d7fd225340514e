import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../src/lib/package-root.ts';
import { readTruth } from '../../src/score/truth.ts';

describe('truth', () => {
  it('comes in seconds and leaves in milliseconds, in order, and passes over what is only said of the film', () => {
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

  it('may say of a film whatever the bundled one does', async () => {
    const text = await readFile(packagePath('test', 'fixtures', 'demo.json'), 'utf8');
    expect(readTruth(JSON.parse(text))).toMatchObject({ films: [{ file: 'demo.mp4' }] });
  });

  it.each([
    { key: 'clear', says: 'did you mean clear_intervals?' },
    { key: 'clearIntervals', says: 'did you mean clear_intervals?' },
    { key: 'person_interval', says: 'did you mean person_intervals?' },
    { key: 'ambigous_intervals', says: 'did you mean ambiguous_intervals?' },
    { key: 'license', says: 'did you mean licence?' },
    { key: 'weather', says: 'there are file, person_intervals, clear_intervals' },
  ])('with the key $key is refused and not read as a film of nobody', ({ key, says }) => {
    const truth = readTruth({ videos: [{ file: 'a' }, { file: 'b', [key]: [[1, 2]] }] });
    expect(truth).toEqual({ problems: [expect.stringContaining(`videos[1].${key}: there is no such key; ${says}`)] });
  });

  it('with a misspelt list of videos names both: the key that is there and the one that is not', () => {
    const truth = readTruth({ video: [{ file: 'a' }] });
    expect('problems' in truth && truth.problems.join('\n')).toMatch(
      /videos: [^]*video: there is no such key; did you mean videos\?/,
    );
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
