import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detect, frameFor } from '../../scripts/ap/evaluate.ts';
import { FrameShelf, SHELF_PLACES, takeFrame } from '../../src/detector/frame-shelf.ts';
import { HostProcess } from '../../src/detector/host-process.ts';
import { Model } from '../../src/detector/model.ts';
import { toDetection } from '../../src/detector/shape.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import { demoPhoto } from './photo.ts';

const modelPath = packagePath('models', 'nanodet-plus-m.onnx');

function frame(value: number): Uint8Array {
  return new Uint8Array(100_000).fill(value);
}

describe('frames on their way to the host process', () => {
  it('lie side by side until their place is needed again, and leave no file', () => {
    const shelf = FrameShelf.open('/tmp');
    if (!shelf) throw new Error('Expected a shelf');
    for (let id = 1; id <= SHELF_PLACES; id++) shelf.put(id, frame(id));
    const buffer = new Uint8Array(100_000);
    for (let id = 1; id <= SHELF_PLACES; id++) {
      expect(takeFrame(shelf.fd, id, buffer)).toBe(true);
      expect(buffer.every((value) => value === id)).toBe(true);
    }
    shelf.put(1 + SHELF_PLACES, frame(77));
    takeFrame(shelf.fd, 1, buffer);
    expect(buffer[0]).toBe(77);
    expect(takeFrame(shelf.fd, SHELF_PLACES - 1, new Uint8Array(70 * 2 ** 20))).toBe(false);
    expect(readdirSync('/tmp').filter((one) => one.startsWith('lookout-') && one.length === 44)).toEqual([]);
    shelf.close();
    shelf.close();
  });

  it('have none where there is no such folder', () => {
    expect(FrameShelf.open('/nowhere')).toBeUndefined();
  });

  it('say the same over memory as over the pipe', async () => {
    await using photo = await demoPhoto();
    const model = await Model.open({ modelPath, labels: ['person'], minScore: 0.3, threads: 1 });
    const shown = await frameFor(model, photo.path, 'photo');
    const expected = await detect(model, shown);
    expect(expected.length).toBeGreaterThan(1);
    const lease = { slot: 0, ptsMs: 0, atMs: 0, arrivedNowMs: 0, isRepeat: false, data: shown.bytes, release: () => undefined };
    const { signal } = new AbortController();
    const rules = { modelPath, labels: ['person'], minScore: 0.3, threads: 1, loadDeadlineMs: 20_000, deadlineMs: 5000 };
    for (const shelfFolder of ['/dev/shm', '/nowhere']) {
      await using host = await HostProcess.open({ ...rules, shelfFolder, log: silentLogger, signal });
      for (let round = 0; round < 3; round++) {
        const { candidates } = await host.infer(lease, shown.shape);
        const found = candidates.map((one) => toDetection(one, { picture: shown.shape.picture, labels: host.model.labels }));
        expect(found).toHaveLength(expected.length);
        for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(expected[i]?.score ?? 0, 5);
      }
    }
  });
});
