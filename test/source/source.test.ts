import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordFrame } from '../../src/messages/video.ts';
import { childrenOf, expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder, turnByQuarter } from '../media.ts';
import { type Noted, Watch } from './watch.ts';

expectNoLeftovers();

let media: MediaFolder;
/** Two seconds of 30 fps, 96 × 64. */
let film: string;
/** Ten minutes of the same, for those that are stopped on the way. */
let longFilm: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.counter('film.mp4', { fps: 30, frames: 60 });
  longFilm = await media.make('-stream_loop', '300', '-i', film, '-c', 'copy', 'long.mp4');
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

const timeless = ({ number, ptsMs, counter, isRepeat }: Noted) => ({ number, ptsMs, counter, isRepeat });

/** How long it takes for a second of the film to arrive, in seconds. */
async function paceOf(options: { realTime: boolean }): Promise<number> {
  await using watch = new Watch({ input: film, ...options });
  await watch.done;
  const [first, last] = [watch.detected[0]!, watch.detected.at(-1)!];
  return (last.nowMs - first.nowMs) / (last.ptsMs - first.ptsMs);
}

const counters = (noted: readonly Noted[]): number[] => noted.map(({ counter }) => counter);

describe('a file', () => {
  it('is opened, gives every frame once, and ends', async () => {
    await using watch = new Watch({ input: film });
    await watch.done;
    expect(watch.states).toEqual([
      {
        type: 'opened',
        formatChanged: true,
        format: {
          source: { widthPx: 96, heightPx: 64, fps: 30, codec: 'h264' },
          detect: {
            widthPx: 96,
            heightPx: 96,
            fps: 5,
            picture: { widthPx: 96, heightPx: 64, leftPx: 0, topPx: 16 },
            border: 114,
          },
          record: { widthPx: 96, heightPx: 64, fps: 15 },
          framesPerSlot: 3,
          feed: 'frames',
        },
      },
      { type: 'ended' },
    ]);
    expect(watch.detected.map(({ number, ptsMs }) => [number, ptsMs])).toEqual(
      Array.from({ length: 10 }, (_, i) => [i, i * 200]),
    );
    expect(watch.recorded.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(counters(watch.recorded)).toEqual(Array.from({ length: 30 }, (_, i) => i * 2));
    expect(counters(watch.detected)).toEqual(Array.from({ length: 10 }, (_, i) => i * 6));
    expect(watch.source.durationMs).toBe(2000);
    expect(watch.source.isLive).toBe(false);
  });

  it('shows the same picture at the same time on both pipes', async () => {
    await using watch = new Watch({ input: film, detect: { fps: 4 } });
    await watch.done;
    for (const { ptsMs, counter } of watch.detected) {
      expect(watch.recorded.find((frame) => frame.ptsMs === ptsMs)?.counter).toBe(counter);
    }
    expect(watch.detected).toHaveLength(8);
  });

  it('gives the same again when it is read again', async () => {
    await using first = new Watch({ input: film });
    await first.done;
    await using second = new Watch({ input: film });
    await second.done;
    expect(second.detected.map(timeless)).toEqual(first.detected.map(timeless));
    expect(second.recorded.map(timeless)).toEqual(first.recorded.map(timeless));
  });

  it('gives no recording frames to who wants none', async () => {
    await using watch = new Watch({ input: film, withRecording: false });
    await watch.done;
    expect(watch.detected).toHaveLength(10);
    expect(watch.recorded).toEqual([]);
  });

  it('says which frames are only repeats of the one before', async () => {
    const input = await media.counter('slow.mp4', { fps: 1, frames: 4 });
    await using watch = new Watch({ input });
    await watch.done;
    const changed = watch.detected.map(({ counter }, i) => counter !== watch.detected[i - 1]?.counter);
    expect(watch.detected.map(({ isRepeat }) => !isRepeat)).toEqual(changed);
    expect(counters(watch.detected.filter(({ isRepeat }) => !isRepeat))).toEqual([0, 1, 2, 3]);
    expect(watch.detected.length).toBeGreaterThan(12);
  });

  it('plays like a camera where it is told to, and as fast as it goes otherwise', async () => {
    const [played, rushed] = [await paceOf({ realTime: true }), await paceOf({ realTime: false })];
    expect(played).toBeGreaterThan(0.7);
    expect(rushed).toBeLessThan(played / 2);
  });

  it('starts over when it ends, and time goes on', async () => {
    await using watch = new Watch({ input: film, loop: true });
    await watch.until(() => watch.recorded.length >= 75);
    await watch.stop();
    expect(counters(watch.recorded.slice(0, 75))).toEqual(Array.from({ length: 75 }, (_, i) => (i * 2) % 60));
    expect(watch.recorded.map(({ number }) => number)).toEqual(watch.recorded.map((_, i) => i));
    expect(watch.states.map(({ type }) => type)).toEqual(['opened']);
  });

  it('is turned upright where the telephone was held upright', async () => {
    const source = 'color=c=black:size=96x64:rate=10,drawbox=w=48:color=white:t=fill';
    const input = await media.make('-f', 'lavfi', '-i', source, '-frames:v', '10', '-pix_fmt', 'yuv420p', 'upright.mp4');
    await turnByQuarter(input);
    const corners: number[][] = [];
    const look = ({ data }: RecordFrame): void => {
      corners.push([0, 63, 95 * 64, 95 * 64 + 63].map((at) => Math.round(data[at]! / 235)));
    };
    await using watch = new Watch({ input, look, inputShape: (size) => size });
    await watch.done;
    expect(watch.format.record).toMatchObject({ widthPx: 64, heightPx: 96 });
    expect(watch.format.detect.picture).toEqual({ widthPx: 64, heightPx: 96, leftPx: 0, topPx: 0 });
    // What was the left half is the upper one.
    expect(corners[0]).toEqual([1, 1, 0, 0]);
  });

  it('is scaled down to the limits of the recording, never up', async () => {
    await using watch = new Watch({ input: film, record: { size: '160x120' } });
    await watch.done;
    expect(watch.format.record).toEqual({ widthPx: 96, heightPx: 64, fps: 15 });
    const large = await media.counter('large.mp4', { size: { widthPx: 640, heightPx: 360 }, frames: 10 });
    await using limited = new Watch({ input: large, record: { size: '160x120' } });
    await limited.done;
    expect(limited.format.record).toEqual({ widthPx: 160, heightPx: 90, fps: 15 });
    expect(counters(limited.recorded)).toEqual([0, 2, 4, 6, 8]);
  });
});

describe('the takers', () => {
  it('hold the decoder back where they ask to, and lose nothing', async () => {
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using watch = new Watch({ input: longFilm, hold: async () => await gate });
    await watch.until(() => watch.recorded.length > 0 && watch.detected.length > 0);
    await delay(300);
    expect([watch.detected.length, watch.recorded.length]).toEqual([1, 1]);
    release?.();
    await watch.until(() => watch.recorded.length >= 300);
    expect(watch.recorded.map(({ number }) => number)).toEqual(watch.recorded.map((_, i) => i));
    await watch.stop();
  });

  it('get both pipes whole, also where they are slow and do not ask to wait', async () => {
    await using watch = new Watch({
      input: film,
      realTime: true,
      hold: () => {
        const untilMs = performance.now() + 15;
        while (performance.now() < untilMs);
      },
    });
    await watch.done;
    expect([watch.detected.length, watch.recorded.length]).toEqual([10, 30]);
  });

  it('that fail end the source, with their own error, and no ffmpeg stays', async () => {
    await using watch = new Watch({
      input: longFilm,
      hold: () => {
        throw new Error('the taker failed');
      },
    });
    await expect(watch.done).rejects.toThrow('the taker failed');
    expect(await childrenOf()).toEqual([]);
  });
});
