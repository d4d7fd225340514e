import { describe, expect, it } from 'vitest';
import { parseInput } from '../../ffmpeg/input.ts';
import { UserError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { probe, readAnswer } from '../../src/source/probe.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder, turnByQuarter } from '../media.ts';

expectNoLeftovers();

const stream = { codec_name: 'h264', width: 1280, height: 720, avg_frame_rate: '25/1', r_frame_rate: '25/1' };

/** What is read from ffprobe's answer with this stream. */
function read(part: object = {}, format: object = {}) {
  return readAnswer(JSON.stringify({ streams: [{ ...stream, ...part }], format }), 'walk.mp4');
}

describe('readAnswer', () => {
  it('takes size, rate, codec and length', () => {
    expect(read({}, { duration: '12.345600' })).toMatchObject({
      widthPx: 1280,
      heightPx: 720,
      fps: 25,
      codec: 'h264',
      durationMs: 12_346,
    });
  });

  it.each([
    { what: 'not given', format: {} },
    { what: 'unknown', format: { duration: 'N/A' } },
  ])('has no length where it is $what', ({ format }) => {
    expect(read({}, format).durationMs).toBeUndefined();
  });

  it('has no length where there is no word of the container', () => {
    expect(readAnswer(JSON.stringify({ streams: [stream] }), 'x').durationMs).toBeUndefined();
  });

  it.each([
    { average: '30000/1001', real: '30000/1001', fps: 30_000 / 1001 },
    { average: '25/2', real: '25/1', fps: 12.5 },
    { average: '0/0', real: '10/1', fps: 10 },
    { average: '90000/1', real: '15/1', fps: 15 },
    { average: '0/0', real: '90000/1', fps: undefined },
    { average: '0/0', real: '0/0', fps: undefined },
    { average: '1/5', real: '1/5', fps: 0.2 },
    { average: undefined, real: undefined, fps: undefined },
  ])('$average on average and $real at least are $fps fps', ({ average, real, fps }) => {
    expect(read({ avg_frame_rate: average, r_frame_rate: real }).fps).toBe(fps);
  });

  it.each([
    { rotation: 0, shown: [1280, 720] },
    { rotation: 90, shown: [720, 1280] },
    { rotation: -90, shown: [720, 1280] },
    { rotation: 180, shown: [1280, 720] },
    { rotation: 270, shown: [720, 1280] },
    { rotation: -180, shown: [1280, 720] },
  ])('shows a picture turned by $rotation° as $shown', ({ rotation, shown }) => {
    const { widthPx, heightPx } = read({ side_data_list: [{ side_data_type: 'Display Matrix', rotation }] });
    expect([widthPx, heightPx]).toEqual(shown);
  });

  it.each([
    { ratio: '1:1', shown: [720, 576] },
    { ratio: '16:15', shown: [768, 576] },
    { ratio: '8:9', shown: [640, 576] },
    { ratio: '0:1', shown: [720, 576] },
    { ratio: 'N/A', shown: [720, 576] },
    { ratio: undefined, shown: [720, 576] },
  ])('makes pixels of $ratio square: $shown', ({ ratio, shown }) => {
    const { widthPx, heightPx } = read({ width: 720, height: 576, sample_aspect_ratio: ratio });
    expect([widthPx, heightPx]).toEqual(shown);
  });

  it('makes pixels square before it turns the picture', () => {
    const turned = read({ width: 720, height: 576, sample_aspect_ratio: '16:15', side_data_list: [{ rotation: 90 }] });
    expect([turned.widthPx, turned.heightPx]).toEqual([576, 768]);
  });

  it('skips the cover picture of a music file', () => {
    const cover = { codec_name: 'mjpeg', width: 500, height: 500, disposition: { attached_pic: 1 } };
    const film = { ...stream, disposition: { attached_pic: 0 } };
    expect(readAnswer(JSON.stringify({ streams: [cover, film] }), 'x')).toMatchObject({ codec: 'h264', widthPx: 1280 });
    expect(() => readAnswer(JSON.stringify({ streams: [cover] }), 'song.mp3')).toThrow('song.mp3 has no video in it');
  });

  it.each([{ streams: [] }, {}])('says that there is no video in %o', (answer) => {
    expect(() => readAnswer(JSON.stringify(answer), 'song.wav')).toThrow(UserError);
    expect(() => readAnswer(JSON.stringify(answer), 'song.wav')).toThrow('song.wav has no video in it');
  });

  it.each([
    { part: { codec_name: undefined }, says: 'codec unknown, 1280 × 720' },
    { part: { codec_name: 'unknown' }, says: 'codec unknown, 1280 × 720' },
    { part: { width: 0, height: 0 }, says: 'codec h264, 0 × 0' },
    { part: { width: undefined, height: undefined }, says: 'codec h264, 0 × 0' },
    { part: { width: 8, height: 720 }, says: 'codec h264, 8 × 720' },
  ])('refuses video that cannot be decoded ($says)', ({ part, says }) => {
    expect(() => read(part)).toThrow(UserError);
    expect(() => read(part)).toThrow(says);
  });
});

describe('probe', () => {
  const { signal } = new AbortController();
  const ask = async (path: string) => await probe(parseInput(path), { shown: path, log: silentLogger, signal });

  it('finds what a real film is', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mp4', { size: { widthPx: 128, heightPx: 96 }, fps: 12, frames: 24 });
    const coded = { profile: 'Constrained Baseline', level: 10, pixelFormat: 'yuv420p', bFrames: 0, isTurned: false };
    expect(await ask(path)).toEqual({ widthPx: 128, heightPx: 96, fps: 12, codec: 'h264', durationMs: 2000, coded });
  });

  it('finds the sound beside the pictures, and B-frames', async () => {
    await using media = await MediaFolder.open();
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=2', '-f', 'lavfi', '-i', 'testsrc2=size=128x96:duration=2'];
    const path = await media.make(...sound, '-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p', '-c:a', 'aac', 'film.mp4');
    const found = await ask(path);
    expect(found).toMatchObject({ sound: 'aac', coded: { profile: 'High' } });
    expect(found.coded?.bFrames).toBeGreaterThan(0);
  });

  it('finds the size and rate of a stream without container, which has no length', async () => {
    await using media = await MediaFolder.open();
    const film = await media.counter('film.mp4', { fps: 10, frames: 20 });
    const path = await media.make('-i', film, '-c', 'copy', '-f', 'h264', 'film.h264');
    const found = await ask(path);
    expect(found).toMatchObject({ widthPx: 96, heightPx: 64, fps: 10, codec: 'h264' });
    expect(found.durationMs).toBeUndefined();
  });

  it('finds oblong pixels', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mp4', { size: { widthPx: 48, heightPx: 64 }, frames: 4, more: ['-vf', 'setsar=2/1'] });
    expect(await ask(path)).toMatchObject({ widthPx: 96, heightPx: 64 });
  });

  it('finds that a telephone was held upright', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mp4', { size: { widthPx: 96, heightPx: 64 }, frames: 4 });
    await turnByQuarter(path);
    expect(await ask(path)).toMatchObject({ widthPx: 64, heightPx: 96 });
  });

  it('finds no video in a song with a cover picture', async () => {
    await using media = await MediaFolder.open();
    const cover = await media.make('-f', 'lavfi', '-i', 'color=c=red:size=64x64', '-frames:v', '1', 'cover.jpg');
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=1', '-i', cover, '-map', '0:a', '-map', '1:v', '-c:v', 'copy'];
    const path = await media.make(...sound, '-disposition:v:0', 'attached_pic', 'song.m4a');
    await expect(ask(path)).rejects.toThrow('has no video in it');
  });

  it('stops asking when it is aborted', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mp4', { frames: 4 });
    const controller = new AbortController();
    const asking = probe(parseInput(path), { shown: path, log: silentLogger, signal: controller.signal });
    controller.abort();
    await expect(asking).rejects.toThrow(/abort/i);
  });
});
