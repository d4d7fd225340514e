/** The packets feed of a source: a real RTSP camera, and files for what needs no camera. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Packet } from '../../src/messages/video.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { counterOfGrey, MediaFolder } from '../media.ts';
import { Watch } from './watch.ts';

expectNoLeftovers();

const exec = promisify(execFile);
const missing = await RtspCamera.missing();
const PACKETS = { record: { feed: 'packets' } } as const;
const SIZE = { widthPx: 96, heightPx: 64 };

let media: MediaFolder;
let film: string;
let wideFilm: string;
let soundFilm: string;
let bFilm: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.cameraFilm('camera.mkv', { size: SIZE });
  wideFilm = await media.cameraFilm('wide.mkv', { size: { widthPx: 128, heightPx: 64 } });
  soundFilm = await media.make(
    '-i',
    film,
    '-f',
    'lavfi',
    '-i',
    'sine=r=48000',
    '-t',
    '60',
    '-c:v',
    'copy',
    '-c:a',
    'aac',
    'sound.mkv',
  );
  bFilm = await media.counter('b.mp4', {
    size: SIZE,
    fps: 25,
    frames: 100,
    more: ['-preset', 'veryfast', '-bf', '2', '-g', '25'],
  });
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

const morePackets = async (watch: Watch, count = 12): Promise<void> => {
  const wanted = watch.pictures.length + count;
  await watch.until(() => watch.pictures.length >= wanted && watch.detected.length > 2);
};

/** Hashes of the NAL units that hold pictures (types 1 and 5), one string a picture. */
function pictureHashes(packet: Packet): string[] {
  const data = Buffer.from(packet.data);
  const found: string[] = [];
  for (let at = 0; at < data.length; ) {
    const end = at + 4 + data.readUInt32BE(at);
    const unit = data.subarray(at + 4, end);
    if ([1, 5].includes(unit[0]! & 0x1f)) found.push(createHash('sha256').update(unit).digest('hex'));
    at = end;
  }
  return found;
}

async function filmHashes(path: string): Promise<string[]> {
  const argv = ['-v', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const starts: number[] = [];
  for (let at = stdout.indexOf('000001', 0, 'hex'); at >= 0; at = stdout.indexOf('000001', at + 3, 'hex')) starts.push(at + 3);
  return starts.flatMap((from, i) => {
    const next = starts[i + 1];
    const end = next === undefined ? stdout.length : next - (stdout[next - 4] === 0 ? 4 : 3);
    const unit = stdout.subarray(from, end);
    return [1, 5].includes(unit[0]! & 0x1f) ? [createHash('sha256').update(unit).digest('hex')] : [];
  });
}

/** What the packets show, as numbers of the counter film. */
async function countersOf(watch: Watch): Promise<number[]> {
  const { joinInits, fragmentHead } = await import('../../src/media/fmp4/muxer.ts');
  const samples = watch.pictures.map(({ data, isKey }) => ({ durationTicks: 3600, offsetTicks: 0, isKey, data }));
  const head = fragmentHead(1, [{ trackId: 1, startTicks: 0, samples }]);
  const video = watch.inits.find(({ isVideo }) => isVideo)!;
  const path = await media.text('packets.mp4', Buffer.concat([joinInits(video.bytes), head, ...samples.map(({ data }) => data)]));
  const argv = ['-v', 'error', '-i', path, '-fps_mode', 'passthrough', '-vf', 'format=gray', '-f', 'rawvideo', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const bytes = SIZE.widthPx * SIZE.heightPx;
  return Array.from({ length: stdout.length / bytes }, (_, i) => counterOfGrey(stdout[i * bytes + bytes / 2]!));
}

describe.skipIf(missing !== undefined)(
  `an RTSP camera${missing === undefined ? '' : ` (${missing})`}`,
  { concurrent: true },
  () => {
    it('is recorded as packets by itself, with its own bytes, and one line says so', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ input: camera.url });
      await morePackets(watch, 25);
      await watch.stop();
      expect(watch.recorded).toEqual([]);
      expect(watch.format).toMatchObject({ feed: 'packets', record: { ...SIZE, fps: 10 } });
      expect(watch.logged.filter((line) => line.includes('Records what the camera sends, untouched'))).toHaveLength(1);
      expect(watch.inits.map(({ isVideo }) => isVideo)).toEqual([true]);
      expect(watch.pictures[0]!.isKey).toBe(true);
      const sent = (await filmHashes(film)).join(' ');
      expect(sent).toContain(watch.pictures.flatMap(pictureHashes).join(' '));
    });

    it('gives times that agree with those of the detector’s pictures, from the first one on', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ input: camera.url });
      await morePackets(watch, 40);
      await watch.stop();
      const steps = watch.pictures.slice(1).map(({ ptsMs }, i) => ptsMs - watch.pictures[i]!.ptsMs);
      expect(Math.min(...steps)).toBeGreaterThan(80);
      expect(Math.max(...steps)).toBeLessThan(120);
      const counters = await countersOf(watch);
      for (const { counter, ptsMs } of watch.detected.slice(1)) {
        const seen = watch.pictures.findLast((packet) => packet.ptsMs <= ptsMs + 50);
        if (seen && watch.pictures.at(-1)!.ptsMs > ptsMs + 50) expect(counters[watch.pictures.indexOf(seen)]).toBe(counter);
      }
    });

    it('is lost when it changes its format and back in the new one, with time going on', async () => {
      const first = await RtspCamera.start({ film });
      await using watch = new Watch({ input: first.url });
      await morePackets(watch);
      await first.kill();
      await watch.until(() => watch.lost.length === 1);
      await using _second = await RtspCamera.start({ film: wideFilm, port: first.port });
      await morePackets(watch);
      expect(watch.opened.map(({ formatChanged }) => formatChanged)).toEqual([true, true]);
      expect(watch.inits).toHaveLength(2);
      const times = watch.pictures.map(({ dtsMs }) => dtsMs);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
    });

    it('that changes its format in flight is lost with that reason', async () => {
      const parts: Buffer[] = [];
      for (const [size, frames] of [
        [SIZE, 45],
        [{ widthPx: 128, heightPx: 64 }, 300],
      ] as const) {
        const path = await media.counter(`part-${size.widthPx}.h264`, { size, fps: 10, frames, more: ['-f', 'h264'] });
        parts.push(await readFile(path));
      }
      const both = await media.text('both.h264', Buffer.concat(parts));
      const change = await media.make('-f', 'h264', '-framerate', '10', '-i', both, '-c', 'copy', 'change.mkv');
      await using camera = await RtspCamera.start({ film: change });
      await using watch = new Watch({ input: camera.url });
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toBe(`${camera.url} changed the format of its video`);
      expect(watch.pictures.length).toBeGreaterThan(30);
      expect(watch.pictures.length).toBeLessThan(50);
    });

    it('that freezes is noticed by its silence, and is back when it thaws', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ input: camera.url });
      await morePackets(watch);
      camera.freeze();
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toMatch(/ went silent for [3-9]\.\d s$/);
      camera.thaw();
      await morePackets(watch);
      expect(watch.opened.map(({ formatChanged }) => formatChanged)).toEqual([true, false]);
    });

    it.each([
      { audio: 'aac' as const, says: 'With its sound (AAC).' },
      { audio: 'pcmu' as const, says: 'Its sound (pcm_mulaw) is made AAC.' },
    ])('with sound ($audio) gives it beside the pictures', async ({ audio, says }) => {
      await using camera = await RtspCamera.start({ film: soundFilm, audio });
      await using watch = new Watch({ input: camera.url });
      await watch.until(() => watch.sound.length > 20 && watch.pictures.length > 20);
      expect(watch.logged.join('')).toContain(says);
      expect(watch.inits.map(({ isVideo }) => isVideo)).toEqual([true, false]);
    });

    it('whose sound stalls goes on with its pictures', async () => {
      await using camera = await RtspCamera.start({ film: soundFilm, audio: 'stalls' });
      await using watch = new Watch({ input: camera.url });
      await morePackets(watch, 60);
      const heardMs = watch.sound.length * 21.3;
      expect(heardMs).toBeLessThan(watch.pictures.length * 100 - 2000);
      expect(watch.lost).toEqual([]);
    });
  },
);

