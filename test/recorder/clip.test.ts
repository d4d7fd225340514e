/** What a clip does when something goes wrong, with real encoders that are killed, frozen, or have no disk. */
import { execFile } from 'node:child_process';
import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { encoderOf, endEvent, Film, range, stampsOf, startEvent } from './film.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';

const exec = promisify(execFile);

describe('Clip', () => {
  it('goes on with a new encoder when one is killed, without losing a frame', async () => {
    let film: Film;
    {
      await using open = await Film.open({ event: { preRollMs: 1000 } });
      film = open;
      const folder = await film.folder();
      await film.feedPatiently(20, []);
      const clip = await film.start(startEvent('a', 2000), folder);
      await film.feedPatiently(15, []);
      await clip.whenPlayable(AbortSignal.timeout(20_000));
      const pid = await encoderOf(film);
      process.kill(pid, 'SIGKILL');
      await film.feedPatiently(25, []);
      film.recorder.onScene(endEvent('a', 5700));
      const ready = await film.message('ready', 'a');
      expect(ready).toMatchObject({ durationMs: 4700, droppedFrames: 0 });
      const text = await readFile(join(folder, 'index.m3u8'), 'utf8');
      expect(text.match(/#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1\.mp4"/g)).toHaveLength(1);
      expect(await stampsOf(folder)).toEqual(range(10, 57));
      expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
    }
    expect(film.pool.leased).toBe(0);
  });

  it('ends the clip as far as it got when encoders keep dying', async () => {
    await using film = await Film.open({ event: { preRollMs: 1000 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    const clip = await film.start(startEvent('a', 2000), folder);
    await film.feedPatiently(10, []);
    await clip.whenPlayable(AbortSignal.timeout(20_000));
    const killed = new Set<number>();
    while (killed.size < 4) {
      const pid = await encoderOf(film);
      if (!killed.has(pid)) process.kill(pid, 'SIGKILL');
      killed.add(pid);
      await film.feedPatiently(1, []);
    }
    await film.feedPatiently(40, []);
    film.recorder.onScene(endEvent('a', 6000));
    const ready = await film.message('ready', 'a');
    const stamps = await stampsOf(folder);
    expect(stamps).toEqual(range(10, 10 + stamps.length));
    expect(ready.droppedFrames).toBe(50 - stamps.length);
    expect(await readFile(join(folder, 'index.m3u8'), 'utf8')).toMatch(/#EXT-X-ENDLIST\n$/);
  });

  it('says failed and lets every frame go when the folder vanishes, and records the next event', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    const clip = await film.start(startEvent('a', 2000), folder);
    await film.feedPatiently(20, []);
    await clip.whenPlayable(AbortSignal.timeout(20_000));
    await rm(folder, { recursive: true });
    await film.feedPatiently(30, []);
    const failed = await film.message('failed', 'a');
    expect(failed.reason).toContain(`the event folder ${folder}`);
    expect(failed.reason).toContain('is gone');
    film.recorder.onScene(endEvent('a', 7000));

    const next = await film.folder();
    await film.start(startEvent('b', 7000), next);
    await film.feedPatiently(10, []);
    film.recorder.onScene(endEvent('b', 8000));
    await film.message('ready', 'b');
    expect(film.messages.filter(({ id }) => id === 'a').map(({ type }) => type)).toEqual(['live', 'failed']);
    await film.close();
    expect(film.pool.leased).toBe(0);
  });

  it('answers false to those who wait for a clip that failed before its first segment', async () => {
    await using film = await Film.open();
    const folder = await film.folder();
    await rm(folder, { recursive: true });
    await film.feedPatiently(20, []);
    const clip = await film.start(startEvent('a', 2000), folder);
    expect(await clip.whenPlayable(AbortSignal.timeout(20_000))).toBe(false);
    expect(await film.message('failed', 'a')).toMatchObject({ type: 'failed', files: [] });
  });

  it('loses no frame when the encoder hears the Ctrl-C of the terminal', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    film.feedMany(20);
    await film.start(startEvent('a', 2000), folder);
    film.feedMany(13);
    process.kill(await encoderOf(film), 'SIGINT');
    await film.close();
    expect(film.messages.at(-1)).toMatchObject({ type: 'ready', durationMs: 1800, droppedFrames: 0 });
    expect(await stampsOf(folder)).toEqual(range(15, 33));
  });

  it('thins the film when the encoder cannot keep up, counts what is dropped, and keeps the time right', async () => {
    // The ring of 2.2 s is 23 frames; twice that may wait.
    await using film = await Film.open({ event: { preRollMs: 200 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    const clip = await film.start(startEvent('a', 1800), folder);
    await film.feedPatiently(20, []);
    await clip.whenPlayable(AbortSignal.timeout(20_000));
    const pid = await encoderOf(film);
    process.kill(pid, 'SIGSTOP');
    film.feedMany(190, []);
    const heldBytes = film.pool.leased * film.pool.bytes;
    process.kill(pid, 'SIGCONT');
    film.recorder.onScene(endEvent('a', 23_000));
    const ready = await film.message('ready', 'a');
    expect(ready).toMatchObject({ durationMs: 21_400 });
    expect(heldBytes).toBeLessThan((3 * 23 + 40) * film.pool.bytes);
    const stamps = await stampsOf(folder);
    expect(stamps).toHaveLength(214);
    const repeated = stamps.filter((stamp, i) => stamp === stamps[i - 1]).length;
    expect(ready.droppedFrames).toBe(repeated);
    expect(repeated).toBeGreaterThan(100);
    for (const [i, stamp] of stamps.entries()) expect(Math.abs(stamp - (16 + i))).toBeLessThan(32);
  });

  it('kills an encoder that is frozen and goes on with a new one', async () => {
    const rate = 10;
    const clock: Clock = {
      nowMs: () => systemClock.nowMs() * rate,
      atMs: () => systemClock.atMs(),
      sleep: (ms, signal) => systemClock.sleep(ms / rate, signal),
    };
    await using film = await Film.open({ event: { preRollMs: 500 }, clock });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 2000), folder);
    const frozen = await encoderOf(film);
    process.kill(frozen, 'SIGSTOP');
    await film.feedPatiently(20, []);
    film.recorder.onScene(endEvent('a', 3900));
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 2400, droppedFrames: 0 });
    expect(() => process.kill(frozen, 0)).toThrow('ESRCH');
    expect(await stampsOf(folder)).toEqual(range(15, 39));
  });

  it('does not wait for ever for the last frames of an event', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 1500), folder);
    film.recorder.onScene(endEvent('a', 2200));
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 1000 });
    expect(await stampsOf(folder)).toEqual(range(10, 20));
  });

  it('says that the disk is full, and what was listed before still plays', async ({ skip }) => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    const mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', folder]).catch(() => undefined);
    if (!mounted) skip('this machine does not let us mount a small disk');
    try {
      await film.feedPatiently(20, []);
      const clip = await film.start(startEvent('a', 2000), folder);
      await film.feedPatiently(15, []);
      await clip.whenPlayable(AbortSignal.timeout(20_000));
      await film.feedPatiently(200, []);
      film.recorder.onScene(endEvent('a', 22_000));
      const failed = await film.message('failed', 'a');
      expect(failed.reason).toContain('the disk is full');
      expect(failed.files.length).toBeGreaterThan(1);
      const stamps = await stampsOf(folder);
      expect(stamps).toEqual(range(15, 15 + stamps.length));
      await film.close();
      expect(film.pool.leased).toBe(0);
    } finally {
      await exec('umount', [folder]);
    }
  });

  it('says that the folder is not writable', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may write anywhere');
    await using film = await Film.open();
    const folder = await film.folder();
    await chmod(folder, 0o500);
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 2000), folder);
    expect((await film.message('failed', 'a')).reason).toBe(`the event folder ${folder} is not writable`);
  });
});
