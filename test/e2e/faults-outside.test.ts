/** What Lookout depends on goes away in the middle of an event: broker, data folder, camera. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventView } from '../../src/messages/event.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { Mosquitto } from '../publisher/mosquitto.ts';
import { until } from './feed.ts';
import { cycleOf, EVENT, expectWholeClip, inMidEvent, looping } from './fault-stories.ts';
import { listing } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';

const cannotServe = await RtspCamera.missing();

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

describe.concurrent('in the middle of an event', () => {
  it('the broker is killed: the clip is whole, and what could not be told arrives once the broker is back', async () => {
    await using broker = await Mosquitto.start();
    const cameras = [{ input: clips.quick, loop: true, event: EVENT }];
    await using open = await inMidEvent({ args: ['run'], config: { mqtt: { url: broker.url }, cameras } });
    const { lookout, subscriber, live } = open;
    await broker.kill();
    await lookout.line('alerts wait');
    const health = await lookout.get('/api/v1/health');
    expect(health.status).toBe(503);
    expect(((await health.json()) as { reasons: string[] }).reasons.join()).toContain('MQTT broker');
    await lookout.line('the clip is complete');
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live']);
    const at = subscriber.messages.items.length;
    await broker.start();
    const ready = await subscriber.alert('ready', { id: live.id });
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
    const seqs = [...new Set(subscriber.alerts.map(({ seq }) => seq))];
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(ready.droppedFrames).toBe(0);
    await expectWholeClip(ready);
    // State is told anew to a broker that has forgotten everything.
    for (const topic of ['status', 'camera/status', 'camera/person'])
      await subscriber.message(`lookout/${topic}`, () => true, at);
    await until(async () => (await lookout.get('/api/v1/health')).status === 200, { what: 'health that says 200' });
  });

  it('the data folder is removed: the event fails with a reason, and the next one is recorded', async () => {
    await using open = await inMidEvent(looping(clips.quick, { leavesLock: true }));
    const { lookout, subscriber, live } = open;
    // It is written to at this very moment: a folder may be no longer empty when it is about to go.
    await rm(join(lookout.dataDir, 'events'), { recursive: true, maxRetries: 20, retryDelay: 10 });
    const failed = await subscriber.alert('failed', { id: live.id });
    expect(failed.reason).toContain('gone');
    expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'failed']);
    expect((await lookout.get(`/events/${live.id}/index.m3u8`)).status).toBe(410);
    const ready = await subscriber.alert('ready', { not: live.id });
    await expectWholeClip(ready);
    expect((await listing(lookout.dataDir)).some((name) => name.includes(ready.id) && name.endsWith('event.json'))).toBe(true);
  });

  it.skipIf(cannotServe !== undefined)(
    'an RTSP camera freezes: the event ends by its source, and the camera comes back',
    async () => {
      const film = join(clips.folder, 'camera.mkv');
      await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', '-i', clips.quick, '-c', 'copy', film]);
      await using camera = await RtspCamera.start({ film });
      await using open = await inMidEvent({ args: ['run'], config: { cameras: [{ input: camera.url, event: EVENT }] } });
      const { lookout, subscriber, live } = open;
      const at = subscriber.messages.items.length;
      camera.freeze();
      const offline = await subscriber.message('lookout/camera/status', ({ text }) => text.includes('"offline"'), at);
      expect(offline.text).toMatch(/silent|no picture/);
      const end = await subscriber.alert('end', { id: live.id });
      expect(end.reason).toBe('source');
      expect((await lookout.get('/api/v1/health')).status).toBe(503);
      const ready = await subscriber.alert('ready', { id: live.id });
      expect(cycleOf(subscriber, live.id)).toEqual(['start', 'live', 'end', 'ready']);
      await expectWholeClip(ready);
      camera.thaw();
      await subscriber.message('lookout/camera/status', ({ text }) => text.includes('"online"'), at);
      const next = await subscriber.alert('live', { not: live.id });
      expect(await lookout.json<EventView>(`/api/v1/events/${next.id}`)).toMatchObject({ camera: 'camera' });
    },
  );
});
