/** Annotated frames on stdout, into real programs. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import type { Box } from '../../src/messages/video.ts';
import { EVENT } from './fault-stories.ts';
import { listing, Lookout, runLookout } from './lookout.ts';
import { type Clips, cutClips, FPS, probe, rawFrames } from './media.ts';

const SIZE = { widthPx: 624, heightPx: 352 };
const FFMPEG = 'ffmpeg -v error -nostdin';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

function watching(input: string): { cameras: [{ input: string; event: typeof EVENT }] } {
  return { cameras: [{ input, event: EVENT }] };
}

describe.concurrent('frames on stdout', () => {
  it('y4m: a film with every frame of the source, and boxes where the people are', async () => {
    const film = join(clips.folder, 'out.mkv');
    await using lookout = await Lookout.start({
      args: ['run', '--stdout', 'y4m'],
      config: watching(clips.brief),
      into: `${FFMPEG} -y -i - -c:v ffv1 ${film}`,
    });
    expect(await lookout.exited).toMatchObject({ code: 0 });
    const { record, lines } = await onlyEvent(lookout);
    const clipStartMs = 1500 - (record.preRollMs ?? 0);
    const [source, drawn] = [await rawFrames(clips.brief, SIZE), await rawFrames(film, SIZE)];
    expect(drawn.length).toBe(clips.durationS.brief * FPS);
    const changed = drawn.map((frame, i) => [...frame.keys()].some((at) => differs(source[i]!, frame, at)));
    expect(changed.slice(0, FPS), 'nothing is drawn while nobody is there').not.toContain(true);
    expect(changed.filter(Boolean).length).toBeGreaterThan(FPS);
    // When the clip began is known to a few frames: the one that fits best is the one.
    const seen = lines.filter(({ tracks }) => tracks.length > 0);
    const { ptsMs, tracks } = seen[Math.floor(seen.length / 2)]!;
    const about = Math.round(((clipStartMs + ptsMs) / 1000) * FPS);
    const fits = drawn.slice(about - 5, about + 6).map((frame, i) => drawnShare(source[about - 5 + i]!, frame, tracks[0]!.box));
    expect(Math.max(...fits), 'share of the sides of the box that was drawn').toBeGreaterThan(0.9);
  });

  it('y4m, only during events: fewer frames, only those of open events', async () => {
    const film = join(clips.folder, 'event.mkv');
    const config = { cameras: [{ input: clips.brief, event: { preRollMs: 500, postRollMs: 500 } }] };
    const args = ['run', '--stdout', 'y4m', '--stdout-when', 'event'];
    const { code, lines } = await runLookout({ args, config, into: `${FFMPEG} -y -i - -c:v ffv1 ${film}` });
    expect(code).toBe(0);
    const { frames } = await probe(film);
    // A visit of 2 s and half a second after it, less what it takes to be sure.
    expect(frames).toBeGreaterThan(1 * FPS);
    expect(frames).toBeLessThan(3.2 * FPS);
    expect(lines.some(({ msg }) => msg === 'the clip is complete')).toBe(true);
  });

  it('y4m in and y4m out in one pipe: complete, and the camera keeps its place between two ffmpegs', async () => {
    const film = join(clips.folder, 'through.mkv');
    const { code, lines } = await runLookout({
      args: ['run', '-i', '-', '--stdout', 'y4m'],
      config: {},
      from: `${FFMPEG} -i ${clips.brief} -f yuv4mpegpipe -pix_fmt yuv420p -`,
      into: `${FFMPEG} -y -i - -c:v ffv1 ${film}`,
    });
    expect(code).toBe(0);
    expect((await probe(film)).frames).toBe(clips.durationS.brief * FPS);
    expect(lines.some(({ msg }) => msg === 'the clip is complete')).toBe(true);
  });

  it('rawvideo: the line that is printed reads it', async () => {
    const config = watching(clips.brief);
    const args = ['run', '--stdout', 'rawvideo'];
    const first = await runLookout({ args, config, into: 'head -c 100000 >/dev/null' });
    const line = first.lines.find(({ msg }) => msg === 'writing rawvideo frames to stdout');
    const read = String(line?.['read']);
    expect(read).toBe(`ffmpeg -f rawvideo -pixel_format bgr24 -video_size 624x352 -framerate ${FPS} -i - out.mp4`);
    const film = join(clips.folder, 'raw.mp4');
    const { code } = await runLookout({ args, config, into: read.replace('out.mp4', film).replace('ffmpeg', `${FFMPEG} -y`) });
    expect(code).toBe(0);
    expect((await probe(film)).frames).toBe(clips.durationS.brief * FPS);
  });

  it('a reader that has enough ends the run: one sentence, code 0, the open event is closed', async () => {
    // 3.2 s of film: the person is there by then.
    const bytes = 3.2 * FPS * ((SIZE.widthPx * SIZE.heightPx * 3) / 2);
    const config = { cameras: [{ input: clips.brief, loop: true, event: EVENT }] };
    const { code, lines, sentences } = await runLookout({
      args: ['run', '--stdout', 'y4m'],
      config,
      into: `head -c ${Math.round(bytes)} >/dev/null`,
    });
    expect(code).toBe(0);
    const warnings = lines.filter(({ level }) => level >= 40);
    expect(warnings.map(({ msg }) => msg)).toEqual(['stopping: nobody reads the frames on stdout']);
    expect(sentences).toEqual([]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'event ended', reason: 'stopped' }) as unknown);
    expect(lines.map(({ msg }) => msg)).toContain('the clip is complete');
  });

  it('a terminal is refused: frames would only garble it', async ({ skip }) => {
    const hasScript = await access('/usr/bin/script').then(
      () => true,
      () => false,
    );
    if (!hasScript) skip('needs script(1) of bsdutils');
    const { code, stdout } = await runLookout({
      args: ['run', '-i', clips.brief, '--stdout', 'y4m'],
      config: {},
      inTerminal: true,
    });
    expect(code).toBe(2);
    expect(stdout.toString()).toContain('lookout: Frames would go to the terminal');
    expect(stdout.toString()).toContain('pipe them into a program');
  });
});

async function onlyEvent({ dataDir }: Lookout): Promise<{ record: EventRecord; lines: TrackLine[] }> {
  const path = (await listing(dataDir)).find((name) => name.endsWith('event.json')) ?? '';
  const record = JSON.parse(await readFile(join(dataDir, path), 'utf8')) as EventRecord;
  const text = await readFile(join(dataDir, path, '..', 'detections.jsonl'), 'utf8');
  return {
    record,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TrackLine),
  };
}

function differs(source: Buffer, drawn: Buffer, at: number): boolean {
  return Math.abs(source[at]! - drawn[at]!) > 8;
}

/** How much of the left and right side of this box is there: the picture differs from its source, in light or in colour. */
function drawnShare(source: Buffer, drawn: Buffer, { x, y, w, h }: Box): number {
  const { widthPx, heightPx } = SIZE;
  const [lumas, chromas, chromaWidthPx] = [widthPx * heightPx, (widthPx * heightPx) / 4, widthPx / 2];
  const isDrawn = (atX: number, atY: number): boolean => {
    const chroma = lumas + (atY >> 1) * chromaWidthPx + (atX >> 1);
    return [atY * widthPx + atX, chroma, chroma + chromas].some((at) => differs(source, drawn, at));
  };
  const rows = Array.from({ length: Math.floor(h * heightPx) - 4 }, (_, i) => Math.round(y * heightPx) + 2 + i);
  const left = Math.max(0, Math.round(x * widthPx));
  const right = Math.min(widthPx - 1, Math.round((x + w) * widthPx) - 1);
  const points = [left, right].flatMap((atX) => rows.map((atY) => isDrawn(atX, atY)));
  return points.filter(Boolean).length / points.length;
}
