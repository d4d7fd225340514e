import { describe, expect, it } from 'vitest';
import { CameraState } from '../../src/camera/camera-state.ts';
import type { SourceState } from '../../src/messages/video.ts';
import { formatOf } from '../output/frames.ts';

const OPENED: SourceState = { type: 'opened', format: formatOf({ widthPx: 64, heightPx: 48 }), formatChanged: true };
const lost = (reason: string): SourceState => ({ type: 'lost', reason, sinceMs: 0 });
const iso = (atMs: number): string => new Date(atMs).toISOString();

describe('a camera', () => {
  it('is offline, starting, and nobody knows who is there, when it begins', () => {
    expect(new CameraState('front', 1000).view).toEqual({
      name: 'front',
      status: { state: 'offline', reason: 'starting', since: iso(1000) },
      person: { count: null, total: 0 },
    });
  });

  it('says which zones its configuration names, where it names some', () => {
    const zones = [{ name: 'gate', points: [{ x: 0, y: 0 }] }];
    expect(new CameraState('front', 1000, zones).view.zones).toEqual(zones);
  });

  it('is online from the first frame on, offline with the reason while it is lost, and says when it changed', () => {
    const state = new CameraState('front', 1000);
    expect(state.onSource(OPENED, 2000)).toBe(true);
    expect(state.status).toEqual({ state: 'online', since: iso(2000) });
    expect(state.onSource(OPENED, 3000)).toBe(false);
    expect(state.status.since).toBe(iso(2000));
    expect(state.onSource(lost('refused'), 4000)).toBe(true);
    expect(state.status).toEqual({ state: 'offline', reason: 'refused', since: iso(4000) });
    expect(state.onSource(lost('refused'), 5000)).toBe(false);
    expect(state.onSource(lost('no route'), 6000)).toBe(true);
    expect(state.onSource({ type: 'ended' }, 7000)).toBe(true);
    expect(state.status).toEqual({ state: 'offline', reason: 'the input ended', since: iso(4000) });
  });

  it('is degraded while it delivers and nobody can look', () => {
    const state = new CameraState('front', 0);
    expect(state.onTrouble('no detector', 1000)).toBe(false);
    expect(state.status.state).toBe('offline');
    expect(state.onSource(OPENED, 2000)).toBe(true);
    expect(state.status).toEqual({ state: 'degraded', reason: 'no detector', since: iso(2000) });
    expect(state.onTrouble('no detector', 3000)).toBe(false);
    expect(state.onSource(lost('away'), 4000)).toBe(true);
    expect(state.status).toEqual({ state: 'offline', reason: 'away', since: iso(4000) });
    expect(state.onSource(OPENED, 5000)).toBe(true);
    expect(state.onTrouble(undefined, 6000)).toBe(true);
    expect(state.status).toEqual({ state: 'online', since: iso(6000) });
    expect(state.onTrouble(undefined, 7000)).toBe(false);
  });

  it('shows people and the open event', () => {
    const state = new CameraState('front', 0);
    state.onSource(OPENED, 0);
    state.onPeople({ count: 2, total: 5 });
    state.onEvent('01A');
    expect(state.view).toMatchObject({ person: { count: 2, total: 5 }, openEvent: '01A' });
    state.onEvent(undefined);
    expect(state.view).not.toHaveProperty('openEvent');
  });

  it('does not claim to know who is in view before it has looked, while it is away, and until it has looked again', () => {
    const state = new CameraState('front', 0);
    state.onSource(OPENED, 0);
    expect(state.person).toEqual({ count: null, total: 0 });
    state.onPeople({ count: 1, total: 3 });
    expect(state.person).toEqual({ count: 1, total: 3 });
    state.onSource(lost('away'), 1000);
    expect(state.person).toEqual({ count: null, total: 3 });
    // The event of the loss ends: everybody is taken to have left, which nobody saw.
    state.onPeople({ count: 0, total: 3 });
    expect(state.view.person).toEqual({ count: null, total: 3 });
    state.onSource(OPENED, 2000);
    expect(state.person).toEqual({ count: null, total: 3 });
    state.onPeople({ count: 0, total: 3 });
    expect(state.person).toEqual({ count: 0, total: 3 });
    state.onSource({ type: 'ended' }, 3000);
    expect(state.person).toEqual({ count: null, total: 3 });
  });

  it('does not claim to know who is in view while nobody can look', () => {
    const state = new CameraState('front', 0);
    state.onSource(OPENED, 0);
    state.onPeople({ count: 1, total: 1 });
    state.onTrouble('no detector', 1000);
    expect(state.view.person).toEqual({ count: null, total: 1 });
    state.onTrouble(undefined, 2000);
    expect(state.person).toEqual({ count: 1, total: 1 });
  });
});
