import { expect, it } from 'vitest';
import type { EventRecord } from '../../src/messages/event.ts';
import { viewOf } from '../../src/server/event-view.ts';
import { facts, ID } from './house.ts';

function record(more: Partial<EventRecord>): EventRecord {
  return { ...facts('open'), schema: 2, revision: 3, ...more };
}

it.each([
  ['start', {}],
  ['live', { preRollMs: 5000 }],
  ['end', { state: 'ended', preRollMs: 5000 }],
  ['ready', { state: 'ready' }],
  ['failed', { state: 'failed' }],
] as const)('says %s of an event that has got so far', (type, more) => {
  const { state: _state, updatedAt: at, ...same } = record(more);
  const folder = `http://here/events/${ID}`;
  const clip = type === 'ready' ? { clip: `${folder}/clip.mp4` } : {};
  const urls = { page: `http://here/#/events/${ID}`, playlist: `${folder}/index.m3u8`, ...clip };
  expect(viewOf(record(more), 'http://here')).toEqual({ ...same, type, at, urls });
});

it('names the snapshot once there is one', () => {
  const view = viewOf(record({ hasSnapshot: true }), undefined);
  expect(view.urls.snapshot).toBe(`/events/${ID}/snapshot.jpg`);
  expect(view).not.toHaveProperty('hasSnapshot');
});
