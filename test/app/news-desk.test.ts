import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/messages/alert.ts';
import type { ClipMessage, OpenClip } from '../../src/messages/clip.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import type { Notice } from '../../src/messages/notice.ts';
import type { Scene, SceneEvent } from '../../src/messages/scene.ts';
import type { Store } from '../../src/store/store.ts';
import { formatOf } from '../output/frames.ts';
import { Subscriber, until } from '../publisher/harness.ts';
import { ID, leaveOpen, START_MS, tempFolder } from '../store/folder.ts';
import { house, URL_BASE } from './news-room.ts';

const SCENE: Scene = { label: 'person', score: 0.7, count: 1, people: 1, box: { x: 0.1, y: 0.2, w: 0.1, h: 0.4 } };
const FILES = [{ name: '00000.m4s', bytes: 10, sha256: 'ab', startMs: 0, durationMs: 1000 }];

const start: SceneEvent & { type: 'start' } = {
  type: 'start',
  id: ID,
  scene: SCENE,
  startPtsMs: 1000,
  startAtMs: START_MS,
  ptsMs: 1400,
  latencyMs: { frameToDetect: 20, detectToConfirm: 400 },
  confirmedNowMs: 0,
};
const update: SceneEvent = { type: 'update', id: ID, scene: { ...SCENE, count: 2, people: 2 }, ptsMs: 2000 };
const end: SceneEvent = {
  type: 'end',
  id: ID,
  scene: { ...SCENE, count: 0, people: 2 },
  reason: 'left',
  lastSeenPtsMs: 3000,
  lastSeenAtMs: START_MS + 2000,
  closePtsMs: 8000,
};
const live: ClipMessage = { type: 'live', id: ID, preRollMs: 5000 };
const ready: ClipMessage = {
  type: 'ready',
  id: ID,
  feed: 'packets',
  preRollMs: 5000,
  postRollMs: 1000,
  durationMs: 7000,
  bytes: 10,
  files: FILES,
  droppedFrames: 3,
};

async function readRecord(store: Store): Promise<EventRecord> {
  return JSON.parse(await readFile(join(store.event(ID)?.folder ?? '', 'event.json'), 'utf8')) as EventRecord;
}

const typesOf = (notices: readonly Notice[]): string[] =>
  notices.map((notice) =>
    notice.type !== 'camera'
      ? notice.type === 'event'
        ? notice.event.type
        : 'deleted'
      : `camera ${notice.camera.openEvent === undefined ? '' : 'open'}`.trim(),
  );

