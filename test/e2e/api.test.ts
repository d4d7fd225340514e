/** Health and the API of two cameras from one file, while they record at once and one of them ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/messages/alert.ts';
import type { CameraView } from '../../src/messages/camera.ts';
import type { EventView } from '../../src/messages/event.ts';
import type { Notice } from '../../src/messages/notice.ts';
import { Feed } from './feed.ts';
import { EVENT, expectWholeClip } from './fault-stories.ts';
import { Lookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';
import { Subscriber } from './mqtt.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

describe('two cameras from a file', () => {
  it('record at once, each on its own topics, and the API tells what happened', async () => {
    const cameras = [
      { name: 'front', input: clips.quick, loop: true, event: EVENT },
      { name: 'back', input: clips.brief, event: EVENT },
    ];
    await using lookout = await Lookout.start({ args: ['run'], config: { node: 'house', cameras } });
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    await using stream = await openStream(lookout);
    for (const { name } of cameras) await subscriber.message(`lookout/${name}/status`, ({ text }) => text.includes('"online"'));
    expect(await healthOf(lookout)).toMatchObject({ status: 200, ok: true, reasons: [] });

    const [front, back] = await Promise.all(cameras.map(({ name }) => subscriber.alert('ready', { camera: name })));
    for (const ready of [front!, back!]) await expectWholeClip(ready);
    expect(overlap(front!, back!), 'both were recorded at once').toBe(true);
    expect([front!.node, front!.epoch]).toEqual(['house', back!.epoch]);
    const seqs = subscriber.alerts.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));

    await checkEvents(lookout, [front!, back!]);
    await checkEnd(lookout, subscriber);
    const { items } = stream.notices;
    expect(items.some((notice) => notice.type === 'event' && notice.event.id === back!.id && notice.event.type === 'ready')).toBe(
      true,
    );
    expect(items.some((notice) => notice.type === 'camera' && notice.camera.name === 'front')).toBe(true);
  });
});

async function checkEvents(lookout: Lookout, readies: readonly Alert[]): Promise<void> {
  const { events } = await lookout.json<{ events: EventView[] }>('/api/v1/events');
  expect(events.map(({ id }) => id)).toEqual(
    events
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  );
  for (const { id, camera } of readies) expect(events.find((event) => event.id === id)).toMatchObject({ camera, type: 'ready' });
  const ofBack = await lookout.json<{ events: EventView[] }>('/api/v1/events?camera=back');
  expect(ofBack.events.map(({ camera }) => camera)).toEqual(['back']);
  const page = await lookout.json<{ events: EventView[]; next?: string }>('/api/v1/events?limit=1');
  expect(page.events).toHaveLength(1);
  const rest = await lookout.json<{ events: EventView[] }>(`/api/v1/events?limit=200&cursor=${page.next}`);
  expect(rest.events.map(({ id }) => id)).not.toContain(page.events[0]?.id);
  const unknown = await lookout.get('/api/v1/events/01KAGYZ0000000000000000009');
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get('content-type')).toContain('application/problem+json');
}

/** The film of `back` is over: health says so, `front` goes on. */
async function checkEnd(lookout: Lookout, subscriber: Subscriber): Promise<void> {
  const gone = await subscriber.message(
    'lookout/back/status',
    ({ text }) => text.includes('"offline"') && !text.includes('starting'),
  );
  expect(JSON.parse(gone.text)).toMatchObject({ state: 'offline', reason: 'the input ended' });
  const health = await healthOf(lookout);
  expect(health.status).toBe(503);
  expect(health.reasons).toEqual([expect.stringContaining('camera back is offline: the input ended')]);
  const { cameras } = await lookout.json<{ cameras: CameraView[] }>('/api/v1/cameras');
  expect(cameras.map(({ name, status }) => [name, status.state])).toEqual([
    ['front', 'online'],
    ['back', 'offline'],
  ]);
}

async function healthOf(lookout: Lookout): Promise<Health & { status: number }> {
  const answer = await lookout.get('/api/v1/health');
  return { status: answer.status, ...((await answer.json()) as Health) };
}

/** From the first frame of the clip to its last. */
function spanOf({ startedAt, preRollMs = 0, durationMs = 0 }: Alert): readonly [number, number] {
  const beginMs = Date.parse(startedAt) - preRollMs;
  return [beginMs, beginMs + durationMs];
}

function overlap(a: Alert, b: Alert): boolean {
  const [[fromA, toA], [fromB, toB]] = [spanOf(a), spanOf(b)];
  return fromA < toB && fromB < toA;
}

/** Server-sent events as the page gets them. */
async function openStream(lookout: Lookout): Promise<{ notices: Feed<Notice> } & AsyncDisposable> {
  const notices = new Feed<Notice>();
  const over = new AbortController();
  const answer = await fetch(new URL('/api/v1/stream', lookout.url), { signal: over.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reading = readNotices(answer, notices).catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  const close = async (): Promise<void> => {
    over.abort();
    await reading;
  };
  return { notices, [Symbol.asyncDispose]: close };
}

async function readNotices({ body }: Response, notices: Feed<Notice>): Promise<void> {
  let rest = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const type = /^event: (\w+)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (type !== undefined && data !== undefined) notices.push({ type, ...(JSON.parse(data) as object) } as Notice);
    }
  }
}
