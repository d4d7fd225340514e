import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect, evaluate, frameFor, type Way } from '../../scripts/ap/evaluate.ts';
import { Model } from '../../src/detector/model.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages/detection.ts';
import { modelFolder } from './folder.ts';

/** Models of others and what Python found with them: beside the repository on the developers' machines, never in it. */
const shared = packagePath('..', 'shared');
const isThere = existsSync(join(shared, 'onnx', 'reference_detections.json'));
if (!isThere) process.stderr.write('reference.test.ts: skipped, ../shared/onnx is not here\n');
/** All average precisions take minutes; `LOOKOUT_SLOW=1` asks for them. */
const isSlowAsked = process.env['LOOKOUT_SLOW'] === '1';

interface Case {
  readonly file: string;
  readonly family: string;
  /** what the reference did otherwise than the model was trained */
  readonly manifest?: object;
  /** of all boxes, how many match through ffmpeg's scaler, which averages where OpenCV's `linear` skips pixels */
  readonly live: number;
}

const PICODET = 'picodet_s_320_coco.onnx';

const CASES: readonly Case[] = [
  { file: 'yolox_nano_416_kazuhito.onnx', family: 'yolox', live: 0.7 },
  { file: 'yolov5s_640_conv.onnx', family: 'yolov5', live: 0.8 },
  { file: 'yolov8n_640_nodered.onnx', family: 'yolov8', live: 1 },
  { file: 'deimv2_femto_coco.onnx', family: 'd-fine', live: 0.75 },
  { file: 'nanodet_m_320.onnx', family: 'nanodet', live: 0.7 },
  { file: 'fastestdet_352.onnx', family: 'fastestdet', live: 0.8 },
  { file: 'ssdlite_mobilenetv2_coco_tfod_conv.onnx', family: 'ssd', live: 1 },
  {
    // Trained on stretched RGB; the reference feeds letterboxed BGR on black and puts points half a pixel off. As in models/README.md.
    file: PICODET,
    family: 'picodet',
    manifest: {
      input: { channels: 'bgr', mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395], fit: 'centre', border: 0 },
      boxShiftPx: -0.5,
    },
    live: 0.7,
  },
];

/** left, top, right, bottom in pixels, score */
type ReferenceBox = readonly [number, number, number, number, number];

const references = isThere
  ? (JSON.parse(await readFile(join(shared, 'onnx', 'reference_detections.json'), 'utf8')) as {
      models: Record<string, Record<string, ReferenceBox[]>>;
    })
  : { models: {} };

interface ModelPath extends AsyncDisposable {
  readonly path: string;
}

/** The model where it is, or in a folder of its own beside a manifest. */
async function modelPath({ file, manifest }: Pick<Case, 'file' | 'manifest'>): Promise<ModelPath> {
  const original = join(shared, 'onnx', file);
  if (!manifest) return { path: original, [Symbol.asyncDispose]: () => Promise.resolve() };
  const folder = await modelFolder();
  await symlink(original, join(folder.path, 'model.onnx'));
  await folder.put('model.json', JSON.stringify(manifest));
  return { path: join(folder.path, 'model.onnx'), [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose]() };
}

async function openModel(one: Pick<Case, 'file' | 'manifest'>): Promise<Model> {
  await using place = await modelPath(one);
  return await Model.open({ modelPath: place.path, labels: ['person'], minScore: 0.1, threads: 2 });
}

/** Pixels of the photos. */
const SIZES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['bus.jpg', [810, 1080]],
  ['zidane.jpg', [1280, 720]],
  ['vtest_20s.png', [768, 576]],
]);

/** IoU of at least 0.9 and a score within 0.05. */
function isSame(
  [left, top, right, bottom, score]: ReferenceBox,
  { box, score: ours }: Detection,
  [width, height]: readonly [number, number],
): boolean {
  const w = Math.min(right, (box.x + box.w) * width) - Math.max(left, box.x * width);
  const h = Math.min(bottom, (box.y + box.h) * height) - Math.max(top, box.y * height);
  const both = Math.max(0, w) * Math.max(0, h);
  const all = (right - left) * (bottom - top) + box.w * width * box.h * height - both;
  return both / all >= 0.9 && Math.abs(ours - score) <= 0.05;
}

