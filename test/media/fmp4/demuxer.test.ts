/** What ffmpeg's muxer writes, in pieces of any size, is read as it was; what nobody could have written ends it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Mp4Error } from '../../../src/media/fmp4/boxes.ts';
import { type DemuxedInit, type DemuxedSample, Demuxer } from '../../../src/media/fmp4/demuxer.ts';
import { fragmentHead, joinInits } from '../../../src/media/fmp4/muxer.ts';
import { readInit } from '../../../src/media/fmp4/timing.ts';

const exec = promisify(execFile);
const FLAGS = '+empty_moov+default_base_moof+frag_every_frame+frag_discont';
let video: Buffer;
let audio: Buffer;

async function make(source: string, ...codec: string[]): Promise<Buffer> {
  const muxing = ['-f', 'mp4', '-movflags', FLAGS, '-use_editlist', '0', '-avoid_negative_ts', 'disabled', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, ...codec, ...muxing], {
    encoding: 'buffer',
  });
  return stdout;
}

beforeAll(async () => {
  video = await make('testsrc2=size=64x48:rate=25:duration=1', '-c:v', 'libx264', '-bf', '2', '-g', '10');
  audio = await make('sine=duration=1:r=48000', '-c:a', 'aac');
});

function read(bytes: Buffer, cuts: readonly number[] = []): { init: DemuxedInit; samples: DemuxedSample[] } {
  const demuxer = new Demuxer();
  const ends = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  const items = ends.flatMap((end, i) => Array.from(demuxer.push(bytes.subarray(ends[i - 1] ?? 0, end))));
  const init = items.find((item) => item.type === 'init')!;
  return { init, samples: items.filter((item) => item.type === 'sample') };
}

describe('Demuxer', () => {
  it('reads every packet with its time, order and kind', () => {
    const { samples } = read(video);
    expect(samples).toHaveLength(25);
    expect(samples.filter(({ isKey }) => isKey)).toHaveLength(3);
    const shown = samples.map(({ dtsTicks, offsetTicks, ticksPerSecond }) => ((dtsTicks + offsetTicks) * 25) / ticksPerSecond);
    expect(shown.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect(samples[0]!.dtsTicks).toBeLessThan(0);
    expect(read(audio).samples.length).toBeGreaterThan(40);
  });

  it('does not care where the pipe cuts the bytes', () => {
    const whole = read(video);
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(read(video, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
    const bytewise = Array.from({ length: video.length }, (_, i) => i);
    expect(read(video, bytewise)).toEqual(whole);
  });

  it.each([
    { what: 'an absurd size', bytes: [0x7f, 0xff, 0xff, 0xff, ...Buffer.from('mdat')] },
    { what: 'a header of its own size', bytes: [0, 0, 0, 4, ...Buffer.from('free')] },
    { what: 'a size of 64 bits', bytes: [0, 0, 0, 1, ...Buffer.from('mdat'), 0, 0, 0, 9, 0, 0, 0, 0] },
    { what: 'media before its init', bytes: [0, 0, 0, 8, ...Buffer.from('mdat')] },
  ])('ends at $what', ({ bytes }) => {
    const demuxer = new Demuxer();
    expect(() => [...demuxer.push(Buffer.from(bytes))]).toThrow(Mp4Error);
  });

  it('never does anything but read or throw an Mp4Error', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const broken = Buffer.from(video);
        for (const [at, value] of changes) broken[at % broken.length] = value;
        try {
          read(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(Mp4Error);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the muxer', () => {
  it('writes a film of both tracks that is read as it was', () => {
    const [pictures, sound] = [read(video), read(audio)];
    const inits = joinInits(pictures.init.bytes, sound.init.bytes);
    expect(readInit(inits)).toMatchObject({ trackId: 1, ticksPerSecond: pictures.init.ticksPerSecond });
    const samples = pictures.samples.map(({ durationTicks, offsetTicks, isKey, data }) => ({
      durationTicks,
      offsetTicks,
      isKey,
      data,
    }));
    const head = fragmentHead(7, [{ trackId: 1, startTicks: 2 ** 33 + 5, samples }]);
    const alone = Buffer.concat([joinInits(pictures.init.bytes), head, ...samples.map(({ data }) => data)]);
    const again = read(alone).samples;
    expect(again[0]!.dtsTicks).toBe(2 ** 33 + 5);
    expect(again.map(({ durationTicks, offsetTicks, isKey, data }) => ({ durationTicks, offsetTicks, isKey, data }))).toEqual(
      samples,
    );
  });
});
