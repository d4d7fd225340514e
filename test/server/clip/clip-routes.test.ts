import { setTimeout as delay } from 'node:timers/promises';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addEvent, facts, type House, ID, openHouse, rawRequest, TestClip, until } from '../house.ts';

const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:1.0,\n00000.m4s\n';
const FILES = { 'init.mp4': 'init', '00000.m4s': '0123456789', '00001.m4s': 'torn', 'index.m3u8': `${PLAYLIST}#EXT-X-ENDLIST\n` };

let house: House;
const at = (name: string): string => `${house.url}/events/${ID}/${name}`;

beforeEach(async () => {
  house = await openHouse({ holdMs: 300 });
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
});

async function openClip(): Promise<TestClip> {
  const clip = new TestClip(await addEvent(house, 'open', { files: FILES }));
  house.store.attach(ID, clip);
  return clip;
}

describe('playlist', () => {
  it('is held until the first segment can be played', async () => {
    const clip = await openClip();
    const answer = fetch(at('index.m3u8'));
    await until(() => clip.waiting === 1);
    clip.play(PLAYLIST);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(PLAYLIST);
  });

  it('is 503 with Retry-After when the first segment takes too long, and 200 afterwards', async () => {
    const clip = await openClip();
    const response = await fetch(at('index.m3u8'));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(clip.waiting).toBe(0);
    clip.play(PLAYLIST);
    expect((await fetch(at('index.m3u8'))).status).toBe(200);
  });

  it('is held from the alert on, before a recorder has the event', async () => {
    const clip = new TestClip(await addEvent(house, 'open', { files: FILES }));
    const answer = fetch(at('index.m3u8'));
    await delay(50);
    house.store.attach(ID, clip);
    clip.play(PLAYLIST);
    expect((await answer).status).toBe(200);
  });

  it('is 410 at once when the event will have no clip, also for those who wait already', async () => {
    await addEvent(house, 'open');
    const answer = fetch(at('index.m3u8'));
    await delay(50);
    house.store.attachNone(ID);
    expect((await answer).status).toBe(410);
    expect((await fetch(at('index.m3u8'))).status).toBe(410);
    expect(await (await fetch(at('detections.json'))).json()).toEqual([]);
  });

  it('is 503 when no recorder takes the event in time', async () => {
    await addEvent(house, 'open');
    expect((await fetch(at('index.m3u8'))).status).toBe(503);
  });

  it('is 410 when the clip fails while it is waited for, and after the event failed', async () => {
    const clip = await openClip();
    const answer = fetch(at('index.m3u8'));
    await until(() => clip.waiting === 1);
    clip.fail();
    expect((await answer).status).toBe(410);
    await house.store.save(facts('failed', { reason: 'disk full' }));
    expect((await fetch(at('index.m3u8'))).status).toBe(410);
  });

  it('of an event that failed later than its first segments can still be watched', async () => {
    const folder = await addEvent(house, 'open');
    await writeFile(join(folder, 'index.m3u8'), PLAYLIST);
    const files = [{ name: 'index.m3u8', bytes: PLAYLIST.length, sha256: 'ab', startMs: 0, durationMs: 0 }];
    await house.store.save(facts('failed', { reason: 'disk full', files }));
    const answer = await fetch(at('index.m3u8'));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(PLAYLIST);
  });

  it('stops waiting when the viewer leaves', async () => {
    const clip = await openClip();
    const leave = new AbortController();
    const answer = fetch(at('index.m3u8'), { signal: leave.signal });
    await until(() => clip.waiting === 1);
    leave.abort();
    await expect(answer).rejects.toThrow();
    await until(() => clip.waiting === 0);
  });

  it('comes from the folder once the event is closed, from the same address', async () => {
    await addEvent(house, 'ready', { files: FILES });
    const response = await fetch(at('index.m3u8'));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('#EXT-X-ENDLIST');
  });

  it('is 410 when the files of a closed event are gone', async () => {
    await rm(await addEvent(house, 'ready'), { recursive: true });
    expect((await fetch(at('index.m3u8'))).status).toBe(410);
  });
});

