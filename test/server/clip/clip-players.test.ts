/**
 * Clips in real players: Chromium's own for clip.mp4, and the manifest in ffmpeg's DASH demuxer and in dash.js. dash.js is too
 * large (126 MB) to be a dependency: `LOOKOUT_DASHJS=…/dash.all.min.js` names one, without it those tests are skipped.
 */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { View } from '../../e2e/browser.ts';
import { until } from '../../e2e/feed.ts';
import { playlistHeader, playlistText } from '../../../src/media/hls-playlist.ts';
import { decodedHashes, HlsClip } from '../../media/fmp4/hls-clip.ts';
import { addEvent, type House, ID, openHouse, TestClip } from '../house.ts';

const DASH_JS = process.env['LOOKOUT_DASHJS'];

const clips = new Map<string, HlsClip>();
beforeAll(async () => {
  for (const name of ['silent', 'sound', 'packets', 'parts', 'others']) clips.set(name, await HlsClip.open());
  await clips.get('silent')!.encode({ seconds: 4 });
  await clips.get('sound')!.encode({ seconds: 4, withAudio: true });
  await clips.get('packets')!.encodePackets({ seconds: 4, withAudio: true });
  const [parts, others] = [clips.get('parts')!, clips.get('others')!];
  for (const clip of [parts, others]) await clip.encode({ seconds: 2 });
  const second = { seconds: 2, firstSegment: 2, offsetS: 2, initName: 'init-1.mp4' };
  await parts.encode(second);
  await others.encode({ ...second, encoder: ['-bf', '0', '-coder', 'vlc', '-x264-params', 'ref=1:8x8dct=0'] });
});
afterAll(async () => {
  for (const clip of clips.values()) await clip[Symbol.asyncDispose]();
});

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => await house[Symbol.asyncDispose]());

async function serve(name: string, state: 'open' | 'ready' = 'ready'): Promise<HlsClip> {
  const clip = clips.get(name)!;
  const folder = await addEvent(house, state);
  for (const file of await readdir(clip.folder)) await copyFile(join(clip.folder, file), join(folder, file));
  await writeFile(join(folder, 'index.m3u8'), clip.playlist);
  if (state === 'open') {
    const open = new TestClip(folder);
    house.store.attach(ID, open);
    open.play(clip.playlist.replace('#EXT-X-ENDLIST\n', ''));
  }
  return clip;
}

/** A page of the server's own origin that holds a player. */
async function page(script: string): Promise<void> {
  await mkdir(house.webDir);
  const scripts = script.includes('dashjs') ? ['dash.js', 'play.js'] : ['play.js'];
  if (DASH_JS !== undefined) await copyFile(DASH_JS, join(house.webDir, 'dash.js'));
  const tags = scripts.map((name) => `<script src="${name}"></script>`).join('');
  await writeFile(join(house.webDir, 'index.html'), `<!doctype html><video muted playsinline></video>${tags}`);
  await writeFile(join(house.webDir, 'play.js'), `globalThis.video = document.querySelector('video');\n${script}`);
}

const at = (file: string): string => `${house.url}/events/${ID}/${file}`;

async function ended(view: View): Promise<{ seconds: number; duration: number; error: string | undefined }> {
  await until(async () => await view.page.evaluate<boolean>('video.ended || video.error !== null'), {
    what: 'the end of the clip',
  });
  return await view.page.evaluate('({ seconds: video.currentTime, duration: video.duration, error: video.error?.message })');
}

describe('clip.mp4 in Chromium', () => {
  // Of several descriptions in one file Chromium knows the first only; those clips play as HLS and DASH, and in ffmpeg.
  it.each(['silent', 'sound', 'packets', 'parts'])('plays to its end and seeks: %s', async (name) => {
    await serve(name);
    await page(`video.src = ${JSON.stringify(at('clip.mp4'))}; video.playbackRate = 4; video.play();`);
    await using view = await View.open();
    await view.page.goto(house.url);
    const { seconds, duration, error } = await ended(view);
    expect([error, Math.abs(duration - 4) < 0.1, Math.abs(seconds - duration) < 0.15]).toEqual([undefined, true, true]);
    for (const second of [3.05, 0.05, 2.5]) {
      await view.page.evaluate(`new Promise((done) => {
        video.addEventListener('seeked', done, { once: true });
        video.currentTime = ${second};
      })`);
      const got = await view.page.evaluate('[video.currentTime, video.readyState, video.error]');
      expect(got).toEqual([second, expect.any(Number), null]);
    }
  });
});

