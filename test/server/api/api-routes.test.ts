import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EventView } from '../../../src/messages/event.ts';
import { addEvent, CAMERA, ID, openHouse, rawRequest } from '../house.ts';

interface Page {
  readonly events: EventView[];
  readonly next?: string;
}

const ids = (page: Page): string[] => page.events.map(({ id }) => id);
const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;

const broken = (): never => {
  throw new Error('secret detail /home/me');
};

describe('GET /api/v1/events', () => {
  it('lists newest first, page by page, by camera and time', async () => {
    await using house = await openHouse();
    for (let n = 0; n < 5; n += 1) {
      const startedAt = new Date(Date.UTC(2026, 10, 20, 10, n)).toISOString();
      await addEvent(house, 'ready', { event: { id: idOf(n), startedAt, camera: n % 2 ? 'back' : 'front' } });
    }
    const get = async (query: string): Promise<Page> =>
      (await fetch(`${house.url}/api/v1/events?${query}`)).json() as Promise<Page>;

    const first = await get('limit=2');
    expect(ids(first)).toEqual([idOf(4), idOf(3)]);
    const second = await get(`limit=2&cursor=${first.next}`);
    expect(ids(second)).toEqual([idOf(2), idOf(1)]);
    const third = await get(`limit=2&cursor=${second.next}`);
    expect([ids(third), third.next]).toEqual([[idOf(0)], undefined]);

    expect(ids(await get('camera=back'))).toEqual([idOf(3), idOf(1)]);
    expect(ids(await get('from=2026-11-20T10:01:00Z&to=2026-11-20T10:03:00Z'))).toEqual([idOf(2), idOf(1)]);
    expect(ids(await get(`from=${Date.UTC(2026, 10, 20, 10, 4)}`))).toEqual([idOf(4)]);
    expect(ids(await get('from=2026-11-20T11:04:00+01:00'))).toEqual([idOf(4)]);
    expect((await get('camera=nobody')).events).toEqual([]);
  });

  it.each([
    ['limit=201', 'limit'],
    ['limit=0', 'limit'],
    ['limit=x', 'limit'],
    ['from=yesterday', 'from'],
    ['camera=../x', 'camera'],
    ['cursor=%00', 'cursor'],
    ['cursor=nonsense', 'cursor'],
    ['camera=a&camera=b', 'camera'],
    ['colour=red', 'colour'],
  ])('refuses %s and says which key', async (query, key) => {
    await using house = await openHouse();
    const response = await fetch(`${house.url}/api/v1/events?${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as { status: number; title: string; detail: string };
    expect(problem).toMatchObject({ type: 'about:blank', status: 400, title: 'Bad Request' });
    expect(problem.detail).toContain(key);
  });

  it('gives one event by id, and 404 for another', async () => {
    await using house = await openHouse();
    await addEvent(house, 'ready');
    const response = await fetch(`${house.url}/api/v1/events/${ID}`);
    expect(await response.json()).toMatchObject({
      id: ID,
      type: 'ready',
      schema: 2,
      at: '2026-11-20T10:00:01.000Z',
      urls: { clip: `${house.url}/events/${ID}/clip.mp4` },
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${house.url}/api/v1/events/${idOf(9)}`)).status).toBe(404);
  });
});

describe('changing an event', () => {
  const PATH = `/api/v1/events/${ID}`;

  it('protects it and takes that back, as often as asked, and everybody sees it', async () => {
    await using house = await openHouse();
    await addEvent(house, 'ready');
    for (const [method, isProtected] of [
      ['PUT', true],
      ['PUT', true],
      ['DELETE', undefined],
      ['DELETE', undefined],
    ] as const) {
      const response = await fetch(`${house.url}${PATH}/protected`, { method });
      expect([response.status, ((await response.json()) as EventView).protected]).toEqual([200, isProtected]);
      expect(((await (await fetch(`${house.url}${PATH}`)).json()) as EventView).protected).toBe(isProtected);
    }
    expect((await fetch(`${house.url}/api/v1/events/${idOf(9)}/protected`, { method: 'PUT' })).status).toBe(404);
  });

  it('deletes it for good, but not while it is open', async () => {
    await using house = await openHouse();
    const folder = await addEvent(house, 'open', { files: { '00000.m4s': 'video' } });
    const remove = async (): Promise<number> => (await fetch(`${house.url}${PATH}`, { method: 'DELETE' })).status;
    expect(await remove()).toBe(409);
    await addEvent(house, 'ready');
    expect(await remove()).toBe(204);
    expect(await remove()).toBe(404);
    expect((await fetch(`${house.url}${PATH}`)).status).toBe(404);
    expect((await fetch(`${house.url}/events/${ID}/00000.m4s`)).status).toBe(404);
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['DELETE', PATH, 403],
    ['PUT', `${PATH}/protected`, 403],
  ])('is refused to a page of somebody else: %s %s', async (method, path, status) => {
    await using house = await openHouse();
    await addEvent(house, 'ready');
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await rawRequest(house.url, { path, method, headers })).status).toBe(status);
    expect(house.store.event(ID)?.record?.protected).toBeUndefined();
  });

  it('needs the password where there is one', async () => {
    await using house = await openHouse({ http: { auth: { password: 'a long password' } } });
    await addEvent(house, 'ready');
    expect((await fetch(`${house.url}${PATH}`, { method: 'DELETE' })).status).toBe(401);
    expect(house.store.event(ID)?.record).toBeDefined();
  });
});

describe('the rest of the API', () => {
  it('tells of cameras', async () => {
    await using house = await openHouse();
    expect(await (await fetch(`${house.url}/api/v1/cameras`)).json()).toEqual({ cameras: [CAMERA] });
  });

  it('tells of health with 200 or 503 and the reasons', async () => {
    let ok = true;
    const health = () => ({ ok, reasons: ok ? [] : ['camera front: connection refused'], uptimeMs: 5 });
    await using house = await openHouse({ health });
    expect((await fetch(`${house.url}/api/v1/health`)).status).toBe(200);
    ok = false;
    const response = await fetch(`${house.url}/api/v1/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, reasons: ['camera front: connection refused'], uptimeMs: 5 });
  });

  it('answers a failure of ours with 500 and without telling how it is built', async () => {
    await using house = await openHouse({ health: broken });
    const response = await fetch(`${house.url}/api/v1/health`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|home|at /);
  });
});