describe('a film that is asked for its packets', () => {
  it('gives them at its own pace, also with B-frames, which are shown in another order', async () => {
    await using watch = new Watch({ ...PACKETS, input: bFilm });
    await watch.done;
    expect(watch.pictures).toHaveLength(100);
    expect(watch.logged.join('')).toContain('record.feed is packets (with B-frames)');
    expect(watch.pictures.some(({ ptsMs, dtsMs }) => ptsMs > dtsMs + 1)).toBe(true);
    const shown = watch.pictures.map(({ ptsMs }) => Math.round(ptsMs)).sort((a, b) => a - b);
    expect(shown).toEqual(Array.from({ length: 100 }, (_, i) => i * 40));
  });

  it('goes on in time when it begins anew', async () => {
    await using watch = new Watch({ ...PACKETS, input: bFilm, loop: true });
    await watch.until(() => watch.pictures.length > 250);
    const times = watch.pictures.map(({ dtsMs }) => dtsMs);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it('gives HEVC under the name that Safari plays', async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=128x96:rate=10:duration=2', '-pix_fmt', 'yuv420p'];
    const codec = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=10:bframes=0'];
    await using watch = new Watch({ ...PACKETS, input: await media.make(...source, ...codec, 'hevc.mp4') });
    await watch.done;
    expect(watch.pictures).toHaveLength(20);
    expect(watch.pictures.filter(({ isKey }) => isKey)).toHaveLength(2);
    expect(Buffer.from(watch.inits[0]!.bytes).includes('hvc1')).toBe(true);
  });

  it('is refused with the reason where it has none that could be recorded', async () => {
    const path = await media.make('-f', 'lavfi', '-i', 'testsrc2=size=96x64:duration=1', '-c:v', 'mjpeg', 'film.avi');
    await using watch = new Watch({ ...PACKETS, input: path });
    await expect(watch.done).rejects.toThrow(
      `record.feed is packets, but ${path} cannot be recorded that way: its video is mjpeg`,
    );
  });
});