describe('manifest.mpd', () => {
  it('is a manifest of its own type that says what the clip is', async () => {
    await serve('sound');
    const answer = await fetch(at('manifest.mpd'));
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/dash+xml',
      'no-store',
    ]);
    const text = await answer.text();
    expect(text).toContain('type="static" mediaPresentationDuration="PT4.0');
    expect(text).toMatch(/codecs="avc1\.6400[0-9a-f]{2}"/);
    expect(text).toContain('codecs="mp4a.40.2"');
    expect(text).toContain('width="160" height="90"');
  });

  it.each(['silent', 'sound', 'packets'])('decodes in ffmpeg to the pictures of the segments: %s', async (name) => {
    const clip = await serve(name);
    const own = await decodedHashes(await clip.part('init.mp4'));
    expect(await decodedHashes(at('manifest.mpd'))).toEqual(own);
    if (name === 'silent') return;
    const sound = await decodedHashes(await clip.part('init.mp4'), 'a');
    expect((await decodedHashes(at('manifest.mpd'), 'a')).length).toBe(sound.length);
  });

  it('has a period for each part', async () => {
    await serve('others');
    const text = await (await fetch(at('manifest.mpd'))).text();
    expect(text.match(/<Period /g)).toHaveLength(2);
    expect(text).toContain('start="PT2.000S" duration="PT2.000S"');
    expect(text).toContain('initialization="init-1.mp4" media="$Number%05d$.m4s" startNumber="2"');
  });

  it('is dynamic while the event is open', async () => {
    await serve('silent', 'open');
    const text = await (await fetch(at('manifest.mpd'))).text();
    expect(text).toContain('type="dynamic" availabilityStartTime="2026-11-20T14:02:00.000Z"');
    expect(text).not.toContain('mediaPresentationDuration');
  });

  it.skipIf(DASH_JS === undefined).each(['silent', 'sound', 'packets', 'parts', 'others'])(
    'plays to its end in dash.js: %s',
    async (name) => {
      await serve(name);
      const url = JSON.stringify(at('manifest.mpd'));
      await page(`globalThis.player = dashjs.MediaPlayer().create();
        player.initialize(video, ${url}, true); video.playbackRate = 2;`);
      await using view = await View.open();
      await view.page.goto(house.url);
      const { seconds, error } = await ended(view);
      expect([error, Math.abs(seconds - 4) < 0.2]).toEqual([undefined, true]);
    },
  );
});

describe('manifest.mpd of an open event', () => {
  it.skipIf(DASH_JS === undefined)('is followed by dash.js while it grows, to the end of the clip', async () => {
    const clip = clips.get('silent')!;
    const folder = await addEvent(house, 'open');
    for (const file of await readdir(clip.folder)) await copyFile(join(clip.folder, file), join(folder, file));
    const beganAtMs = Date.now() - 2500;
    const upTo = (count: number): string => {
      const segments = clip.segments.slice(0, count).map(({ name, initName, durationMs }, i) => {
        return { name, initName, durationMs, atMs: beganAtMs + i * 1000, isDiscontinuity: false };
      });
      return playlistText({ header: playlistHeader(1), segments, hasEnded: count > 3 });
    };
    const open = new TestClip(folder);
    house.store.attach(ID, open);
    open.play(upTo(2));
    await page(`globalThis.player = dashjs.MediaPlayer().create();
      player.initialize(video, ${JSON.stringify(at('manifest.mpd'))}, true);`);
    await using view = await View.open();
    await view.page.goto(house.url);
    await until(async () => await view.page.evaluate<boolean>('video.currentTime > 0.2'), { what: 'the clip to play' });
    open.play(upTo(3));
    await until(async () => await view.page.evaluate<boolean>('video.buffered.length > 0 && video.buffered.end(0) > 2.5'), {
      what: 'the third segment',
    });
    await writeFile(join(folder, 'index.m3u8'), upTo(4));
    open.play(upTo(4));
    await addEvent(house, 'ready');
    expect(await ended(view)).toMatchObject({ error: undefined });
  });
});

describe('a track of a segment', () => {
  it('is refused where there is none, and is an ordinary file otherwise', async () => {
    await serve('sound');
    expect((await fetch(at('init.mp4?track=9'))).status).toBe(409);
    const init = await fetch(at('init.mp4?track=2'));
    expect(init.headers.get('content-type')).toBe('video/mp4');
    const part = await fetch(at('00000.m4s?track=2'), { headers: { range: 'bytes=0-7' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 8]);
    const whole = await fetch(at('00000.m4s'));
    const file = await readFile(join(clips.get('sound')!.folder, '00000.m4s'));
    expect(Buffer.from(await whole.arrayBuffer()).equals(file)).toBe(true);
  });
});
