import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../src/lib/package-root.ts';

const model = packagePath('models', 'nanodet-plus-m.onnx');
const manifest = JSON.parse(await readFile(packagePath('models', 'nanodet-plus-m.json'), 'utf8'));

/** Points of all strides: ceil(side / stride) per side. */
function pointsOf(widthPx: number, heightPx: number): number {
  const counts = manifest.output.strides.map((stride: number) => Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride));
  return counts.reduce((sum: number, count: number) => sum + count, 0);
}

describe('nanodet-plus-m', () => {
  it('is the file that its manifest describes', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(model))
      .digest('hex');
    expect(sha256).toBe(manifest.sha256);
  });

  it('knows the 80 classes of COCO, person first', () => {
    expect(manifest.labels).toHaveLength(80);
    expect(new Set(manifest.labels).size).toBe(80);
    expect(manifest.labels[0]).toBe('person');
  });

  it.each([
    { widthPx: 544, heightPx: 320, why: '16:9' },
    { widthPx: 480, heightPx: 352, why: '4:3' },
    { widthPx: 320, heightPx: 544, why: 'portrait' },
  ])('takes $widthPx x $heightPx ($why), within the pixel budget, and answers with points of scores and bins', async (size) => {
    const { widthPx, heightPx } = size;
    expect(widthPx % manifest.input.sideMultiplePx).toBe(0);
    expect(heightPx % manifest.input.sideMultiplePx).toBe(0);
    expect(widthPx * heightPx).toBeLessThanOrEqual(manifest.input.areaPx);
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
    expect(session.inputNames).toEqual([manifest.input.name]);
    const pixels = new Float32Array(3 * widthPx * heightPx);
    const outputs = await session.run({ images: new Tensor('float32', pixels, [1, 3, heightPx, widthPx]) });
    const output = outputs[manifest.output.name];
    expect(output?.dims).toEqual([1, pointsOf(widthPx, heightPx), 80 + 4 * manifest.output.bins]);
    const data = output?.data ?? [];
    const scores = Array.from(data as Float32Array).filter((_, i) => i % 112 < 80);
    expect(scores.every((score) => score >= 0 && score < 0.3)).toBe(true);
    await session.release();
  });
});
