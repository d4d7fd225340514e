/** The page at an address that holds user and password, and whatever it asks for in vain: never in a hurry. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';

const auth = { user: 'me', password: 'correct horse' };
const OPEN = '[data-testid="connection-state"][data-state="open"]';
const LOST = '[data-testid="connection-state"][data-state="lost"]';
const TRIES_MS = 10_000;
/** at 0, 1, 3 and 7 s */
const MAX_TRIES = 5;

let clips: Clips;
let lookout: Lookout;
beforeAll(async () => {
  clips = await cutClips();
  const event = { preRollMs: 1000, postRollMs: 1000 };
  const cameras = [{ name: 'gate', input: clips.brief, loop: true, event }];
  lookout = await Lookout.start({ args: ['run'], config: { cameras, http: { auth } } });
  await lookout.line('the clip is complete');
});
afterAll(async () => {
  await lookout[Symbol.asyncDispose]();
  await clips[Symbol.asyncDispose]();
});

const addressWith = (credentials: string, rest = '/'): string => lookout.url.replace('://', `://${credentials}@`) + rest;

/** Counts what the page asks for at this path. */
function counted({ page }: View, path: string): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.url().includes(path)) count += 1;
  });
  return () => count;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function playsAClip({ page }: View): Promise<void> {
  await page.locator('[data-testid="event-card"][data-state="ready"]').first().click();
  const video = page.getByTestId('player-video');
  await until(async () => await video.evaluate((element: { currentTime: number }) => element.currentTime > 0.5), {
    what: 'a clip that plays',
  });
}

describe('an address with user and password', () => {
  it('logs in and is cleaned, and the page works', async () => {
    await using view = await View.open();
    const streams = counted(view, '/api/v1/stream');
    await view.page.goto(addressWith('me:correct%20horse', '/?from=there#/why/gate'));
    await view.page.waitForFunction('new URL(document.URL).username === ""');
    await view.page.locator(OPEN).waitFor();
    expect(await view.page.evaluate('document.URL')).toBe(`${lookout.url}/?from=there#/why/gate`);
    await pause(3000);
    // The page that is left at once may have begun with one.
    expect(streams()).toBeLessThanOrEqual(2);
    await view.page.goto(`${lookout.url}/`);
    await playsAClip(view);
    expect((await view.noted()).violations).toEqual([]);
  });

  it('works where a browser does not let it be cleaned', async () => {
    await using view = await View.open();
    await view.page.addInitScript('sessionStorage.setItem("lookout.address", "cleaned")');
    const streams = counted(view, '/api/v1/stream');
    await view.page.goto(addressWith('me:correct%20horse'));
    await view.page.locator(OPEN).waitFor();
    await playsAClip(view);
    expect(await view.page.evaluate('new URL(document.URL).username')).toBe('me');
    expect(await view.page.locator('[data-testid="camera-card"][data-camera="gate"]').count()).toBe(1);
    expect(streams()).toBe(1);
  });
});

describe('a page that asks in vain', () => {
  it.each<[string, string, 'abort' | { status: number; contentType: string; body: string }]>([
    ['health that never comes', '**/api/v1/health', 'abort'],
    ['a stream that is refused', '**/api/v1/stream', { status: 502, contentType: 'text/html', body: 'Bad gateway' }],
    ['a stream that ends as it begins', '**/api/v1/stream', { status: 200, contentType: 'text/event-stream', body: ':\n\n' }],
  ])('waits longer each time: %s', async (_name, pattern, answer) => {
    await using view = await View.open();
    await view.page.route(pattern, async (route) => await (answer === 'abort' ? route.abort() : route.fulfill(answer)));
    const [streams, events] = [counted(view, '/api/v1/stream'), counted(view, '/api/v1/events?')];
    await view.page.goto(addressWith('me:correct%20horse'));
    await view.page.locator(LOST).waitFor();
    const before = streams();
    await pause(TRIES_MS);
    expect(streams() - before).toBeGreaterThanOrEqual(2);
    expect(streams() - before).toBeLessThan(MAX_TRIES);
    expect(events()).toBeLessThanOrEqual(streams());
  });
});
