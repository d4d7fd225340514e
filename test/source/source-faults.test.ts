import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetryableError, UserError } from '../../src/lib/errors.ts';
import { childrenOf, expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder } from '../media.ts';
import { Watch } from './watch.ts';

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

/** The pid of our ffmpeg, found from outside. */
async function decoderPid(): Promise<number> {
  const decoders = (await childrenOf()).filter(({ argv }) => argv[0] === 'ffmpeg');
  expect(decoders).toHaveLength(1);
  return decoders[0]!.pid;
}

describe('what is no film', () => {
  it.each<{ what: string; make: () => Promise<string>; says: string; hint: string }>([
    { what: 'a file that is not there', make: async () => media.file('absent.mp4'), says: 'does not exist', hint: 'path' },
    { what: 'a folder', make: async () => media.path, says: 'is a folder', hint: 'one video file' },
    {
      what: 'a text',
      make: async () => await media.text('notes.txt', 'buy milk\n'.repeat(1000)),
      says: 'has no video in it',
      hint: 'carries video',
    },
    {
      what: 'a web page',
      make: async () => await media.text('page.html', '<!doctype html>\n<p>milk</p>\n'.repeat(100)),
      says: 'is not a video that ffmpeg knows, or is damaged',
      hint: 'ffprobe',
    },
    {
      what: 'an empty file',
      make: async () => await media.text('empty.mkv', ''),
      says: 'is not a video that ffmpeg knows, or is damaged',
      hint: 'ffprobe',
    },
    {
      what: 'half an MP4',
      make: async () => await media.text('half.mp4', (await readFile(film)).subarray(0, 3000)),
      says: 'is an incomplete MP4 file',
      hint: 'again',
    },
    {
      what: 'sound alone',
      make: async () => await media.make('-f', 'lavfi', '-i', 'sine=duration=1', 'song.wav'),
      says: 'has no video in it',
      hint: 'carries video',
    },
  ])('$what is an error of the user, with a cure', async ({ make, says, hint }) => {
    const input = await make();
    await using watch = new Watch({ input });
    const error = await watch.done.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(`${input} ${says}`);
    expect((error as UserError).hint).toContain(hint);
    expect(watch.states).toEqual([]);
  });

  it('an address that no camera speaks is refused before anything is started', () => {
    expect(() => new Watch({ input: 'gopher://cam/x' })).toThrow(UserError);
  });
});

describe('an abort', () => {
  it.each([true, false])('stops ffmpeg in the middle of a film (in real time: %s)', async (realTime) => {
    await using watch = new Watch({ input: longFilm, realTime });
    await watch.until(() => watch.detected.length >= 2);
    expect(await decoderPid()).toBeGreaterThan(0);
    await watch.stop();
    expect(await childrenOf()).toEqual([]);
    expect(watch.states.map(({ type }) => type)).toEqual(['opened']);
  });

  it('stops a decoder that is held back', async () => {
    await using watch = new Watch({ input: longFilm, hold: async () => await delay(20) });
    await watch.until(() => watch.recorded.length >= 2);
    await watch.stop();
    expect(await childrenOf()).toEqual([]);
  });

  it('stops a frozen ffmpeg', async () => {
    await using watch = new Watch({ input: longFilm, realTime: true });
    await watch.until(() => watch.detected.length >= 1);
    process.kill(await decoderPid(), 'SIGSTOP');
    await watch.stop();
    expect(await childrenOf()).toEqual([]);
  });

  it('ends the question what is in the file', async () => {
    await using watch = new Watch({ input: longFilm });
    await watch.stop();
    expect(watch.states).toEqual([]);
  });

  it('between that question and the first picture is not overheard', async () => {
    const aborting: { watch?: Watch } = {};
    const inputShape = () => {
      void aborting.watch?.stop();
      return { widthPx: 96, heightPx: 96 };
    };
    await using watch = new Watch({ input: longFilm, loop: true, inputShape });
    aborting.watch = watch;
    await watch.done;
    expect(await childrenOf()).toEqual([]);
  });
});

describe('an ffmpeg that is killed', () => {
  it('is an error that says so, where the film does not repeat', async () => {
    await using watch = new Watch({ input: longFilm, realTime: true });
    await watch.until(() => watch.detected.length >= 1);
    process.kill(await decoderPid(), 'SIGKILL');
    const error = await watch.done.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as RetryableError).message).toBe(`the decoder of ${longFilm} was killed (SIGKILL)`);
    expect((error as RetryableError).hint).toContain('memory');
  });

  it('is started again where the film repeats, and time shows the gap', async () => {
    await using watch = new Watch({ input: longFilm, realTime: true, loop: true });
    await watch.until(() => watch.detected.length >= 2);
    process.kill(await decoderPid(), 'SIGKILL');
    await watch.until(() => watch.opened.length === 2 && watch.detected.length >= 4);
    expect(watch.states.map(({ type }) => type)).toEqual(['opened', 'lost', 'opened']);
    expect(watch.opened[1]!.formatChanged).toBe(false);
    expect(watch.lost[0]!.reason).toContain('was killed (SIGKILL)');
    const slots = watch.detected.map(({ number }) => number);
    expect(slots).toEqual([...new Set(slots)].toSorted((a, b) => a - b));
    expect(Math.max(...slots.map((slot, i) => slot - (slots[i - 1] ?? slot)))).toBeGreaterThan(1);
  });
});
