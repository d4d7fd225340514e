/** The page and the broker of cameras that cannot see: nobody is told that nobody is there. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { DEMO } from './media.ts';
import { Subscriber } from './mqtt.ts';

/** A camera that refuses every password. */
async function refusingCamera(): Promise<{ readonly input: string } & AsyncDisposable> {
  const server = createServer((_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    input: `http://admin:wrong-one@127.0.0.1:${port}/video`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** 7 s of film that end with somebody in view. */
async function cutMidVisit(): Promise<{ readonly film: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-blind-'));
  const film = join(folder, 'mid-visit.mp4');
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', '-ss', '3', '-i', DEMO, '-t', '7', '-an', film]);
  return { film, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }) };
}

describe('cameras that cannot see', () => {
  it('are named with the time since when, where the only one refuses its password', async () => {
    await using camera = await refusingCamera();
    await using view = await View.open();
    const { page } = view;
    await using lookout = await Lookout.start({ args: ['run'], config: { cameras: [{ name: 'cam', input: camera.input }] } });
    await page.goto(lookout.url);
    const summary = page.getByTestId('summary');
    await until(async () => /Cannot see: cam is offline since \d/.test((await summary.textContent()) ?? ''), {
      what: 'that the camera is blind',
    });
    await page.locator('.stage', { hasText: 'Cannot see: cam is offline since' }).waitFor();
    const text = (await page.locator('body').textContent()) ?? '';
    for (const claim of ['Nobody in view', 'Keeping watch', 'Nothing has happened', '0 in view'])
      expect(text).not.toContain(claim);
    expect(await page.title()).toBe('Cannot see · Lookout');
    await view.screenshot('6-blind');
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    expect((await subscriber.message('lookout/cam/person')).text).toBe('{"count":null,"total":0}');
    expect(await lookout.json('/api/v1/cameras')).toMatchObject({ cameras: [{ person: { count: null, total: 0 } }] });
  });

  it('do not leave somebody standing who was in view when they went away', async () => {
    await using camera = await refusingCamera();
    await using clip = await cutMidVisit();
    await using view = await View.open();
    const { page } = view;
    const cameras = [
      { name: 'cam', input: camera.input },
      { name: 'yard', input: clip.film },
    ];
    await using lookout = await Lookout.start({ args: ['run'], config: { cameras } });
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    await page.goto(lookout.url);
    const yard = page.locator('[data-testid="camera-card"][data-camera="yard"]');
    await page.locator('[data-camera="yard"][data-busy="true"]').waitFor();
    expect(await page.getByTestId('summary').textContent()).toMatch(/^1 person in view.*at yard, right now · Cannot see: cam is/);
    await subscriber.message('lookout/yard/person', ({ text }) => text === '{"count":1,"total":1}');
    await page.locator('[data-camera="yard"][data-state="offline"]').waitFor();
    expect(await yard.textContent()).toContain('Not known who is in view');
    await until(async () => (await page.title()).startsWith('Cannot see'), { what: 'a title without somebody in view' });
    expect(await page.getByTestId('summary').textContent()).toMatch(/^Cannot see: cam is .*, yard is offline since/);
    await subscriber.message('lookout/yard/status', ({ text }) => text.includes('the input ended'));
    await until(() => subscriber.texts('lookout/yard/person').at(-1) === '{"count":null,"total":1}', { what: 'no number' });
    await view.screenshot('7-gone-mid-visit');
  });

  it('are all of them, for a page whose recorder went away', async () => {
    await using camera = await refusingCamera();
    await using clip = await cutMidVisit();
    await using view = await View.open();
    const { page } = view;
    const cameras = [
      { name: 'cam', input: camera.input },
      { name: 'yard', input: clip.film, loop: true },
    ];
    await using lookout = await Lookout.start({ args: ['run'], config: { cameras } });
    await page.goto(lookout.url);
    await page.locator('[data-camera="yard"][data-busy="true"]').waitFor();
    await lookout.stop();
    await page.locator('[data-testid="connection-state"][data-state="lost"]').waitFor();
    expect(await page.getByTestId('summary').textContent()).toBe('Cannot seeWaiting for the recorder');
    expect(await page.locator('.cameras').textContent()).not.toMatch(/\d in view/);
    expect(await page.title()).toBe('Cannot see · Lookout');
  });
});
