import { describe, expect, it } from 'vitest';
import { detect, frameFor } from '../../scripts/ap/evaluate.ts';
import { Model } from '../../src/detector/model.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages/detection.ts';
import type { Box } from '../../src/messages/video.ts';
import { demoPhoto } from './photo.ts';

const FLOAT = packagePath('models', 'nanodet-plus-m.onnx');
const INT8 = packagePath('models', 'nanodet-plus-m-int8.onnx');

async function found(modelPath: string, photo: string): Promise<Detection[]> {
  const model = await Model.open({ modelPath, labels: ['person'], minScore: 0.3, threads: 1 });
  expect(model.info.family).toBe('nanodet-plus');
  return await detect(model, await frameFor(model, photo, 'camera'));
}

function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  const common = Math.max(0, width) * Math.max(0, height);
  return common / (a.w * a.h + b.w * b.h - common);
}

describe('the bundled model in 8 bits', () => {
  it.each([8, 16, 34, 36])('sees who the float one sees, %i seconds into the clip', async (atSeconds) => {
    await using photo = await demoPhoto(atSeconds);
    const [whole, float] = [await found(INT8, photo.path), await found(FLOAT, photo.path)];
    expect(float.length).toBeGreaterThan(0);
    expect(whole).toHaveLength(float.length);
    for (const { box, score } of float) {
      const same = whole.find((other) => iou(other.box, box) > 0.85);
      expect(Math.abs((same?.score ?? 0) - score)).toBeLessThan(0.05);
    }
  });

  it('sees nobody where nobody is', async () => {
    await using photo = await demoPhoto(2);
    expect(await found(INT8, photo.path)).toEqual([]);
  });
});
