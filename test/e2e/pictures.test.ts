/** What is drawn into the pictures, and what may never be seen in them: in the clip, the snapshot and on stdout. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { listing, Lookout, runLookout } from './lookout.ts';
import { type Clips, cutClips, rawFrames } from './media.ts';

const SIZE = { widthPx: 624, heightPx: 352 };
const FFMPEG = 'ffmpeg -v error -nostdin';
const EVENT = { preRollMs: 1000, postRollMs: 1000 };
/** A corner where nobody walks. */
const CORNER = {
  points: [
    [0, 0.75],
    [0.25, 0.75],
    [0.25, 1],
    [0, 1],
  ],
} as const; // prettier-ignore

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

function camera(more: object) {
  return { cameras: [{ name: 'yard', input: clips.brief, event: EVENT, ...more }] };
}

/** Luma at a share of the picture's width and height. */
function lumaAt(frame: Uint8Array, x: number, y: number): number {
  return frame[Math.round(y * SIZE.heightPx) * SIZE.widthPx + Math.round(x * SIZE.widthPx)] ?? Number.NaN;
}

async function onlyFolder(lookout: Lookout): Promise<string> {
  const eventJson = (await listing(lookout.dataDir)).find((path) => path.endsWith('event.json')) ?? '';
  return join(lookout.dataDir, eventJson, '..');
}

describe('a privacy mask', () => {
  it('is black in the clip, the snapshot and on stdout, in every frame', async () => {
    const film = join(clips.folder, 'masked.mkv');
    await using lookout = await Lookout.start({
      args: ['run', '--stdout', 'y4m'],
      config: camera({ masks: [CORNER], record: { burnIn: { time: true, boxes: true } } }),
      into: `${FFMPEG} -y -i - -c:v ffv1 ${film}`,
    });
    const ready = await lookout.line('the clip is complete');
    const clip = await rawFrames(`${lookout.url}/events/${String(ready['event'])}/clip.mp4`, SIZE);
    expect(await lookout.exited).toMatchObject({ code: 0 });
    const folder = await onlyFolder(lookout);
    expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
    const snapshots = await rawFrames(join(folder, 'snapshot.jpg'), SIZE);
    const stdout = await rawFrames(film, SIZE);
    expect(clip.length).toBeGreaterThan(20);
    expect(stdout.length).toBeGreaterThan(50);
    for (const [name, frames] of Object.entries({ clip, snapshots, stdout })) {
      for (const [i, frame] of frames.entries()) {
        const lumas = [lumaAt(frame, 0.02, 0.78), lumaAt(frame, 0.12, 0.9), lumaAt(frame, 0.24, 0.98)];
        expect(Math.max(...lumas), `${name} ${i}`).toBeLessThan(24);
        expect(lumaAt(frame, 0.5, 0.9), `${name} ${i}`).toBeGreaterThan(40);
      }
    }
    // The clip carries the time in its corner; snapshot and stdout are drawn by others.
    const bar = (frame: Uint8Array): number => Math.max(...Array.from({ length: 200 }, (_, x) => frame[8 * SIZE.widthPx + x]!));
    expect(Math.min(...clip.map(bar))).toBeGreaterThan(200);
    // Its boxes are of the colour of the snapshot's; nothing in the film is as orange.
    const orange = clip.map((frame) => share(frame, ({ cb, cr }) => cb < 75 && cr > 150));
    expect(Math.max(...orange)).toBeGreaterThan(2 * (orange[0] ?? 1) + 0.0005);
  });

  it('hides who stands under it from the model', async () => {
    const masks = [
      {
        points: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
        style: 'pixelate',
      },
    ]; // prettier-ignore
    const { code, lines } = await runLookout({ args: ['run'], config: camera({ masks }) });
    expect(code).toBe(0);
    expect(lines.some(({ msg }) => msg === 'person seen: event started')).toBe(false);
  });
});

/** Share of the chroma samples that are so. */
function share(frame: Uint8Array, isSo: (colour: { cb: number; cr: number }) => boolean): number {
  const luma = SIZE.widthPx * SIZE.heightPx;
  const samples = luma / 4;
  let count = 0;
  for (let i = 0; i < samples; i += 1) if (isSo({ cb: frame[luma + i]!, cr: frame[luma + samples + i]! })) count += 1;
  return count / samples;
}
