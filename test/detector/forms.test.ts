import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Model } from '../../src/detector/model.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages/detection.ts';
import { detect, frameFor } from '../../scripts/ap/evaluate.ts';
import { modelFolder } from './folder.ts';
import { node, operate, type RawField, type Surgery, tensor, valueInfo } from './onnx.ts';
import { TYPE_NUMBERS } from './onnx-types.ts';
import { demoPhoto, type PhotoFile } from './photo.ts';

/** The bundled model in forms that other people export: what it sees must stay the same. */
const original = await readFile(packagePath('models', 'nanodet-plus-m.onnx'));
const COLUMNS = 112;
let photo: PhotoFile;
let expected: readonly Detection[];

beforeAll(async () => {
  photo = await demoPhoto();
  expected = await found(original);
  expect(expected.length).toBe(2);
});

afterAll(async () => await photo[Symbol.asyncDispose]());

async function found(data: Uint8Array, manifest?: object): Promise<Detection[]> {
  await using folder = await modelFolder();
  const modelPath = await folder.put('model.onnx', data);
  if (manifest) await folder.put('model.json', JSON.stringify(manifest));
  const model = await Model.open({ modelPath, labels: ['person'], minScore: 0.3, threads: 1 });
  expect(model.info.family).toBe('nanodet-plus');
  return await detect(model, await frameFor(model, photo.path, 'camera'));
}

/** The same people, within what another arithmetic may change. */
function expectSame(detections: readonly Detection[], tolerance: number): void {
  expect(detections).toHaveLength(expected.length);
  for (const [i, { box, score }] of detections.entries()) {
    const other = expected[i];
    expect(Math.abs(score - (other?.score ?? 0))).toBeLessThan(tolerance);
    for (const side of ['x', 'y', 'w', 'h'] as const)
      expect(Math.abs(box[side] - (other?.box[side] ?? 0))).toBeLessThan(tolerance);
  }
}

const cast = (from: string, { to, type }: { to: string; type: keyof typeof TYPE_NUMBERS }): RawField[] =>
  node('Cast', { inputs: [from], outputs: [to], attributes: { to: TYPE_NUMBERS[type] } });
const transpose = (from: string, { to, perm }: { to: string; perm: readonly number[] }): RawField[] =>
  node('Transpose', { inputs: [from], outputs: [to], attributes: { perm } });
const floats = (name: string, values: readonly number[]): RawField[] =>
  tensor(name, { type: 'float32', dims: [1, 3, 1, 1], raw: new Uint8Array(Float32Array.from(values).buffer) });
const integers = (name: string, values: readonly number[]): RawField[] =>
  tensor(name, { type: 'int64', dims: [values.length], raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });

describe('a model', () => {
  it('may have other names', async () => {
    const surgery: Surgery = {
      inputs: [valueInfo('anything', { type: 'float32', dims: ['n', 3, 'a', 'b'] })],
      outputs: [valueInfo('42', { type: 'float32', dims: ['n', 'c', COLUMNS] })],
      before: [node('Identity', { inputs: ['anything'], outputs: ['images'] })],
      after: [node('Identity', { inputs: ['output'], outputs: ['42'] })],
    };
    expectSame(await found(operate(original, surgery)), 1e-6);
  });

  it('may take and give half floats', async () => {
    const surgery: Surgery = {
      inputs: [valueInfo('half', { type: 'float16', dims: [1, 3, 'h', 'w'] })],
      outputs: [valueInfo('halves', { type: 'float16', dims: [1, 'p', COLUMNS] })],
      before: [cast('half', { to: 'images', type: 'float32' })],
      after: [cast('output', { to: 'halves', type: 'float16' })],
    };
    expectSame(await found(operate(original, surgery)), 0.01);
  });

  it('may take bytes, pixel by pixel, and do its own arithmetic', async () => {
    const surgery: Surgery = {
      inputs: [valueInfo('bytes', { type: 'uint8', dims: [1, 'h', 'w', 3] })],
      before: [
        transpose('bytes', { to: 'planes', perm: [0, 3, 1, 2] }),
        cast('planes', { to: 'values', type: 'float32' }),
        node('Sub', { inputs: ['values', 'mean'], outputs: ['centred'] }),
        node('Div', { inputs: ['centred', 'std'], outputs: ['images'] }),
      ],
      weights: [floats('mean', [103.53, 116.28, 123.675]), floats('std', [57.375, 57.12, 58.395])],
    };
    expectSame(await found(operate(original, surgery)), 1e-4);
  });

  it('may take floats pixel by pixel, and give channels before points', async () => {
    const surgery: Surgery = {
      inputs: [valueInfo('pixels', { type: 'float32', dims: [1, 320, 544, 3] })],
      outputs: [valueInfo('table', { type: 'float32', dims: [1, COLUMNS, 'points'] })],
      before: [transpose('pixels', { to: 'images', perm: [0, 3, 1, 2] })],
      after: [transpose('output', { to: 'table', perm: [0, 2, 1] })],
    };
    // The picture is 4:3, the fixed shape is not: it lies elsewhere and is a little smaller.
    expectSame(await found(operate(original, surgery)), 0.08);
  });

  it('may know one class, which a manifest or a file names', async () => {
    const surgery: Surgery = {
      outputs: [valueInfo('few', { type: 'float32', dims: [1, 'points', 33] })],
      after: [node('Gather', { inputs: ['output', 'columns'], outputs: ['few'], attributes: { axis: 2 } })],
      weights: [integers('columns', [0, ...Array.from({ length: 32 }, (_, i) => 80 + i)])],
    };
    const data = operate(original, surgery);
    expectSame(await found(data), 1e-6);
    expectSame(await found(data, { labels: ['person'] }), 1e-6);
    await expect(found(data, { labels: ['dog'] })).rejects.toThrow('knows no class "person"');
    await expect(found(data, { labels: ['person', 'dog'] })).rejects.toThrow(/names 2 classes, but the model .* has 1/);
  });

  it('may be stated, and laid out otherwise, by a manifest', async () => {
    expectSame(
      await found(original, { family: 'nanodet-plus', input: { fit: 'centre', sideMultiplePx: 32, areaPx: 174_080 } }),
      1e-6,
    );
    await expect(found(original, { family: 'yolo99' })).rejects.toThrow('states the family "yolo99"');
  });
});
