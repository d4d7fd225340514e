import { describe, expect, it } from 'vitest';
import { hashOf, parseRoute } from '../../web/src/core/route.ts';

describe('routes', () => {
  it('go to an address and back', () => {
    const route = { name: 'event', id: '01JD/ü x' } as const;
    expect(parseRoute(hashOf(route))).toEqual(route);
    expect(hashOf({ name: 'timeline' })).toBe('#/');
  });

  it('ask why, about now or about a moment', () => {
    const moment = { name: 'why', camera: 'back-yard', atMs: 1_763_640_120_000, windowMs: 60_000 } as const;
    expect(parseRoute(hashOf(moment))).toEqual(moment);
    expect(parseRoute(hashOf({ name: 'why', camera: 'yard' }))).toEqual({ name: 'why', camera: 'yard' });
    expect(parseRoute('#/why/yard?at=soon&window=-1')).toEqual({ name: 'why', camera: 'yard' });
  });

  it('are the timeline for anything unknown', () => {
    for (const hash of ['', '#', '#/', '#/events', '#/events/', '#/nothing/here', '#/why', '#/why/'])
      expect(parseRoute(hash)).toEqual({ name: 'timeline' });
  });

  it('survive an address somebody mistyped', () => {
    expect(parseRoute('#/events/%E0%A4%A')).toEqual({ name: 'event', id: '%E0%A4%A' });
  });
});
