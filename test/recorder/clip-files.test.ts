/** Clips as the recorder makes them of packets: fit for every player, and one file with the same pictures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';
import { ClipFilms } from '../../src/server/clip/clip-films.ts';
import { filmBytes } from '../../src/server/clip/film-bytes.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { decodedHashes, facts } from '../media/fmp4/hls-clip.ts';
import { clockProblems } from '../media/fmp4/clip-clock.ts';
import { endEvent, person, startEvent } from './film.ts';
import { type CameraOptions, PacketCamera } from './packets.ts';

const KINDS: [string, CameraOptions][] = [
  ['a key frame a second', {}],
  ['with sound', { sound: true }],
  ['with pictures in another order than shown, and sound', { bFrames: 2, sound: true }],
  ['with long groups of pictures', { gop: 60 }],
];

describe('a clip of packets', () => {
  it.each(KINDS)('plays everywhere, and as one file: %s', async (_, options) => {
    await using camera = await PacketCamera.open({ ...options, event: { preRollMs: 1500 } });
    const folder = await camera.folder();
    await camera.feedTo(4500, { tracks: [] });
    await camera.start(startEvent('a', 4000), folder);
    await camera.feedTo(6500, { tracks: [person(1)] });
    camera.recorder.onScene(endEvent('a', 6000));
    const { durationMs } = await camera.message('ready', 'a');
    const parts = await partsOfFolder(folder);
    expect(conformanceProblems(parts)).toEqual([]);
    expect(clockProblems(parts.playlist)).toEqual([]);

    const film = await new ClipFilms().film(folder, parts.playlist);
    const path = join(folder, 'clip.mp4');
    const bytes: Buffer[] = [];
    for await (const block of filmBytes(film, folder, { start: 0, end: film.totalBytes - 1 })) bytes.push(block);
    await writeFile(path, Buffer.concat(bytes));
    expect(Buffer.concat(bytes)).toHaveLength(film.totalBytes);
    expect(await decodedHashes(path)).toEqual(await decodedHashes(join(folder, 'index.m3u8')));
    expect(Math.abs(film.durationMs - durationMs)).toBeLessThanOrEqual(100);
    if (options.sound === true) expect(Number((await facts(path, 'a'))['duration'])).toBeCloseTo(durationMs / 1000, 0);
  });
});
