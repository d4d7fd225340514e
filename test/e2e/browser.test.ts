/** The page against the real server: a person walks in while it is open. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { type Clips, cutClips, probe } from './media.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

const PRE_ROLL_MS = 3000;

describe('the page', () => {
  it('shows a visit as it begins, plays it from its pre-roll with boxes, and goes from live to recorded without reload', async () => {
    const event = { preRollMs: PRE_ROLL_MS, postRollMs: 2500 };
    // The browser takes its time to start; nobody may have walked in by then.
    await using view = await View.open();
    const { page } = view;
    await using lookout = await Lookout.start({
      args: ['run'],
      config: { cameras: [{ name: 'yard', input: clips.visit, event }] },
    });
    // Health is 503 until the camera is there, and Chromium reports that on the console.
    await lookout.line('camera online');
    await page.goto(lookout.url);
    await page.locator('[data-testid="connection-state"][data-state="open"]').waitFor();
    await page.locator('[data-testid="camera-card"][data-camera="yard"][data-state="online"]').waitFor();
    expect(await page.getByTestId('event-card').count()).toBe(0);
    await view.screenshot('1-waiting');

    const card = page.getByTestId('event-card');
    await card.waitFor();
    await card.getByTestId('live-badge').waitFor();
    await card.click();
    const video = page.getByTestId('player-video');
    await video.waitFor();
    await until(async () => (await view.noted()).boxes.pixels > 0, { what: 'boxes over the picture' });
    await view.screenshot('2-live');
    const atSeconds = await video.evaluate((element: { currentTime: number }) => element.currentTime);
    expect(atSeconds).toBeGreaterThan(2);
    expect(await card.count()).toBe(1);

    await page.locator('[data-testid="event-state"][data-state="ready"]').waitFor();
    await until(async () => await video.evaluate((element: { ended: boolean }) => element.ended), {
      what: 'the end of the clip',
    });
    await view.screenshot('3-ended');
    expect(await page.getByTestId('live-badge').count()).toBe(0);

    const { times, states, violations, boxes } = await view.noted();
    expect(times[0], 'it starts with the pre-roll').toBeLessThan(1);
    expect(times.at(-1)).toBeGreaterThan(PRE_ROLL_MS / 1000 + 3);
    expect(states.filter((state) => state !== 'finishing')).toEqual(['live', 'ready']);
    expect(boxes.count).toBeGreaterThanOrEqual(1);
    expect(violations).toEqual([]);
    expect(view.troubles).toEqual([]);
    await page.getByTestId('boxes-toggle').click();
    await page.locator('[data-testid="boxes"][data-boxes="0"]').waitFor({ state: 'attached' });
  });

  it('shows what happened before it was opened, also on a phone in daylight', async () => {
    const event = { preRollMs: 1000, postRollMs: 1000 };
    const cameras = [{ name: 'gate', input: clips.brief, loop: true, event }];
    await using lookout = await Lookout.start({ args: ['run'], config: { cameras } });
    await lookout.line('the clip is complete');
    await using view = await View.open({ widthPx: 390, heightPx: 844, colorScheme: 'light' });
    const { page } = view;
    await page.goto(lookout.url);
    const card = page.locator('[data-testid="event-card"][data-state="ready"]').first();
    await card.waitFor();
    await view.screenshot('4-phone-list');
    await card.click();
    const video = page.getByTestId('player-video');
    await until(async () => await video.evaluate((element: { ended: boolean }) => element.ended), {
      what: 'the end of the clip',
    });
    await view.screenshot('5-phone-event');
    // Nothing sticks out sideways.
    const overflowPx = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflowPx).toBe(0);
    const rowPx = await page.evaluate<number>('document.querySelector(".controls").offsetHeight');
    expect(rowPx, 'the buttons stand in one row').toBeLessThan(60);
    // The download is the clip of this very event, under a name that says when and where.
    const download = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
    expect(download[0].suggestedFilename()).toMatch(/^gate-\d{4}-\d\d-\d\d-\d{6}\.mp4$/);
    expect((await probe(await download[0].path())).frames).toBeGreaterThan(20);
    expect((await view.noted()).times[0]).toBeLessThan(1);
    expect(view.troubles).toEqual([]);
    expect((await view.noted()).violations).toEqual([]);
  });
});
