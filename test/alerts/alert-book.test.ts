import { describe, expect, it } from 'vitest';
import type { AlertDraft } from '../../src/messages/alert.ts';
import type { ClipMessage } from '../../src/messages/clip.ts';
import type { Scene, SceneEvent } from '../../src/messages/scene.ts';
import { AlertBook, type BookMessage, type Telling } from '../../src/alerts/alert-book.ts';
import { alertOf } from '../../src/alerts/alert-of.ts';

const AT_MS = Date.UTC(2026, 10, 20, 10, 0, 0);
const AT = '2026-11-20T10:00:01.000Z';
const URL = 'http://127.0.0.1:8080';

function scene(count = 1, score = 0.8): Scene {
  return { label: 'person', score, count, people: Math.max(1, count), box: { x: 0.1, y: 0.2, w: 0.1, h: 0.4 } };
}

const inZones = (...zones: string[]): Scene => ({ ...scene(), zones });

function start(id = 'e1', continues?: string): BookMessage {
  const event: SceneEvent = {
    type: 'start',
    id,
    scene: scene(),
    startPtsMs: 1000,
    startAtMs: AT_MS,
    ptsMs: 1400,
    latencyMs: { frameToDetect: 21.26, detectToConfirm: 400 },
    confirmedNowMs: 0,
    ...(continues !== undefined && { continues }),
  };
  return { camera: 'front', event };
}

function update(next: Scene, id = 'e1'): BookMessage {
  return { camera: 'front', event: { type: 'update', id, scene: next, ptsMs: 2000 } };
}

function end(last = scene(0), id = 'e1'): BookMessage {
  const times = { lastSeenPtsMs: 9000, lastSeenAtMs: AT_MS + 8000, closePtsMs: 14_000 };
  return { camera: 'front', event: { type: 'end', id, scene: last, reason: 'left', ...times } };
}

function clip(message: ClipMessage): BookMessage {
  return { camera: 'front', clip: message };
}

const snapshot = clip({ type: 'snapshot', id: 'e1', jpeg: new Uint8Array(3) });
const live = clip({ type: 'live', id: 'e1', preRollMs: 5000 });
const ready = clip({
  type: 'ready',
  id: 'e1',
  feed: 'packets',
  preRollMs: 5000,
  postRollMs: 5010,
  durationMs: 18_000,
  bytes: 123,
  files: [{ name: 'init.mp4', bytes: 123, sha256: 'ab', startMs: 0, durationMs: 0 }],
  droppedFrames: 2,
});
const failed = clip({ type: 'failed', id: 'e1', feed: 'frames', reason: 'disk full', files: [], droppedFrames: 7 });

/** The alerts of what a book tells, as they go out. */
class Book {
  readonly book = new AlertBook();

  step(message: BookMessage, nowMs: number): AlertDraft[] {
    return this.book.step(message, nowMs).map(draftOf);
  }

  flush(nowMs: number): AlertDraft[] {
    return this.book.flush(nowMs).map(draftOf);
  }
}

function draftOf({ type, event }: Telling): AlertDraft {
  return alertOf(event, { type, at: AT, baseUrl: `${URL}/` });
}

/** Steps the messages one after the other, each 10 s after the last so that no update is held back. */
function told(messages: readonly BookMessage[], book = new Book()): AlertDraft[] {
  return messages.flatMap((message, i) => book.step(message, i * 10_000));
}

function types(drafts: readonly AlertDraft[]): string {
  return drafts.map(({ type }) => type).join(' ');
}

