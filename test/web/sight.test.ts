import { describe, expect, it } from 'vitest';
import type { CameraView } from '../../src/messages/camera.ts';
import { blindText, headline, sightOf } from '../../web/src/core/sight.ts';

const NOW_MS = Date.parse('2026-11-20T15:10:00Z');
const PLACE = { locale: 'en-GB', timeZone: 'UTC' };
const online = (name: string, count: number | null = 0): CameraView => ({
  name,
  status: { state: 'online', since: '2026-11-20T14:00:00Z' },
  person: { count, total: 3 },
});
const away = (name: string, state: CameraView['status']['state'] = 'offline', reason = 'refused'): CameraView => ({
  name,
  status: { state, reason, since: '2026-11-20T14:56:00Z' },
  person: { count: null, total: 3 },
});
const said = (...cameras: readonly CameraView[]): string => headline(sightOf(cameras), NOW_MS, PLACE);
const blind = (...cameras: readonly CameraView[]): string | undefined => blindText(sightOf(cameras), NOW_MS, PLACE);

describe('who is in view', () => {
  it('is nobody only where every camera sees', () => {
    expect(said(online('door'), online('yard'))).toBe('Nobody in view');
    expect(blind(online('door'))).toBeUndefined();
    expect(said(online('door', 2), online('yard', 1))).toBe('3 people in view');
  });

  it('is not known where no camera sees: it is said which one does not, and since when', () => {
    expect(said(away('cam'))).toBe('Cannot see: cam is offline since 14:56');
    expect(said(away('cam', 'degraded'))).toBe('Cannot see: cam is degraded since 14:56');
    expect(said(away('cam', 'offline', 'starting'))).toBe('Cannot see: cam is starting');
    expect(said(online('cam', null))).toBe('Cannot see: cam has just come');
    expect(said(away('a'), away('b'), away('c'))).toBe('Cannot see: all 3 cameras');
    expect(said()).toBe('No camera is watched');
  });

  it('is said of the cameras that see, and the others are named', () => {
    expect(said(online('door'), away('cam'))).toBe('Nobody in view at door');
    expect(blind(online('door'), away('cam'))).toBe('Cannot see: cam is offline since 14:56');
    expect(said(online('a'), online('b'), online('c'), away('d'))).toBe('Nobody in view at 3 of 4 cameras');
    expect(blind(online('a'), away('b'), away('c'), away('d'))).toBe('Cannot see: 3 of 4 cameras');
    expect(said(online('door', 1), away('cam'))).toBe('1 person in view');
    expect(sightOf([online('door', 1), away('cam')]).busy).toEqual(['door']);
  });
});
