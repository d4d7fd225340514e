import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect, frameFor } from '../../scripts/ap/evaluate.ts';
import { Model } from '../../src/detector/model.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages/detection.ts';
import { modelFolder } from './folder.ts';
import { node, operate, type RawField, type Surgery, tensor, valueInfo } from './onnx.ts';
import { TYPE_NUMBERS } from './onnx-types.ts';

/** Models of others with real weights, in forms that others export: beside the repository, never in it. The twin is forms.test.ts. */
const shared = packagePath('..', 'shared');
const isThere = existsSync(join(shared, 'onnx', 'yolov8n_640_nodered.onnx'));
if (!isThere) process.stderr.write('real-forms.test.ts: skipped, ../shared/onnx is not here\n');

const YOLOV8 = 'yolov8n_640_nodered.onnx';
const YOLOX = 'yolox_nano_416_kazuhito.onnx';
const YOLOV5 = 'yolov5s_640_conv.onnx';

interface Found {
  readonly family: string;
  readonly detections: readonly Detection[];
}

async function found(data: Uint8Array): Promise<Found> {
  await using folder = await modelFolder();
  const modelPath = await folder.put('model.onnx', data);
  const model = await Model.open({ modelPath, labels: ['person'], minScore: 0.3, threads: 2 });
  const photo = join(shared, 'images', 'photos', 'vtest_20s.png');
  return { family: model.info.family, detections: await detect(model, await frameFor(model, photo, 'photo')) };
}

async function original(file: string): Promise<Buffer> {
  return await readFile(join(shared, 'onnx', file));
}

function expectSame(ours: readonly Detection[], theirs: readonly Detection[], tolerance: number): void {
  expect(theirs.length).toBeGreaterThan(4);
  expect(ours).toHaveLength(theirs.length);
  for (const [i, { box, score }] of ours.entries()) {
    const other = theirs[i];
    expect(Math.abs(score - (other?.score ?? 0))).toBeLessThan(tolerance);
    for (const side of ['x', 'y', 'w', 'h'] as const)
      expect(Math.abs(box[side] - (other?.box[side] ?? 0))).toBeLessThan(tolerance);
  }
}

const cast = (from: string, to: string, type: keyof typeof TYPE_NUMBERS): RawField[] =>
  node('Cast', { inputs: [from], outputs: [to], attributes: { to: TYPE_NUMBERS[type] } });
const transpose = (from: string, to: string, perm: readonly number[]): RawField[] =>
  node('Transpose', { inputs: [from], outputs: [to], attributes: { perm } });
const gather = (columns: string, to: string, axis: number): RawField[] =>
  node('Gather', { inputs: ['output0', columns], outputs: [to], attributes: { axis } });
const integers = (name: string, values: readonly number[]): RawField[] =>
  tensor(name, { type: 'int64', dims: [values.length], raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const output = (name: string, dims: readonly (number | string)[], type: keyof typeof TYPE_NUMBERS = 'float32'): RawField[] =>
  valueInfo(name, { type, dims });
const halfs = (dims: readonly (number | string)[], answer: readonly (number | string)[], from: string): Surgery => ({
  inputs: [valueInfo('half', { type: 'float16', dims })],
  outputs: [output('halfs', answer, 'float16')],
  before: [cast('half', 'images', 'float32')],
  after: [cast(from, 'halfs', 'float16')],
});

interface Form {
  readonly what: string;
  readonly file: string;
  readonly family: string;
  readonly surgery: Surgery;
  readonly tolerance?: number;
}

const FORMS: readonly Form[] = [
  {
    what: 'transposed',
    file: YOLOV8,
    family: 'yolov8',
    surgery: { outputs: [output('o', [1, 8400, 84])], after: [transpose('output0', 'o', [0, 2, 1])] },
  },
  {
    what: 'of one class',
    file: YOLOV8,
    family: 'yolov8',
    surgery: {
      outputs: [output('o', [1, 5, 8400])],
      after: [gather('few', 'o', 1)],
      weights: [integers('few', range(0, 5))],
      metadata: {},
    },
  },
  {
    what: 'with boxes and scores apart',
    file: YOLOV8,
    family: 'yolov8',
    surgery: {
      outputs: [output('scores', [1, 80, 8400]), output('boxes', [1, 4, 8400])],
      after: [gather('classes', 'scores', 1), gather('places', 'boxes', 1)],
      weights: [integers('places', range(0, 4)), integers('classes', range(4, 84))],
      metadata: {},
    },
  },
  {
    what: 'in half floats',
    file: YOLOV8,
    family: 'yolov8',
    surgery: halfs([1, 3, 640, 640], [1, 84, 8400], 'output0'),
    tolerance: 0.01,
  },
  {
    what: 'as YOLOv6 writes it',
    file: YOLOV8,
    family: 'yolov5',
    surgery: {
      outputs: [output('o', [1, 8400, 85])],
      after: [
        transpose('output0', 'rows', [0, 2, 1]),
        node('Split', { inputs: ['rows', 'sizes'], outputs: ['places', 'classes'], attributes: { axis: 2 } }),
        node('Slice', { inputs: ['places', 'zero', 'one', 'axis'], outputs: ['some'] }),
        node('Sub', { inputs: ['some', 'some'], outputs: ['zeros'] }),
        node('Exp', { inputs: ['zeros'], outputs: ['ones'] }),
        node('Concat', { inputs: ['places', 'ones', 'classes'], outputs: ['o'], attributes: { axis: 2 } }),
      ],
      weights: [integers('sizes', [4, 80]), integers('zero', [0]), integers('one', [1]), integers('axis', [2])],
      metadata: {},
    },
  },
  {
    what: 'with a batch of any size, and pixel by pixel',
    file: YOLOV8,
    family: 'yolov8',
    surgery: {
      inputs: [valueInfo('pixels', { type: 'float32', dims: ['batch', 640, 640, 3] })],
      before: [transpose('pixels', 'images', [0, 3, 1, 2])],
    },
  },
  {
    what: 'in half floats',
    file: YOLOX,
    family: 'yolox',
    surgery: halfs([1, 3, 416, 416], [1, 3549, 85], 'output'),
    tolerance: 0.01,
  },
  {
    what: 'in half floats',
    file: YOLOV5,
    family: 'yolov5',
    surgery: halfs([1, 3, 640, 640], [1, 25_200, 85], 'output0'),
    tolerance: 0.01,
  },
  {
    what: 'of two classes',
    file: YOLOV5,
    family: 'yolov5',
    surgery: {
      outputs: [output('o', [1, 25_200, 7])],
      after: [gather('few', 'o', 2)],
      weights: [integers('few', range(0, 7))],
      metadata: { names: '["person", "bicycle"]' },
    },
  },
];

describe.runIf(isThere)('real weights', () => {
  it.each(FORMS)('see the same $what ($file)', async ({ file, family, surgery, tolerance = 1e-4 }) => {
    const data = await original(file);
    const theirs = await found(data);
    const ours = await found(operate(data, surgery));
    expect(ours.family).toBe(family);
    expectSame(ours.detections, theirs.detections, tolerance);
  });
});
