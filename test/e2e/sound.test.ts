/** The page with clips that have sound, and with one that has none. The page must be built: `npm run build`. */
import { existsSync } from 'node:fs';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HlsClip } from '../media/fmp4/hls-clip.ts';
import { addEvent, ID, openHouse } from '../server/house.ts';
import { View } from './browser.ts';
import { until } from './feed.ts';

const WEB_DIR = join(import.meta.dirname, '..', '..', 'dist', 'web');

const PICTURE = join(import.meta.dirname, '..', '..', 'web', 'screenshots', 'page.webp');

interface Video {
  readonly ended: boolean;
  readonly muted: boolean;
  readonly webkitAudioDecodedByteCount: number;
}

/** Plays the clip on the page to its end. */
async function play(make: (clip: HlsClip) => Promise<void>, look: (view: View) => Promise<void>): Promise<void> {
  await using clip = await HlsClip.open();
  await make(clip);
  await using house = await openHouse({ webDir: WEB_DIR });
  const folder = await addEvent(house, 'ready', { event: { durationMs: 4000, preRollMs: 1000 } });
  for (const name of await readdir(clip.folder)) await copyFile(join(clip.folder, name), join(folder, name));
  await writeFile(join(folder, 'index.m3u8'), clip.playlist);
  await copyFile(PICTURE, join(folder, 'snapshot.jpg'));
  await using view = await View.open();
  await view.page.goto(`${house.url}/#/events/${ID}`);
  // An event that the address names plays by itself.
  await until(async () => (await videoOf(view)).ended, { what: 'the end of the clip' });
  await look(view);
  // This house has no answer to “why?”.
  expect(view.troubles.filter((trouble) => !/\/why\?|status of 404/.test(trouble))).toEqual([]);
}

async function videoOf({ page }: View): Promise<Video> {
  return await page.getByTestId('player-video').evaluate((element) => {
    const { ended, muted, webkitAudioDecodedByteCount } = element as unknown as Video;
    return { ended, muted, webkitAudioDecodedByteCount };
  });
}

describe.skipIf(!existsSync(join(WEB_DIR, 'index.html')))('a clip with sound on the page', () => {
  it.each<[string, (clip: HlsClip) => Promise<void>]>([
    ['as the encoder writes it', async (clip) => await clip.encode({ seconds: 4, withAudio: true })],
    ['a fragment per picture', async (clip) => await clip.encodePackets({ seconds: 4, withAudio: true })],
  ])('plays, muted until somebody asks for the sound: %s', async (_, make) => {
    await play(make, async (view) => {
      const before = await videoOf(view);
      expect(before.muted).toBe(true);
      expect(before.webkitAudioDecodedByteCount).toBeGreaterThan(1000);
      await view.page.getByTestId('sound-toggle').click();
      expect((await videoOf(view)).muted).toBe(false);
      await view.page.keyboard.press('m');
      expect((await videoOf(view)).muted).toBe(true);
    });
  });

  it('has no button for sound where there is none', async () => {
    await play(
      async (clip) => await clip.encode({ seconds: 4 }),
      async (view) => expect(await view.page.getByTestId('sound-toggle').count()).toBe(0),
    );
  });
});
