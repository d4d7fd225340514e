/** Lookout itself ends in the middle of an event: asked to, asked twice, killed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/messages/event.ts';
import { Mosquitto } from '../publisher/mosquitto.ts';
import { until } from './feed.ts';
import { cycleOf, EVENT, expectWholeClip, inMidEvent, looping } from './fault-stories.ts';
import { listing, Lookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';

let clips: Clips;
let broker: Mosquitto;
beforeAll(async () => {
  clips = await cutClips();
  // A broker that outlives Lookout hears its last words.
  broker = await Mosquitto.start();
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  await clips[Symbol.asyncDispose]();
});

function withBroker(): Parameters<typeof inMidEvent>[0] {
  return looping(clips.quick, {
    config: { mqtt: { url: broker.url }, cameras: [{ input: clips.quick, loop: true, event: EVENT }] },
  });
}

describe('in the middle of an event', () => {
  it('Ctrl-C ends it with its clip, tells of both, says stopped, and the code is 0', async () => {
    await using open = await inMidEvent(withBroker());
    const { lookout, subscriber, live } = open;
    await lookout.signal('SIGINT');
    const end = await subscriber.alert('end', { id: live.id });
    expect(end.reason).toBe('stopped');
    const ready = await subscriber.alert('ready', { id: live.id });
    await subscriber.message('lookout/status', ({ text }) => text === 'stopped');
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
    expect(await lookout.exited).toMatchObject({ code: 0 });
    expect(subscriber.texts('lookout/status')).not.toContain('offline');
    expect(JSON.parse(subscriber.texts('lookout/camera/person').at(-1) ?? '')).toMatchObject({ count: null });
    const { folder, record } = await eventOnDisk(lookout);
    expect(record).toMatchObject({ id: live.id, state: 'ready', reason: 'stopped' });
    await expectWholeClip(ready, join(folder, 'index.m3u8'));
  });

  it('the second Ctrl-C does not wait for anything', async () => {
    // A frozen encoder cannot finish its clip, so that the first one would take its time.
    await using open = await inMidEvent({ ...withBroker(), leavesLock: true });
    const { lookout } = open;
    const { pid } = await lookout.process('encoder');
    process.kill(pid, 'SIGSTOP');
    await lookout.signal('SIGINT');
    await lookout.line('event ended');
    await lookout.signal('SIGINT');
    expect(await lookout.exited).toMatchObject({ code: 130 });
  });

  it('kill -9 leaves no decoder and no model behind, and the next start closes the event and its clip', async () => {
    await using open = await inMidEvent({ ...withBroker(), leavesLock: true });
    const { lookout: killed, subscriber, live } = open;
    await until(async () => (await (await killed.get(`/events/${live.id}/index.m3u8`)).text()).includes('00002.m4s'), {
      what: 'a third segment',
    });
    await killed.signal('SIGKILL');
    await until(async () => (await killed.processes()).length === 0, { what: 'no process of the one that was killed' });
    await subscriber.message('lookout/status', ({ text }) => text === 'offline');

    const { config } = withBroker();
    await using next = await Lookout.start({ args: ['run'], config: { ...config, storage: { dir: killed.dataDir } } });
    const end = await subscriber.alert('end', { id: live.id });
    const ready = await subscriber.alert('ready', { id: live.id });
    expect([end.reason, ready.reason]).toEqual(['restart', 'restart']);
    expect(end.epoch).not.toBe(live.epoch);
    expect(ready.durationMs).toBeGreaterThanOrEqual(3000);
    const clip = new URL(`/events/${live.id}/index.m3u8`, next.url).href;
    expect(await (await fetch(clip)).text()).toContain('#EXT-X-ENDLIST');
    await expectWholeClip(ready, clip);
    expect(await next.json(`/api/v1/events/${live.id}`)).toMatchObject({ type: 'ready', reason: 'restart', id: live.id });
    expect((await listing(killed.dataDir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

async function eventOnDisk({ dataDir }: Lookout): Promise<{ folder: string; record: EventRecord }> {
  const path = (await listing(dataDir)).find((name) => name.endsWith('event.json')) ?? '';
  const record = JSON.parse(await readFile(join(dataDir, path), 'utf8')) as EventRecord;
  return { folder: join(dataDir, path, '..'), record };
}
