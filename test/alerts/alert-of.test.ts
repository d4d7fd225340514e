import { describe, expect, it } from 'vitest';
import { alertOf } from '../../src/alerts/alert-of.ts';
import type { EventFacts } from '../../src/messages/event.ts';

const AT = '2026-11-20T10:00:20.000Z';

/** Everything that can be known of an event. */
const EVENT: EventFacts = {
  id: 'e1',
  camera: 'front',
  state: 'ready',
  updatedAt: AT,
  label: 'person',
  startedAt: '2026-11-20T10:00:00.000Z',
  endedAt: '2026-11-20T10:00:08.000Z',
  score: 0.8,
  count: 0,
  people: 2,
  box: { x: 0.1, y: 0.2, w: 0.1, h: 0.4 },
  zones: ['yard'],
  reason: 'left',
  continues: 'e0',
  latencyMs: { frameToDetect: 21.3, detectToConfirm: 400, confirmToPublish: 12.3 },
  hasSnapshot: true,
  feed: 'packets',
  files: [{ name: 'init.mp4', bytes: 1, sha256: 'ab', startMs: 0, durationMs: 0 }],
  preRollMs: 5000,
  postRollMs: 5010,
  durationMs: 18_000,
  bytes: 123,
  droppedFrames: 2,
  configHash: 'c',
};

describe('an alert', () => {
  it('holds what is known of the event, and nothing that is only of its files', () => {
    const {
      state: _state,
      updatedAt: _updatedAt,
      hasSnapshot: _has,
      feed: _feed,
      files: _files,
      configHash: _hash,
      ...told
    } = EVENT;
    const urls = {
      page: 'http://here/#/events/e1',
      playlist: 'http://here/events/e1/index.m3u8',
      snapshot: 'http://here/events/e1/snapshot.jpg',
      clip: 'http://here/events/e1/clip.mp4',
    };
    expect(alertOf(EVENT, { type: 'ready', at: AT, baseUrl: 'http://here/' })).toEqual({ ...told, type: 'ready', at: AT, urls });
  });

  it.each(['start', 'live', 'update', 'end', 'failed'] as const)(
    'of type %s says nothing of a clip that is not ready',
    (type) => {
      const alert = alertOf(EVENT, { type, at: AT });
      expect(alert.urls).not.toHaveProperty('clip');
      for (const key of ['postRollMs', 'durationMs', 'bytes']) expect(alert).not.toHaveProperty(key);
      expect(alert.droppedFrames).toBe(type === 'failed' ? 2 : undefined);
    },
  );

  it('gives paths as addresses where nobody serves the page', () => {
    const { hasSnapshot: _has, ...event } = EVENT;
    expect(alertOf(event, { type: 'start', at: AT }).urls).toEqual({ page: '/#/events/e1', playlist: '/events/e1/index.m3u8' });
  });
});
