/** What is stored, by the real command line: limits that hold, a disk that is full, another disk, a crash, and the proof afterwards. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventPage, EventView } from '../../src/messages/event.ts';
import type { StorageState } from '../../src/messages/health.ts';
import { folderBytes } from '../../src/store/retention/disk-usage.ts';
import { mountSmallDisk } from '../store/small-disk.ts';
import { until } from './feed.ts';
import { EVENT, expectWholeClip, inMidEvent, type OpenEvent } from './fault-stories.ts';
import { listing, Lookout, type LookoutOptions, runLookout } from './lookout.ts';
import { type Clips, cutClips } from './media.ts';
import type { Subscriber } from './mqtt.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

interface VerifyJson {
  readonly events: number;
  readonly findings: readonly { readonly kind: string }[];
  readonly chains: Record<string, { readonly head: { readonly seq: number }; readonly deleted: number }>;
}

async function verified(dir: string, ...flags: string[]): Promise<{ code: number | null; report: VerifyJson }> {
  const { code, stdout } = await runLookout({ args: ['verify', '--json', '--data', dir, ...flags], config: false });
  return { code, report: JSON.parse(stdout.toString()) as VerifyJson };
}

async function recording(storage: object, more: object = {}): Promise<OpenEvent> {
  const cameras = [{ input: clips.quick, loop: true, event: EVENT }];
  return await inMidEvent({ args: ['run'], config: { cameras, storage }, ...more });
}

async function storedBytes(dir: string): Promise<number> {
  const names = (await listing(join(dir, 'events'))).filter((name) => name.endsWith('event.json'));
  const sizes = await Promise.all(names.map(async (name) => await folderBytes(join(dir, 'events', name, '..'))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** `lookout/node/storage` in this state. */
async function storageState(subscriber: Subscriber, state: StorageState['state']): Promise<StorageState> {
  const { text } = await subscriber.message('lookout/node/storage', (message) => message.text.includes(`"${state}"`));
  return JSON.parse(text) as StorageState;
}

/** Many starts of a whole Lookout, on two cores. */
const PATIENT = { timeout: 150_000 };

describe.concurrent('a data folder', () => {
  it('that is full with "stop" ends the clip that grows, refuses the next, and alerts go on', PATIENT, async () => {
    await using open = await recording({ maxBytes: '300 kB', whenFull: 'stop' });
    const { lookout, subscriber, live } = open;
    expect(await storageState(subscriber, 'full')).toMatchObject({ state: 'full' });
    const ready = await subscriber.alert('ready', { id: live.id });
    await expectWholeClip(ready);
    const failed = await subscriber.alert('failed', { not: live.id });
    expect(failed.reason).toBe('the disk is full: events take all of storage.maxBytes');
    expect(subscriber.typesOf(failed.id).filter((type) => type !== 'update')).toEqual(['start', 'end', 'failed']);
    const health = await lookout.get('/api/v1/health');
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ storage: { state: 'full', maxBytes: 300_000 } });
    // Somebody makes room, by hand.
    const page = await lookout.json<EventPage<EventView>>('/api/v1/events');
    for (const { id, type } of page.events) {
      if (type === 'ready' || type === 'failed') await fetch(`${lookout.url}/api/v1/events/${id}`, { method: 'DELETE' });
    }
    await subscriber.alert('live', { not: live.id });
  });

  it('keeps within its limit by deleting the oldest, not what is protected, and can account for it', PATIENT, async () => {
    await using open = await recording({ maxBytes: '1.6 MB' });
    const { lookout, subscriber, live } = open;
    await subscriber.alert('ready', { id: live.id });
    await fetch(`${lookout.url}/api/v1/events/${live.id}/protected`, { method: 'PUT' });
    await until(async () => lookout.lines.items.filter(({ msg }) => msg === 'old events deleted').length >= 2, {
      what: 'events deleted twice',
      withinMs: 90_000,
    });
    expect(await lookout.json<EventView>(`/api/v1/events/${live.id}`)).toMatchObject({ protected: true });
    await lookout.stop();
    expect(await storedBytes(lookout.dataDir)).toBeLessThan(1_600_000);
    const { code, report } = await verified(lookout.dataDir, '--deep');
    expect([code, report.findings]).toEqual([0, []]);
    expect(report.chains['camera']?.deleted).toBeGreaterThanOrEqual(2);
    expect(report.chains['camera']?.head.seq).toBe(report.events + (report.chains['camera']?.deleted ?? 0));
  });

  it('killed in the middle of an event is in order after the next start; verify beside it agrees', PATIENT, async () => {
    await using open = await recording({}, { leavesLock: true });
    const { lookout, live } = open;
    await lookout.signal('SIGKILL');
    await lookout.exited;
    expect((await verified(lookout.dataDir)).report.findings).toMatchObject([{ kind: 'left open' }]);
    const cameras = [{ input: clips.quick, loop: true, event: EVENT }];
    await using again = await Lookout.start({ args: ['run'], config: { cameras }, folder: lookout.folder });
    expect(await again.json<EventView>(`/api/v1/events/${live.id}`)).toMatchObject({ reason: 'restart', chain: { seq: 1 } });
    const beside = await verified(lookout.dataDir, '--deep');
    expect([beside.code, beside.report.findings]).toEqual([0, []]);
    const repair = await runLookout({ args: ['verify', '--repair', '--data', lookout.dataDir], config: false });
    expect([repair.code, repair.stdout.toString()]).toEqual([0, expect.stringContaining('Everything is as it should be')]);
    await again.stop();
    await rm(join(lookout.dataDir, 'index.sqlite'));
    expect((await verified(lookout.dataDir)).code).toBe(1);
    expect((await verified(lookout.dataDir, '--repair')).code).toBe(0);
  });
});

