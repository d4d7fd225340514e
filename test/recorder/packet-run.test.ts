/** Sound that comes and goes while a clip is recorded. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';
import { parsePlaylist } from '../../src/media/hls-playlist.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { facts } from '../media/fmp4/hls-clip.ts';
import { endEvent, startEvent } from './film.ts';
import { type CameraOptions, PacketCamera } from './packets.ts';

const exec = promisify(execFile);
const EVENT = { event: { preRollMs: 1500, postRollMs: 5000 }, sound: true };

interface Recorded {
  readonly folder: string;
  readonly durationMs: number;
}

/** An event from 4 s to 10.5 s; the camera comes back at 5.5 s and at 8 s, mute as it is said. */
async function record(
  options: CameraOptions,
  mute: readonly [boolean, boolean, boolean],
  look: (recorded: Recorded) => Promise<void>,
): Promise<void> {
  await using camera = await PacketCamera.open({ ...EVENT, ...options, beginsMute: mute[0] });
  const folder = await camera.folder();
  await camera.feedTo(4500);
  await camera.start(startEvent('a', 4000), folder);
  await camera.feedTo(5500);
  camera.connect({ isMute: mute[1] });
  await camera.feedTo(8000);
  camera.connect({ isMute: mute[2] });
  await camera.feedTo(11_500);
  camera.recorder.onScene(endEvent('a', 10_500));
  const { durationMs } = await camera.message('ready', 'a');
  expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
  await look({ folder, durationMs });
}

/** The loudest of a second of the clip, in dB; segments are joined, as a player does. */
async function loudness(folder: string, fromS: number): Promise<number> {
  const { segments } = parsePlaylist(await readFile(join(folder, 'index.m3u8'), 'utf8'));
  const names = ['init.mp4', ...segments.map(({ name }) => name)];
  const path = join(folder, 'joined.mp4');
  await writeFile(path, Buffer.concat(await Promise.all(names.map(async (name) => await readFile(join(folder, name))))));
  const filter = `atrim=start=${fromS}:duration=1,volumedetect`;
  const { stderr } = await exec('ffmpeg', ['-v', 'info', '-i', path, '-af', filter, '-vn', '-f', 'null', '-']);
  return Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1]);
}

describe('sound that comes and goes within one event', () => {
  it('is silence where the camera sends none, so every segment has both tracks, and is heard where it came back', async () => {
    await record({}, [false, true, false], async ({ folder, durationMs }) => {
      const { segments } = parsePlaylist(await readFile(join(folder, 'index.m3u8'), 'utf8'));
      expect(new Set(segments.map(({ initName }) => initName))).toEqual(new Set(['init.mp4']));
      expect(Number((await facts(join(folder, 'index.m3u8'), 'a'))['nb_read_packets'])).toBeCloseTo((durationMs * 48) / 1024, -1);
      const [before, between, after] = [await loudness(folder, 1), await loudness(folder, 4.5), await loudness(folder, 8)];
      expect(before).toBeGreaterThan(-30);
      expect(between).toBeLessThan(-80);
      expect(after).toBeGreaterThan(-30);
    });
  });

  it('stays away from a clip that began before this camera had any', async () => {
    await record({}, [true, false, true], async ({ folder }) => {
      const inits = [...(await partsOfFolder(folder)).inits.values()];
      expect(inits.filter((init) => init.includes('mp4a'))).toEqual([]);
    });
  });

  it('is in a clip that begins while the camera is silent, where it had sound before', async () => {
    await using camera = await PacketCamera.open(EVENT);
    await camera.feedTo(2000);
    camera.connect({ isMute: true });
    await camera.feedTo(5500);
    const folder = await camera.folder();
    await camera.start(startEvent('a', 5000), folder);
    await camera.feedTo(6500);
    camera.connect();
    await camera.feedTo(9500);
    camera.recorder.onScene(endEvent('a', 9000));
    await camera.message('ready', 'a');
    expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
    expect(await loudness(folder, 0.5)).toBeLessThan(-80);
    expect(await loudness(folder, 4.5)).toBeGreaterThan(-30);
  });
});