describe('AlertBook', () => {
  it('tells of an event from start to ready, and then forgets it', () => {
    const book = new Book();
    expect(types(told([start(), live, update(scene(2)), end(), ready], book))).toBe('start live update end ready');
    expect(book.book.size).toBe(0);
  });

  it('names the zones of the event, and tells when one is added', () => {
    const drafts = told([
      start(),
      live,
      update(inZones('yard')),
      update(inZones('yard', 'door')),
      end({ ...inZones('yard', 'door'), count: 0 }),
    ]);
    expect(drafts.map(({ type, zones }) => [type, zones])).toEqual([
      ['start', []],
      ['live', []],
      ['update', ['yard']],
      ['update', ['yard', 'door']],
      ['end', ['yard', 'door']],
    ]);
  });

  it('says in start what is known at once, with the time it took to say it', () => {
    const [alert] = new Book().step(start('e1', 'e0'), 12.34);
    expect(alert).toEqual({
      type: 'start',
      at: AT,
      id: 'e1',
      camera: 'front',
      label: 'person',
      score: 0.8,
      count: 1,
      people: 1,
      box: { x: 0.1, y: 0.2, w: 0.1, h: 0.4 },
      startedAt: '2026-11-20T10:00:00.000Z',
      zones: [],
      continues: 'e0',
      urls: { page: `${URL}/#/events/e1`, playlist: `${URL}/events/e1/index.m3u8` },
      latencyMs: { frameToDetect: 21.3, detectToConfirm: 400, confirmToPublish: 12.3 },
    });
  });

  it('says in ready what the clip is, when and why the event ended, and the latencies of start', () => {
    const alert = told([start(), snapshot, live, end(scene(0, 0.9)), ready]).at(-1);
    expect(alert).toMatchObject({
      type: 'ready',
      score: 0.9,
      endedAt: '2026-11-20T10:00:08.000Z',
      reason: 'left',
      preRollMs: 5000,
      durationMs: 18_000,
      bytes: 123,
      droppedFrames: 2,
      latencyMs: { frameToDetect: 21.3, detectToConfirm: 400, confirmToPublish: 0 },
      urls: { clip: `${URL}/events/e1/clip.mp4`, snapshot: `${URL}/events/e1/snapshot.jpg` },
    });
  });

  it('knows at every moment where the event stands, and what its files are once the clip is closed', () => {
    const book = new AlertBook();
    const events = [start(), snapshot, live, end(), ready].flatMap((message, i) => book.step(message, i * 10_000));
    expect(events.map(({ event }) => event.state)).toEqual(['open', 'open', 'ended', 'ready']);
    expect(events.map(({ event }) => event.hasSnapshot)).toEqual([undefined, true, true, true]);
    expect(events.map(({ event: { feed, files, droppedFrames } }) => [feed, files.length, droppedFrames])).toEqual([
      [undefined, 0, 0],
      [undefined, 0, 0],
      [undefined, 0, 0],
      ['packets', 1, 2],
    ]);
  });

  it('adds the snapshot to live, or to the next alert once there is one', () => {
    const early = told([start(), snapshot, live]);
    expect(early.map(({ urls }) => urls.snapshot)).toEqual([undefined, `${URL}/events/e1/snapshot.jpg`]);
    const late = told([start(), live, snapshot, end()]);
    expect(late.map(({ urls }) => urls.snapshot)).toEqual([undefined, undefined, `${URL}/events/e1/snapshot.jpg`]);
  });

  it('sends failed after end when the clip fails first', () => {
    const drafts = told([start(), live, failed, update(scene(2)), end()]);
    expect(types(drafts)).toBe('start live update end failed');
    expect(drafts.slice(-2).map(({ reason }) => reason)).toEqual(['left', 'disk full']);
    expect(drafts.at(-1)).toMatchObject({ droppedFrames: 7 });
  });

  it('sends ready after end when the clip is ready first', () => {
    expect(types(told([start(), live, ready, end()]))).toBe('start live end ready');
  });

  it('sends no live once the event has ended or its clip has failed', () => {
    expect(types(told([start(), end(), live, ready]))).toBe('start end ready');
    expect(types(told([start(), failed, live, end()]))).toBe('start end failed');
  });

  it('says everything once', () => {
    expect(types(told([start(), start(), live, live, end(), end(), ready, ready, failed]))).toBe('start live end ready');
  });

  it('has nothing to say of an event it does not know', () => {
    expect(told([snapshot, live, update(scene(2)), end(), ready, failed])).toEqual([]);
  });

  it('sends no update where nothing changed, or nothing that can be read', () => {
    expect(types(told([start(), update(scene()), update(scene(1, 0.80001))]))).toBe('start');
  });

  it('holds an update back until a second has passed, and then sends the newest', () => {
    const book = new Book();
    book.step(start(), 0);
    book.step(live, 50);
    expect(book.step(update(scene(2)), 100)[0]).toMatchObject({ type: 'update', count: 2 });
    expect(book.step(update(scene(3)), 200)).toEqual([]);
    expect(book.step(update(scene(4)), 1099)).toEqual([]);
    expect(book.step(snapshot, 1100)).toMatchObject([{ type: 'update', count: 4 }]);
    expect(book.flush(5000)).toEqual([]);
  });

  it('sends live before the first update, with what changed until then', () => {
    const book = new Book();
    book.step(start(), 0);
    expect(book.step(update(scene(2)), 2000)).toEqual([]);
    expect(book.flush(4000)).toEqual([]);
    expect(book.step(live, 5000)).toMatchObject([{ type: 'live', count: 2 }]);
    expect(book.step(update(scene(3)), 6000)).toMatchObject([{ type: 'update', count: 3 }]);
  });

  it('lets a step of another event, or a tick, send what was held back', () => {
    const book = new Book();
    book.step(start(), 0);
    book.step(live, 0);
    book.step(update(scene(2)), 0);
    book.step(update(scene(3)), 10);
    expect(book.step(start('e2'), 1000)).toMatchObject([
      { type: 'start', id: 'e2' },
      { type: 'update', id: 'e1', count: 3 },
    ]);
    book.step(update(scene(4)), 1001);
    expect(book.flush(2000)).toMatchObject([{ type: 'update', id: 'e1', count: 4 }]);
  });

  it('folds what was held back into live and end', () => {
    const book = new Book();
    book.step(start(), 0);
    book.step(update(scene(2)), 0);
    book.step(update(scene(3)), 10);
    expect(book.step(live, 20)).toMatchObject([{ type: 'live', count: 3 }]);
    book.step(update(scene(4)), 30);
    expect(book.step(end(scene(0)), 40)).toMatchObject([{ type: 'end', count: 0 }]);
    expect(book.flush(9999)).toEqual([]);
  });

  it('forgets a held update that was taken back', () => {
    const book = new Book();
    book.step(start(), 0);
    book.step(update(scene(2)), 0);
    book.step(update(scene(3)), 10);
    book.step(update(scene(2)), 20);
    expect(book.flush(5000)).toEqual([]);
  });
});

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** An event and its clip, interleaved by chance; each stream keeps its own order, and the event starts first. */
function story(next: () => number): BookMessage[] {
  const updates = Array.from({ length: Math.floor(next() * 8) }, () => update(scene(Math.floor(next() * 4))));
  const events = [...updates, end(scene(0, 0.55))];
  const pictures = Array.from({ length: Math.floor(next() * 3) }, () => snapshot);
  const clips = [...pictures, ...(next() < 0.8 ? [live] : []), ...pictures, next() < 0.7 ? ready : failed];
  const mixed: BookMessage[] = [start()];
  while (events.length + clips.length > 0) {
    const from = next() * (events.length + clips.length) < events.length ? events : clips;
    const message = from.shift();
    if (message) mixed.push(message);
  }
  return mixed;
}

describe('AlertBook, whatever the two streams do', () => {
  it('keeps the order, the pace and the last word', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const next = random(seed);
      const book = new Book();
      let nowMs = 0;
      const said: { draft: AlertDraft; nowMs: number }[] = [];
      for (const message of story(next)) {
        nowMs += next() * 700;
        for (const draft of book.step(message, nowMs)) said.push({ draft, nowMs });
      }
      const drafts = said.map(({ draft }) => draft);
      expect(types(drafts), `seed ${seed}`).toMatch(/^start (update )*(live )?(update )*end (ready|failed)$/);
      const updatesAtMs = said.filter(({ draft }) => draft.type === 'update').map((line) => line.nowMs);
      for (const [i, atMs] of updatesAtMs.slice(1).entries()) expect(atMs - (updatesAtMs[i] ?? 0)).toBeGreaterThanOrEqual(1000);
      expect(drafts.find(({ type }) => type === 'end')).toMatchObject({ count: 0, score: 0.55 });
      expect(drafts.every(({ type, urls }) => (type === 'ready') === (urls.clip !== undefined))).toBe(true);
      expect(book.book.size).toBe(0);
    }
  });
});
