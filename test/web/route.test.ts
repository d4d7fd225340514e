import { describe, expect, it } from 'vitest';
import { hashOf, parseRoute } from '../../web/src/core/route.ts';

describe('routes', () => {
  it('go to an address and back', () => {
    const route = { name: 'event', id: '01JD/ü x' } as const;
    expect(parseRoute(hashOf(route))).toEqual(route);
    expect(hashOf({ name: 'timeline' })).toBe('#/');
  });

  it('are the timeline for anything unknown', () => {
    for (const hash of ['', '#', '#/', '#/events', '#/events/', '#/nothing/here'])
      expect(parseRoute(hash)).toEqual({ name: 'timeline' });
  });

  it('survive an address somebody mistyped', () => {
    expect(parseRoute('#/events/%E0%A4%A')).toEqual({ name: 'event', id: '%E0%A4%A' });
  });
});
