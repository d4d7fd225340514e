import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../src/detector/detector.ts';
import { UserError } from '../../src/lib/errors.ts';
import {
  exists,
  formatOf,
  Frames,
  MODEL_PATH,
  openDetector,
  readableLog,
  tempFolder,
  type TempFolder,
  TOY_FORMAT,
  until,
} from './house.ts';
import { toyModel } from './onnx-writer.ts';
import { expectNoLeftovers } from '../leftovers.ts';

expectNoLeftovers();

const BRIGHT = 255;

async function toy(folder: TempFolder, hangsAbove = 300): Promise<string> {
  return await folder.file('toy.onnx', toyModel({ hangsAbove }));
}

/** Kills the detector's host in a way and waits until its owner has noticed. */
async function hurt(detector: Detector, signal: NodeJS.Signals): Promise<number> {
  const pid = detector.hostPid;
  if (pid === undefined) throw new Error('Expected a host that runs');
  process.kill(pid, signal);
  await until(() => !detector.health.isRunning);
  return pid;
}

/** Children of this process whose command line names this model. */
async function hostsOf(modelPath: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(modelPath));
}

describe('a model that never answers', () => {
  it('while it loads is killed at the deadline and refused', async () => {
    await using folder = await tempFolder();
    const path = await toy(folder, -1000);
    const outcome: unknown = await openDetector(path, { loadDeadlineMs: 3000 }).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(UserError);
    expect((outcome as UserError).message).toBe(`The model ${path} did not answer within 3 s`);
    expect((outcome as UserError).hint).toContain('endless loop');
    expect(await hostsOf(path)).toEqual([]);
  });

  it('to one picture costs that picture of a live camera, and the next ones are answered', async () => {
    await using folder = await tempFolder();
    const { log, messages } = readableLog();
    await using detector = await openDetector(await toy(folder, 200), { deadlineMs: 300, log });
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => answered.push(slot));
    const firstHost = detector.hostPid;
    feed.offer(frames.frame(0, BRIGHT), TOY_FORMAT);
    await until(() => !detector.health.isRunning);
    expect(detector.health.reason).toBe('the model did not answer within 300 ms');
    feed.offer(frames.frame(1), TOY_FORMAT);
    await until(() => feed.isIdle);
    expect(answered).toEqual([1]);
    expect(feed.dropped).toBe(1);
    expect(detector.health).toEqual({ isRunning: true });
    expect(exists(firstHost)).toBe(false);
    expect(frames.leased).toBe(0);
    expect(messages).toEqual(['detector lost; starting it again', 'detector is back']);
  });

  it('to one picture of a complete source costs that picture only', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await toy(folder, 200), { deadlineMs: 300 });
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => answered.push(slot));
    for (let slot = 0; slot < 6; slot++) await feed.submit(frames.frame(slot, slot === 2 ? BRIGHT : 0), TOY_FORMAT);
    await feed.drained();
    expect(answered).toEqual([0, 1, 3, 4, 5]);
    expect(feed.dropped).toBe(1);
    expect(frames.leased).toBe(0);
  });
});

describe('a host that is killed', () => {
  it('in the middle loses no frame of a complete source, and keeps their order', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await toy(folder));
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => {
      answered.push(slot);
      // A frame is at the model and another on its way whenever this is called.
      if (slot === 10 && detector.hostPid !== undefined) process.kill(detector.hostPid, 'SIGKILL');
    });
    for (let slot = 0; slot < 30; slot++) await feed.submit(frames.frame(slot), TOY_FORMAT);
    await feed.drained();
    expect(answered).toEqual(Array.from({ length: 30 }, (_, slot) => slot));
    expect(feed.dropped).toBe(0);
    expect(frames.leased).toBe(0);
  });

  it('while nobody asks it anything is noticed and started again', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await toy(folder));
    const pid = await hurt(detector, 'SIGKILL');
    expect(detector.health.reason).toContain('the detector process ended (SIGKILL)');
    await until(() => detector.health.isRunning);
    expect(detector.hostPid).not.toBe(pid);
    expect(exists(pid)).toBe(false);
  });

  it('comes back with the labels of a camera that came meanwhile', async () => {
    await using detector = await openDetector(MODEL_PATH, { labels: ['person'] });
    await hurt(detector, 'SIGKILL');
    const shape = detector.inputShape({ widthPx: 640, heightPx: 360 });
    const frames = new Frames(shape);
    const seen = new Set<string>();
    const labels = detector.model.labels.filter((label) => label !== 'person');
    const feed = detector.feed('back', ({ detections }) => detections.forEach(({ label }) => seen.add(label)), labels);
    const noise = new Uint8Array(shape.widthPx * shape.heightPx * 3).map((_, i) => (i * i) % 251);
    await feed.submit(frames.frame(0, noise), formatOf(shape));
    await feed.drained();
    expect(seen.size).toBeGreaterThan(0);
    expect(seen).not.toContain('person');
    expect(frames.leased).toBe(0);
  });

  it('comes back once its model does: a start that fails is tried again', async () => {
    await using folder = await tempFolder();
    const path = await toy(folder);
    await using detector = await openDetector(path);
    await rename(path, join(folder.dir, 'away.onnx'));
    await hurt(detector, 'SIGKILL');
    await until(() => (detector.health.reason ?? '').includes('does not exist'));
    await rename(join(folder.dir, 'away.onnx'), path);
    await until(() => detector.health.isRunning);
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => answered.push(slot));
    await feed.submit(frames.frame(0), TOY_FORMAT);
    await feed.drained();
    expect(answered).toEqual([0]);
  });
});

describe('a host that is frozen', () => {
  it('misses the deadline and is replaced', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await toy(folder), { deadlineMs: 300 });
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => answered.push(slot));
    const frozen = detector.hostPid;
    if (frozen === undefined) throw new Error('Expected a host that runs');
    process.kill(frozen, 'SIGSTOP');
    for (let slot = 0; slot < 4; slot++) await feed.submit(frames.frame(slot), TOY_FORMAT);
    await feed.drained();
    expect(answered).toEqual([0, 1, 2, 3]);
    expect(exists(frozen)).toBe(false);
    expect(frames.leased).toBe(0);
  });

  it('does not hold up the end', async () => {
    await using folder = await tempFolder();
    const detector = await openDetector(await toy(folder));
    const frozen = detector.hostPid;
    if (frozen === undefined) throw new Error('Expected a host that runs');
    process.kill(frozen, 'SIGSTOP');
    const frames = new Frames();
    detector.feed('front', () => undefined).offer(frames.frame(0), TOY_FORMAT);
    await detector[Symbol.asyncDispose]();
    expect(exists(frozen)).toBe(false);
    expect(frames.leased).toBe(0);
  });

  it('while it is started again does not hold up the end either', async () => {
    await using folder = await tempFolder();
    const path = await toy(folder);
    const detector = await openDetector(path, { loadDeadlineMs: 30_000 });
    // From now on the file holds a model that never loads.
    await toy(folder, -1000);
    await hurt(detector, 'SIGKILL');
    await until(() => detector.hostPid === undefined);
    await expect.poll(async () => (await hostsOf(path)).length, { timeout: 20_000 }).toBe(1);
    const startedMs = performance.now();
    await detector[Symbol.asyncDispose]();
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    expect(await hostsOf(path)).toEqual([]);
  });
});
