/** Who has no mouse gets past the header and stays where they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { View } from './browser.ts';
import { Lookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

describe('the first stop of the Tab key', () => {
  it.each([1280, 390])('moves the focus to the content and leaves the address alone, %i pixels wide', async (widthPx) => {
    await using lookout = await Lookout.start({
      args: ['run'],
      config: { cameras: [{ name: 'gate', input: clips.brief, loop: true }] },
    });
    await using view = await View.open({ widthPx });
    const { page } = view;
    for (const hash of ['', '#/', '#/why/gate', '#/events/01KAGYZ0000000000000000001']) {
      await page.goto('about:blank');
      await page.goto(`${lookout.url}/${hash}`);
      await page.locator('.skip').waitFor({ state: 'attached' });
      const before = page.url();
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      expect(page.url()).toBe(before);
    }
  });
});
