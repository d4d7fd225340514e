import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/lib/errors.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { answer, open, placed, rows, scores, STRIDES, transpose } from './answers.ts';
import { Frames, openDetector, readableLog, tempFolder, TOY_FORMAT, until } from './house.ts';
import { toyModel } from './onnx-writer.ts';

expectNoLeftovers();

const same = (value: number): number => value;

interface Change {
  readonly box?: (px: number) => number;
  readonly score?: (score: number) => number;
}

/** A YOLOv8 with its boxes changed, or a NanoDet-Plus with its scores, opened as `run` does: what is said of it. */
async function saidOf({ box, score }: Change): Promise<string> {
  const yolo = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson).map(box ?? same), ...scores(isPerson), 0.01]);
  const bins = Array.from({ length: 32 }, (_, i) => 2 + (i % 8));
  const nanodet = rows(STRIDES, (_cell, isPerson) => [...scores(isPerson).map(score ?? same), ...bins]);
  const [table, family] = box ? [transpose(yolo), 'yolov8'] : [nanodet, 'nanodet-plus'];
  const opened: unknown = await open({ answers: [answer('o', table)] }, family).catch((error: unknown) => error);
  if (opened instanceof UserError) return opened.message;
  if (opened instanceof Error) throw opened;
  return 'opened';
}

describe('a model that answers nonsense is refused', () => {
  it.each<Change & { what: string; said: RegExp }>([
    { what: 'scores in percent', score: (one) => one * 100, said: /answers nonsense: it gives a score of 90, and scores go/ },
    { what: 'infinite scores', score: () => Number.POSITIVE_INFINITY, said: /gives a score of Infinity/ },
    { what: 'scores that are all 0', score: () => 0, said: /every score is 0, of every class in every place/ },
    { what: 'scores that are no numbers', score: () => Number.NaN, said: /its numbers are NaN/ },
    { what: 'places that are no numbers', box: () => Number.NaN, said: /every box lies outside the picture or has no size/ },
    { what: 'places far away', box: (px) => px + 1e6, said: /every box lies outside the picture/ },
  ])('for $what', async ({ said, ...change }) => {
    expect(await saidOf(change)).toMatch(said);
  });

  it('and not for being unsure, for half floats a little above 1, or for scores below 0', async () => {
    expect(await saidOf({})).toBe('opened');
    expect(await saidOf({ score: (one) => one / 1e6 })).toBe('opened');
    expect(await saidOf({ score: (one) => (one > 0.5 ? 1.001 : one) })).toBe('opened');
    expect(await saidOf({ score: (one) => -one })).toBe('opened');
  });
});

describe('a model that begins to answer nonsense', () => {
  it('alerts nobody, and says so in its health and in one line of the log', async () => {
    await using folder = await tempFolder();
    const { log, messages } = readableLog();
    const path = await folder.file('toy.onnx', toyModel({ hangsAbove: 300 }));
    await using detector = await openDetector(path, { log });
    const frames = new Frames();
    const found: number[] = [];
    const feed = detector.feed('front', ({ detections }) => found.push(...detections.map(({ score }) => score)));
    const look = async (grey: number): Promise<void> => {
      feed.offer(frames.frame(0, grey), TOY_FORMAT);
      await until(() => feed.isIdle);
    };
    await look(150);
    expect(found.every((score) => score > 0.7 && score < 1)).toBe(true);
    expect(found).not.toEqual([]);
    expect(detector.health).toEqual({ isRunning: true });
    found.length = 0;
    await look(200);
    expect(found).toEqual([]);
    const flaw = `the model ${path} answers nonsense: it gives a score of 1.681, and scores go from 0 to 1`;
    expect(detector.health).toEqual({ isRunning: true, flaw });
    // What gave such a score once will give it again.
    for (let i = 0; i < 30; i++) await look(0);
    expect(detector.health.flaw).toBe(flaw);
    expect(messages).toEqual(['nobody can be seen']);
  });
});