describe('segment', () => {
  it('is video/mp4, immutable, and answers Range, HEAD and conditional requests', async () => {
    await addEvent(house, 'ready', { files: FILES });
    const whole = await fetch(at('00000.m4s'));
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    expect(whole.headers.get('cache-control')).toContain('immutable');
    expect(await whole.text()).toBe('0123456789');

    const part = await fetch(at('00000.m4s'), { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);

    const beyond = await fetch(at('00000.m4s'), { headers: { range: 'bytes=99-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect(beyond.headers.get('content-type')).toContain('application/problem+json');
    expect(beyond.headers.get('cache-control')).toBe('no-store');

    const head = await fetch(at('init.mp4'), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '4', '']);

    // fetch would add Cache-Control: no-cache, which asks for the whole file.
    const headers = { 'if-none-match': whole.headers.get('etag') ?? '' };
    const again = await rawRequest(house.url, { path: `/events/${ID}/00000.m4s`, headers });
    expect(again.status).toBe(304);
  });

  it('of an open clip is sent only once the playlist lists it', async () => {
    const clip = await openClip();
    expect((await fetch(at('00000.m4s'))).status).toBe(404);
    clip.play(PLAYLIST);
    expect((await fetch(at('00000.m4s'))).status).toBe(200);
    expect((await fetch(at('init.mp4'))).status).toBe(200);
    const unlisted = await fetch(at('00001.m4s'));
    expect([unlisted.status, unlisted.headers.get('cache-control')]).toEqual([404, 'no-store']);
  });
});

describe('an event', () => {
  it('is looked up once for each request', async () => {
    await addEvent(house, 'ready', { files: FILES });
    const lookUp = vi.spyOn(house.store, 'event');
    for (const name of ['index.m3u8', 'manifest.mpd', 'clip.mp4', 'thumb.webp', 'detections.json', '00000.m4s']) {
      await (await fetch(at(name))).arrayBuffer();
      expect([name, lookUp.mock.calls.length]).toEqual([name, 1]);
      lookUp.mockClear();
    }
  });
});

describe('pictures', () => {
  it('are revalidated while the event is open and immutable afterwards', async () => {
    await addEvent(house, 'open', { files: { 'snapshot.jpg': 'plain', 'snapshot-boxes.jpg': 'boxes', 'thumb.webp': 'thumb' } });
    const open = await fetch(at('snapshot.jpg'));
    expect([open.headers.get('cache-control'), open.headers.get('content-type')]).toEqual(['no-cache', 'image/jpeg']);
    expect(await open.text()).toBe('plain');
    await addEvent(house, 'ready');
    const closed = await fetch(at('snapshot.jpg?boxes'));
    expect(closed.headers.get('cache-control')).toContain('immutable');
    expect(await closed.text()).toBe('boxes');
    expect(await (await fetch(at('snapshot.jpg?boxes=0'))).text()).toBe('plain');
    expect((await fetch(at('thumb.webp'))).headers.get('content-type')).toBe('image/webp');
  });

  it('are 404 while there are none', async () => {
    await addEvent(house, 'open');
    expect((await fetch(at('snapshot.jpg'))).status).toBe(404);
  });
});

describe('detections.json', () => {
  const line = { ptsMs: 0, tracks: [{ id: 1, label: 'person', score: 0.6, box: { x: 0, y: 0, w: 1, h: 1 } }], rejected: [] };

  it('comes from memory while the event is open', async () => {
    const clip = await openClip();
    expect(await (await fetch(at('detections.json'))).json()).toEqual([]);
    clip.boxes = [line];
    expect(await (await fetch(at('detections.json'))).json()).toEqual([line]);
  });

  it('is the file as an array afterwards, without a line that a crash tore', async () => {
    const text = JSON.stringify(line);
    await addEvent(house, 'ready', { files: { 'detections.jsonl': `${text}\n${text}\n${text.slice(0, 40)}` } });
    const response = await fetch(at('detections.json'));
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual([line, line]);
    const head = await fetch(at('detections.json'), { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is empty where no line was written', async () => {
    await addEvent(house, 'ready');
    expect(await (await fetch(at('detections.json'))).json()).toEqual([]);
  });
});

describe('paths', () => {
  it('that try to leave the event find nothing', async () => {
    await addEvent(house, 'ready', { files: { ...FILES, '.hidden.m4s': 'x' } });
    const tries = [
      `/events/${ID}/event.json`,
      `/events/${ID}/..%2fevent.json`,
      `/events/${ID}/%2e%2e/%2e%2e/event.json`,
      `/events/${ID}/../../../../lookout.lock`,
      `/events/${ID}/..%5c..%5cevent.json`,
      `/events/${ID}/%2fetc%2fpasswd`,
      `/events//etc/passwd`,
      `/events/../data/lookout.lock`,
      `/events/..%2f..%2fetc/passwd`,
      `/events/${ID}/.hidden.m4s`,
      `/events/${ID}/00000.m4s%00.jpg`,
      `/events/${ID}/00000.m4s/`,
      `/EVENTS/${ID}/00000.m4s`,
      `/events/${ID.toLowerCase()}/00000.m4s`,
      `/events/__proto__/index.m3u8`,
    ];
    for (const path of tries) {
      const answer = await rawRequest(house.url, { path });
      expect([path, answer.status, answer.headers['content-type']]).toEqual([path, 404, 'application/problem+json']);
    }
    const malformed = await rawRequest(house.url, { path: `/events/${ID}/%zz.m4s` });
    expect([malformed.status, malformed.headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(malformed.body).not.toContain('node_modules');
  });

  it('that are links are refused, wherever they lead', async () => {
    const folder = await addEvent(house, 'ready', { files: FILES });
    await writeFile(join(house.dir, 'secret.m4s'), 'secret');
    await mkdir(join(folder, '00008.m4s'));
    await symlink(join(house.dir, 'secret.m4s'), join(folder, '00007.m4s'));
    await symlink(join(folder, 'event.json'), join(folder, '00006.m4s'));
    await symlink('/etc/passwd', join(folder, 'snapshot.jpg'));
    await symlink('/etc/passwd', join(folder, 'detections.jsonl'));
    for (const name of ['00006.m4s', '00007.m4s', '00008.m4s', 'snapshot.jpg']) {
      expect([name, (await fetch(at(name))).status]).toEqual([name, 404]);
    }
    expect(await (await fetch(at('detections.json'))).json()).toEqual([]);
    await rm(join(folder, 'index.m3u8'));
    await symlink('/etc/passwd', join(folder, 'index.m3u8'));
    expect((await fetch(at('index.m3u8'))).status).toBe(410);
  });
});
