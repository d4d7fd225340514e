import { describe, expect, it } from 'vitest';
import { questionOf } from '../../../src/server/api/why.ts';
import type { WhyAnswer, WhyQuestion } from '../../../src/messages/why.ts';
import { openHouse } from '../house.ts';

/** Local time: that is how people ask. */
const NOW = new Date(2026, 10, 20, 14, 10, 0).getTime();
const local = (...parts: [number, number, number?]): number => new Date(2026, 10, 20, ...parts).getTime();
const asked = (at: string, windowMs?: number): WhyQuestion => questionOf({ at, windowMs }, NOW);

const answer = (camera: string, { atMs, fromMs, toMs }: WhyQuestion, knownSinceMs = 0): WhyAnswer => ({
  camera,
  at: new Date(atMs).toISOString(),
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
  knownSince: new Date(knownSinceMs).toISOString(),
  rules: { minScore: 0.3, startScore: 0.4, hits: 3, window: 5, labels: ['person'] },
  summary: 'Nobody.',
  entries: [],
});

const onlyFront = (camera: string, question: WhyQuestion): WhyAnswer | undefined =>
  camera === 'front' ? answer(camera, question) : undefined;

describe('the moment that is asked for', () => {
  it('is now, an ISO time or epoch milliseconds, with 20 s around it', () => {
    expect(asked('now')).toEqual({ atMs: NOW, fromMs: NOW - 10_000, toMs: NOW + 10_000 });
    const atMs = Date.UTC(2026, 10, 20, 9);
    expect(asked('2026-11-20T09:00:00Z').atMs).toBe(atMs);
    expect(asked('2026-11-20T10:00:00 01:00').atMs, 'an unescaped +').toBe(atMs);
    expect(asked(String(atMs), 4000)).toEqual({ atMs, fromMs: atMs - 2000, toMs: atMs + 2000 });
  });

  it('is the whole minute for a time of day, and the moment for one with seconds', () => {
    expect(asked('14:02')).toEqual({ atMs: local(14, 2, 30), fromMs: local(14, 2), toMs: local(14, 3) });
    expect(asked('14:02:07')).toEqual({ atMs: local(14, 2, 7), fromMs: local(14, 1, 57), toMs: local(14, 2, 17) });
  });

  it('is of yesterday where today has not come that far, and of this minute while it lasts', () => {
    expect(asked('23:59').fromMs).toBe(new Date(2026, 10, 19, 23, 59).getTime());
    expect(asked('14:10').fromMs).toBe(NOW);
    expect(asked('0:05').fromMs).toBe(local(0, 5));
  });

  it.each(['25:00', '14:60', 'yesterday', '', '99999999999999999', '2099-01-01T00:00:00Z'])('is not %j', (at) => {
    expect(() => asked(at)).toThrow(/^at: Expected a time/);
  });
});

describe('GET /api/v1/cameras/:camera/why', () => {
  it('answers for a camera', async () => {
    await using house = await openHouse({ why: (camera, question) => answer(camera, question) });
    const past = await fetch(`${house.url}/api/v1/cameras/front/why?at=1595000000000&windowMs=2000`);
    expect([past.status, past.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await past.json()).toMatchObject({
      camera: 'front',
      from: '2020-07-17T15:33:19.000Z',
      to: '2020-07-17T15:33:21.000Z',
    });
  });

  it.each([
    ['nobody/why', 404, 'There is no camera "nobody"; there is front'],
    ['front/why?at=14:99', 400, 'at: Expected a time'],
    ['front/why?windowMs=1', 400, 'windowMs'],
    ['front/why?window=1', 400, 'window'],
  ])('refuses %s in one sentence', async (path, status, sentence) => {
    await using house = await openHouse({ why: onlyFront });
    const response = await fetch(`${house.url}/api/v1/cameras/${path}`);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { detail: string }).detail).toContain(sentence);
  });

  it('says since when it knows, where it is asked for an earlier time', async () => {
    const sinceMs = Date.now() - 60_000;
    await using house = await openHouse({ why: (camera, question) => answer(camera, question, sinceMs) });
    const response = await fetch(`${house.url}/api/v1/cameras/front/why?at=${sinceMs - 60_000}`);
    expect(response.status).toBe(404);
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain(`begins at ${new Date(sinceMs).toLocaleString('sv-SE')}`);
  });
});
