/** kill -9 of each process that Lookout starts, in the middle of an event: the event is told to its end and its clip is whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './feed.ts';
import { cycleOf, expectWholeClip, inMidEvent, looping } from './fault-stories.ts';
import { type Clips, cutClips } from './media.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

describe.concurrent('kill -9 in the middle of an event', () => {
  it('of the encoder: another one goes on where the last whole segment ended, and no frame is missing', async () => {
    await using open = await inMidEvent(looping(clips.quick));
    const { lookout, subscriber, live } = open;
    const { pid } = await lookout.process('encoder');
    process.kill(pid, 'SIGKILL');
    await lookout.process('encoder', [pid]);
    const ready = await subscriber.alert('ready', { id: live.id });
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
    const playlist = await (await fetch(ready.urls.playlist)).text();
    expect(playlist).toContain('#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1.mp4"');
    expect(playlist).toContain('#EXT-X-ENDLIST');
    expect(ready.droppedFrames).toBe(0);
    await expectWholeClip(ready);
    const visitMs = Date.parse(ready.endedAt ?? '') - Date.parse(ready.startedAt);
    expect(ready.durationMs).toBeGreaterThanOrEqual((ready.preRollMs ?? 0) + visitMs + 1400);
  });

  it('of the decoder: the camera is offline for a moment, and the clip is whole', async () => {
    await using open = await inMidEvent(looping(clips.quick));
    const { lookout, subscriber, live } = open;
    const at = subscriber.messages.items.length;
    const { pid } = await lookout.process('decoder');
    process.kill(pid, 'SIGKILL');
    const offline = await subscriber.message('lookout/camera/status', ({ text }) => text.includes('"offline"'), at);
    expect(JSON.parse(offline.text)).toMatchObject({ state: 'offline', reason: expect.stringContaining('killed') as string });
    await subscriber.message('lookout/camera/status', ({ text }) => text.includes('"online"'), at);
    expect((await lookout.process('decoder', [pid])).pid).not.toBe(pid);
    const ready = await subscriber.alert('ready', { id: live.id });
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
    await expectWholeClip(ready);
    // And the next visit is an event again.
    const next = await subscriber.alert('ready', { not: live.id });
    await expectWholeClip(next);
  });

  it('of the detector host: it is started again, the event goes on, and health says so meanwhile', async () => {
    await using open = await inMidEvent(looping(clips.quick));
    const { lookout, subscriber, live } = open;
    const { pid } = await lookout.process('host');
    process.kill(pid, 'SIGKILL');
    await lookout.line('detector lost');
    await until(async () => (await lookout.get('/api/v1/health')).status === 503, { what: 'health that says 503' });
    await lookout.process('host', [pid]);
    await lookout.line('detector is back');
    await until(async () => (await lookout.get('/api/v1/health')).status === 200, { what: 'health that says 200' });
    const ready = await subscriber.alert('ready', { id: live.id });
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
    await expectWholeClip(ready);
    await subscriber.alert('live', { not: live.id });
  });
});
