import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { UserError } from '../../src/lib/errors.ts';
import { childrenOf, expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder } from '../media.ts';
import { type Noted, Watch } from './watch.ts';

expectNoLeftovers();

let media: MediaFolder;
/** Two seconds of 30 fps, 96 × 64. */
let film: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.counter('film.mp4', { fps: 30, frames: 60 });
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

const counters = (noted: readonly Noted[]): number[] => noted.map(({ counter }) => counter);

/** A real ffmpeg that pipes the film out. */
async function feed(...filters: string[]): Promise<Child> {
  const args = ['-v', 'error', '-nostdin', '-i', film, ...filters, '-f', 'yuv4mpegpipe', 'pipe:1'];
  return await Child.start({ name: 'feeder', command: 'ffmpeg', args, stdin: 'ignore', dieWithParent: true });
}

describe('stdin', () => {
  it('gives every frame of a YUV4MPEG2 stream, then ends', async () => {
    await using feeder = await feed();
    await using watch = new Watch({ input: '-', stdin: feeder.stdout });
    await watch.done;
    await feeder.exited;
    expect(watch.states.map(({ type }) => type)).toEqual(['opened', 'ended']);
    expect(watch.format.source).toEqual({ widthPx: 96, heightPx: 64, fps: 30, codec: 'rawvideo' });
    expect(counters(watch.recorded)).toEqual(Array.from({ length: 30 }, (_, i) => i * 2));
    expect(counters(watch.detected)).toEqual(Array.from({ length: 10 }, (_, i) => i * 6));
  });

  it('waits for a slow reader, and loses nothing', async () => {
    await using feeder = await feed();
    await using watch = new Watch({ input: '-', stdin: feeder.stdout, hold: async () => await delay(5) });
    await watch.done;
    await feeder.exited;
    expect(watch.recorded).toHaveLength(30);
  });

  it('cannot be played over and over, so it ends', async () => {
    await using feeder = await feed();
    await using watch = new Watch({ input: '-', stdin: feeder.stdout, loop: true });
    await watch.done;
    expect(watch.states.map(({ type }) => type)).toEqual(['opened', 'ended']);
    expect(watch.recorded).toHaveLength(30);
  });

  it('may break off in the middle of a frame', async () => {
    await using feeder = await feed();
    const bytes = await buffer(feeder.stdout);
    await feeder.exited;
    const cut = new PassThrough();
    cut.end(bytes.subarray(0, Math.floor(bytes.length * 0.52)));
    await using watch = new Watch({ input: '-', stdin: cut });
    await watch.done;
    expect(watch.states.at(-1)).toEqual({ type: 'ended' });
    expect(watch.recorded.length).toBeGreaterThan(12);
    expect(watch.recorded.length).toBeLessThan(18);
  });

  it.each([
    { what: 'nothing', bytes: '', says: 'stdin ended before the first picture' },
    { what: 'a film of another kind', bytes: 'RIFF....AVI LIST', says: 'stdin does not begin with a YUV4MPEG2 header' },
    { what: 'a header alone', bytes: 'YUV4MPEG2 W64 H48 F30:1 C420jpeg\n', says: '- ended before its first picture' },
  ])('that brings $what is an error of the user', async ({ bytes, says }) => {
    const stdin = new PassThrough();
    stdin.write(bytes);
    await using watch = new Watch({ input: '-', stdin });
    await delay(10);
    stdin.end();
    const error = await watch.done.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(says);
  });

  it('may be left before it ends', async () => {
    await using feeder = await feed('-vf', 'loop=-1:60');
    await using watch = new Watch({ input: '-', stdin: feeder.stdout });
    await watch.until(() => watch.detected.length >= 3);
    await watch.stop();
    feeder.stdout.destroy();
    await feeder.stop();
    expect(await childrenOf()).toEqual([]);
  });
});