describe('the life of an event', () => {
  it('is told on MQTT, in event.json and on the page: the same messages in the same order', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { news, store, subscriber, notices, pass, camera } = rooms;

    news.onScene(start);
    const folder = await store.create('front', start.id, start.startAtMs);
    const clip: OpenClip = { id: ID, folder, playlist: () => undefined, whenPlayable: async () => true, tracks: () => [] };
    store.attach(ID, clip);
    expect(camera.view.openEvent).toBe(ID);
    expect(store.event(ID)?.clip).toBe(clip);
    pass(500);
    news.onClip(live);
    pass(2000);
    news.onScene(update);
    news.onScene(end);
    expect(camera.view.openEvent).toBeUndefined();
    news.onClip(ready);
    expect(store.event(ID)?.clip).toBeUndefined();

    await until(() => subscriber.alerts.length === 5);
    const alerts = subscriber.alerts;
    expect(alerts.map(({ type }) => type)).toEqual(['start', 'live', 'update', 'end', 'ready']);
    expect(alerts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(typesOf(notices)).toEqual(['camera', 'start', 'camera open', 'live', 'live', 'end', 'camera', 'ready']);
    const told = notices.flatMap((notice) => (notice.type === 'event' ? [notice.event] : []));
    for (const [i, event] of told.entries()) {
      const { v: _v, node: _node, epoch: _epoch, seq: _seq, type, ...said } = alerts[i] as Alert;
      expect(event).toMatchObject({ ...said, type: type === 'update' ? 'live' : type });
    }

    await until(() => store.event(ID)?.record?.state === 'ready');
    await expect.poll(async () => (await readRecord(store)).state).toBe('ready');
    const record = await readRecord(store);
    const { v: _v, node: _node, epoch: _epoch, seq: _seq, type: _type, at, urls: _urls, ...said } = alerts[4] as Alert;
    const kept = { schema: 2, revision: 5, state: 'ready', updatedAt: at, feed: 'packets', files: FILES, configHash: 'c0ffee' };
    expect(record).toEqual({ ...said, ...kept, chain: expect.objectContaining({ seq: 1 }) });
    expect(record).toMatchObject({
      endedAt: new Date(START_MS + 2000).toISOString(),
      durationMs: 7000,
      people: 2,
      reason: 'left',
    });
  });

  it('ends with `failed` when its folder could not be made, and event.json says why', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { news, store, subscriber } = rooms;
    news.onScene(start);
    news.onClip({ type: 'failed', id: ID, feed: 'frames', reason: 'the disk is full', files: [], droppedFrames: 0 });
    news.onScene(end);
    await until(() => subscriber.alerts.length === 3);
    expect(subscriber.alerts.map(({ type, reason }) => [type, reason])).toEqual([
      ['start', undefined],
      ['end', 'left'],
      ['failed', 'the disk is full'],
    ]);
    await expect.poll(async () => (await readRecord(store)).reason).toBe('the disk is full');
  });

  it('goes on without the disk: alerts flow, and the store says what is wrong', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { news, store, subscriber } = rooms;
    // Where the events' folder was there is a file now: every write fails, also for root.
    await rm(join(data.dir, 'events'), { recursive: true });
    await writeFile(join(data.dir, 'events'), '');
    news.onScene(start);
    await expect(store.create('front', start.id, start.startAtMs)).rejects.toThrow('could not be made');
    news.onScene(end);
    news.onClip({ type: 'failed', id: ID, feed: 'frames', reason: 'x', files: [], droppedFrames: 0 });
    await until(() => subscriber.alerts.length === 3);
    await until(() => store.problem !== undefined);
    await rm(join(data.dir, 'events'));
    await mkdir(join(data.dir, 'events'));
  });
});

describe('updates', () => {
  it('that were held back go with the next flush, at most one a second', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { alerts, news, subscriber, pass } = rooms;
    news.onScene(start);
    news.onClip(live);
    news.onScene(update);
    pass(100);
    news.onScene({ ...update, scene: { ...SCENE, count: 3, people: 3 } });
    alerts.flush();
    pass(999);
    alerts.flush();
    alerts.flush();
    news.onScene(end);
    await until(() => subscriber.alerts.length === 5);
    expect(subscriber.alerts.map(({ type, people }) => [type, people])).toEqual([
      ['start', 1],
      ['live', 1],
      ['update', 2],
      ['update', 3],
      ['end', 2],
    ]);
    news.onClip(ready);
  });
});

