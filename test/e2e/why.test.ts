/** "Why?" against a Lookout that runs: from the command line, and from the page in Chromium. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WhyAnswer } from '../../src/messages/why.ts';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout, runLookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

const EVENT = { preRollMs: 2000, postRollMs: 1500 };
const TOKEN = 'a-token-of-this-test-only';

/** What `lookout why` prints, and how it ends. */
async function why(...args: string[]): Promise<{ code: number | null; text: string; says: string }> {
  const { code, stdout, sentences } = await runLookout({
    args: ['why', ...args],
    config: false,
    env: { LOOKOUT_HTTP_TOKEN: TOKEN },
  });
  return { code, text: stdout.toString(), says: sentences.join('\n') };
}

describe('lookout why', () => {
  it('tells what a running Lookout decided, in a table and as JSON, and refuses in one sentence', async () => {
    const cameras = [{ name: 'yard', input: clips.quick, loop: true, event: EVENT }];
    const config = { cameras, http: { auth: { token: TOKEN } } };
    await using lookout = await Lookout.start({ args: ['run'], config });
    await lookout.line('event ended');
    const url = ['--url', lookout.url];

    const table = await why(...url, '--window', '60');
    expect(table.code).toBe(0);
    expect(table.text).toContain('minScore 0.3, startScore 0.4, 3 hits of 5');
    expect(table.text).toMatch(/person #1 +0\.\d\d +█+·* +unconfirmed +\d picture/);
    expect(table.text).toMatch(/person #1 +0\.\d\d +█+·* +hit +\d+ pictures/);
    expect(table.text).toMatch(/event opened/);
    expect(table.text).toMatch(/An event started at \d\d:\d\d:\d\d: person #\d+ had \d hits of the 3 needed/);

    const answer = JSON.parse((await why(...url, '--camera', 'yard', '--json', '--window', '60')).text) as WhyAnswer;
    expect(answer).toMatchObject({ camera: 'yard', rules: { minScore: 0.3, hits: 3 }, summary: expect.any(String) });
    const rules = new Set(
      answer.entries.flatMap((entry) => (entry.type === 'picture' ? entry.candidates : [])).map(({ rule }) => rule),
    );
    expect([...rules]).toEqual(expect.arrayContaining(['hit', 'unconfirmed', 'minScore']));

    const refusals = await Promise.all([why(...url, '--camera', 'gate'), why(...url, '--at', '2020-01-01T00:00:00Z')]);
    expect(refusals).toEqual([
      { code: 2, text: '', says: expect.stringContaining('There is no camera "gate"; there is yard') },
      { code: 2, text: '', says: expect.stringContaining('the why-log of yard begins at') },
    ]);
    const { code, sentences } = await runLookout({ args: ['why', ...url], config: false });
    expect({ code, says: sentences[0] }).toEqual({ code: 2, says: 'lookout: A password or a token is needed' });
  });

  it('says so where no Lookout runs', async () => {
    const { code, says } = await why('--url', 'http://127.0.0.1:9');
    expect(code).toBe(2);
    expect(says).toMatch(/^lookout: No Lookout answers at http:\/\/127\.0\.0\.1:9: /);
  });
});

describe('the page "Why?"', () => {
  it('is reached from a camera and from an event, and shows scores with the rules that decided', async () => {
    const cameras = [{ name: 'yard', input: clips.quick, loop: true, event: EVENT }];
    await using lookout = await Lookout.start({ args: ['run'], config: { cameras } });
    await lookout.line('the clip is complete');
    await using view = await View.open();
    const { page } = view;
    await page.goto(lookout.url);

    await page.getByTestId('why-link').click();
    await page.locator('[data-testid="why-page"][data-camera="yard"]').waitFor();
    await page.getByTestId('why-chart').waitFor();
    for (const rule of ['hit', 'unconfirmed', 'minScore'])
      await page.locator(`[data-testid="why-legend"] [data-rule="${rule}"]`).waitFor();
    await view.screenshot('why-now');

    await page.goto(`${lookout.url}/#/`);
    await page.locator('[data-testid="event-card"][data-state="ready"]').first().click();
    const line = page.getByTestId('why-line');
    await until(async () => (await line.textContent())?.includes('An event started at') ?? false, { what: 'why it started' });
    const video = page.getByTestId('player-video');
    await until(async () => (await video.evaluate((element: { currentTime: number }) => element.currentTime)) > 4, {
      what: 'the person halfway',
    });
    await view.screenshot('why-event');
    await line.getByRole('link').click();
    await page.getByTestId('why-said').getByRole('link').waitFor();
    const plot = page.getByTestId('why-chart');
    await plot.hover({ position: { x: 440, y: 100 } });
    expect(await page.getByTestId('why-pointed').textContent()).toMatch(/0\.\d\d person #1 hit/);
    await view.screenshot('why-then');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByTestId('why-said').waitFor();
    await view.screenshot('why-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await page.getByTestId('why-summary').textContent()).toContain('An event started at');

    await page.getByTestId('why-at').fill('2020-01-01T00:00:00');
    await page.getByTestId('why-problem').waitFor();
    expect(await page.getByTestId('why-problem').textContent()).toContain('the why-log of yard begins at');
    expect((await view.noted()).violations).toEqual([]);
    // The refusal above is one that the browser notes, too.
    expect(view.troubles.filter((trouble) => !trouble.includes('404'))).toEqual([]);
  });
});