interface Compared {
  readonly all: number;
  readonly same: number;
  /** found at 0.35 and more, but not by the reference, which says what it finds from 0.3 on */
  readonly extra: number;
}

async function compare(model: Model, { file }: Case, way: Way): Promise<Compared> {
  let [all, same, extra] = [0, 0, 0];
  for (const [name, boxes] of Object.entries(references.models[file] ?? {})) {
    const found = await detect(model, await frameFor(model, join(shared, 'images', 'photos', name), way));
    const size = SIZES.get(name) ?? [0, 0];
    all += boxes.length;
    same += boxes.filter((box) => found.some((one) => isSame(box, one, size))).length;
    extra += found.filter((one) => one.score >= 0.35 && !boxes.some((box) => isSame(box, one, size))).length;
  }
  return { all, same, extra };
}

async function precision(one: Pick<Case, 'file' | 'manifest'>, way: Way): Promise<{ ours: number; reference: number }> {
  const figures = JSON.parse(await readFile(join(shared, 'onnx', 'models.json'), 'utf8')) as {
    file: string;
    person_AP: { coco128_val2017: [number, number] } | null;
  }[];
  // YOLOv8n's figure stands in the README beside the models, not in the table.
  const reference = figures.find(({ file }) => file === one.file)?.person_AP?.coco128_val2017[0] ?? 0.52;
  await using place = await modelPath(one);
  const { ap } = await evaluate(place.path, { pictures: join(shared, 'images', 'coco128_val2017'), label: 'person', way });
  return { ours: ap, reference };
}

describe.runIf(isThere)('every model of ../shared/onnx', () => {
  it.each(CASES)('finds on photos exactly what the reference finds: $family ($file)', async (one) => {
    const model = await openModel(one);
    expect(model.info.family).toBe(one.family);
    const { all, same, extra } = await compare(model, one, 'photo');
    expect(all).toBeGreaterThan(10);
    expect({ same, extra }).toEqual({ same: all, extra: 0 });
  });

  it.each(CASES)('finds on frames of a camera nearly what the reference finds: $family ($file)', async (one) => {
    const { all, same } = await compare(await openModel(one), one, 'camera');
    expect(same / all).toBeGreaterThanOrEqual(one.live);
  });

  it('of YOLOv8 in other forms sees the same: end-to-end, and as labels, boxes and scores', async () => {
    const photo = join(shared, 'images', 'photos', 'vtest_20s.png');
    const found = async (file: string): Promise<number[]> => {
      const model = await openModel({ file });
      return (await detect(model, await frameFor(model, photo, 'photo')))
        .map(({ score }) => score)
        .filter((score) => score >= 0.5);
    };
    const plain = await found('yolov8n_640_nodered.onnx');
    const endToEnd = await found('yolov8n_640_e2e_300x6_derived.onnx');
    expect(plain.length).toBeGreaterThan(4);
    for (const [i, score] of plain.entries()) expect(endToEnd[i]).toBeCloseTo(score, 3);
    // Stretched instead of letterboxed: the same people, with other scores.
    expect((await found('yolov8n_640_dfine_style_derived.onnx')).length).toBeGreaterThanOrEqual(plain.length - 2);
  });

  const judged = CASES.filter(({ file }) => isSlowAsked || /^(yolox|ssd)/.test(file));

  it.each(judged)(
    'is as precise on photos as the reference: $family',
    async (one) => {
      const { ours, reference } = await precision(one, 'photo');
      expect(Math.abs(ours - reference)).toBeLessThanOrEqual(0.01);
    },
    600_000,
  );

  it.each(isSlowAsked ? CASES : [])(
    'is as precise on frames of a camera as the reference: $family',
    async (one) => {
      const { ours, reference } = await precision(one, 'camera');
      expect(Math.abs(ours - reference)).toBeLessThanOrEqual(0.01);
    },
    600_000,
  );

  it.runIf(isSlowAsked)(
    'is more precise as it was trained than as the reference feeds it: picodet',
    async () => {
      const { ours, reference } = await precision({ file: PICODET }, 'photo');
      expect(ours).toBeGreaterThan(reference + 0.03);
    },
    600_000,
  );
});