describe('people, pictures and states', () => {
  it('go to their topics and to the page', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { desk, news, subject, subscriber, notices, camera } = rooms;
    await until(() => subscriber.texts('lookout/front/status').length > 0);
    news.onSource({ type: 'opened', format: formatOf({ widthPx: 64, heightPx: 48 }), formatChanged: true });
    news.onPeople({ type: 'count', count: 1, total: 4 });
    news.onPeople({ type: 'left', durationMs: 3460 });
    news.onClip({ type: 'snapshot', id: ID, jpeg: Uint8Array.of(1, 2, 3) });
    desk.onStats(subject, { fps: 10, detectFps: 5, latencyMs: 30, drops: 0, inferencesSaved: 0.9 });
    desk.onTrouble(subject, 'no detector');
    await until(() => subscriber.texts('lookout/front/status').some((text) => text.includes('degraded')));
    await until(() => subscriber.texts('lookout/front/stats').length > 0);
    expect(subscriber.texts('lookout/front/person')).toContain('{"count":1,"total":4}');
    expect(subscriber.texts('lookout/front/person/duration')).toEqual(['{"duration":3.5}']);
    expect(subscriber.heard.find(({ topic }) => topic === 'lookout/front/person/snapshot')?.payload).toEqual(Buffer.of(1, 2, 3));
    expect(camera.status).toMatchObject({ state: 'degraded', reason: 'no detector' });
    const states = notices.map((notice) =>
      notice.type === 'camera' ? [notice.camera.status.state, notice.camera.person.count] : [],
    );
    expect(states).toEqual([
      ['offline', null],
      ['online', null],
      ['online', 1],
      ['degraded', null],
    ]);
    expect(notices.at(-1)).toEqual({ type: 'camera', camera: camera.view });
  });

  it('do not go on saying that somebody is in view, or nobody, of a camera that cannot see', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { news, subscriber, publisher } = rooms;
    const isTold = async (text: string) => await until(() => subscriber.texts('lookout/front/person').at(-1) === text);
    news.onSource({ type: 'lost', reason: 'it refuses the password', sinceMs: START_MS });
    await isTold('{"count":null,"total":0}');
    news.onSource({ type: 'opened', format: formatOf({ widthPx: 64, heightPx: 48 }), formatChanged: true });
    news.onPeople({ type: 'count', count: 1, total: 1 });
    await isTold('{"count":1,"total":1}');
    news.onSource({ type: 'lost', reason: 'no route', sinceMs: START_MS });
    await isTold('{"count":null,"total":1}');
    news.onPeople({ type: 'count', count: 0, total: 1 });
    news.onSource({ type: 'opened', format: formatOf({ widthPx: 64, heightPx: 48 }), formatChanged: false });
    news.onPeople({ type: 'count', count: 0, total: 1 });
    await isTold('{"count":0,"total":1}');
    await using late = await Subscriber.open(publisher.broker.url);
    await until(() => late.retained().get('lookout/front/person') === '{"count":0,"total":1}');
  });

  it('of a camera that has left are dropped, with a line for who looks closely', async () => {
    await using data = await tempFolder();
    await using rooms = await house(data.dir);
    const { news, leave, notices, lines, camera } = rooms;
    leave();
    const before = notices.length;
    news.onPeople({ type: 'count', count: 1, total: 1 });
    news.onScene(start);
    expect(notices).toHaveLength(before);
    expect(camera.person).toEqual({ count: null, total: 0 });
    const dropped = lines.filter(({ msg }) => msg === 'news of a camera that has left');
    expect(dropped.map(({ level, news: kind }) => [level, kind])).toEqual([
      [20, 'count'],
      [20, 'start'],
    ]);
  });
});

describe('an event that the last run left open', () => {
  it('is told as ended and failed or ready, with numbers of this run, and stays so on disk', async () => {
    await using data = await tempFolder();
    await leaveOpen(data.dir);
    await using rooms = await house(data.dir);
    const { alerts, store, subscriber, lines, notices } = rooms;
    expect(store.recovered).toHaveLength(1);
    const before = await readRecord(store);
    for (const event of store.recovered) alerts.onRecovered(event);
    await until(() => subscriber.alerts.length === 2);
    const [ended, outcome] = subscriber.alerts;
    expect(ended).toMatchObject({ type: 'end', reason: 'restart', id: ID, seq: 1 });
    // What is only of event.json is not told.
    for (const key of ['chain', 'files', 'schema', 'feed', 'state', 'revision']) expect(ended).not.toHaveProperty(key);
    expect(outcome).toMatchObject({ type: 'failed', id: ID, seq: 2 });
    // It was saved by the start, and is not saved again.
    expect(before).toMatchObject({ state: 'failed', revision: 2 });
    expect(await readRecord(store)).toEqual(before);
    expect(notices.filter(({ type }) => type === 'event')).toEqual([]);
    expect(outcome?.urls.playlist).toContain(URL_BASE);
    expect(lines.some(({ msg }) => msg.includes('the last run left open'))).toBe(true);
  });
});