describe.concurrent('a data folder, too,', () => {
  it('of another id is refused with exit code 2, and nothing is made in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lookout-e2e-'));
    try {
      const config = { cameras: [{ input: clips.brief }], storage: { dir: join(folder, 'mount'), id: '0123456789abcdef' } };
      await mkdir(config.storage.dir);
      const { code, sentences } = await runLookout({ args: ['run'], config });
      expect([code, sentences[0]]).toEqual([2, expect.stringContaining('carries no id, but storage.id says 0123456789abcdef')]);
      expect(sentences[1]).toContain('is the disk mounted');
      expect(await readdir(config.storage.dir)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('prunes by hand what is too old, and says first what would go', async () => {
    const kept: LookoutOptions['config'] = { cameras: [{ input: clips.brief, event: EVENT }], storage: { keepDays: 'off' } };
    await using lookout = await Lookout.start({ args: ['run'], config: kept });
    await lookout.exited;
    // Where nobody names limits, those of the last run hold, not the defaults.
    const unnamed = await runLookout({ args: ['prune', '--dry-run', '--data', lookout.dataDir], config: false });
    expect(unnamed.stdout.toString()).toContain('events stay however old');
    const config = { cameras: [{ input: clips.brief }], storage: { dir: lookout.dataDir, keepDays: 0.000001 } };
    const dry = await runLookout({ args: ['prune', '--dry-run'], config });
    expect([dry.code, dry.stdout.toString()]).toEqual([0, expect.stringMatching(/older than keepDays\n1 events, .*: would go/)]);
    expect((await verified(lookout.dataDir)).report.events).toBe(1);
    const wet = await runLookout({ args: ['prune', '--json'], config });
    expect(JSON.parse(wet.stdout.toString())).toMatchObject({ events: [{ camera: 'camera', why: 'age' }] });
    expect((await verified(lookout.dataDir)).report).toMatchObject({ events: 0, findings: [] });
  });

  it(
    'on a disk that others fill: the event fails with the reason, and the next is recorded once there is room',
    PATIENT,
    async ({ skip }) => {
      await using disk = await mountSmallDisk(8_000_000);
      if (!disk) {
        skip('this account may not mount a disk');
        return;
      }
      const dir = join(disk.dir, 'data');
      await using open = await recording({ dir, minFreePercent: 0, maxBytes: 'off' });
      const { subscriber, live } = open;
      const filler = join(disk.dir, 'filler');
      await writeFile(filler, Buffer.alloc(8_000_000)).catch(() => undefined);
      const failed = await subscriber.alertFeed.find(({ type }) => type === 'failed', { what: 'an event that failed' });
      expect(failed.reason).toContain('the disk is full');
      await storageState(subscriber, 'full');
      await rm(filler);
      const ready = await subscriber.alertFeed.find(({ type, id }) => type === 'ready' && id !== live.id && id > failed.id, {
        what: 'an event that is recorded again',
      });
      await expectWholeClip(ready);
      await open.lookout.stop();
      const { report } = await verified(dir, '--deep');
      expect(report.findings).toEqual([]);
    },
  );
});
