import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect, evaluate, photoFor } from '../../scripts/ap/evaluate.ts';
import { Model } from '../../src/detector/model.ts';
import { frameShape, toDetection } from '../../src/detector/shape.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages.ts';
import { modelFolder } from './folder.ts';
import { bitmapOf, frameOf, type Resampling } from './resample.ts';

/** Models of others and what Python found with them: beside the repository on the developers' machines, never in it. */
const shared = packagePath('..', 'shared');
const isThere = existsSync(join(shared, 'onnx', 'reference_detections.json'));
if (!isThere) process.stderr.write('reference.test.ts: skipped, ../shared/onnx is not here\n');
/** All average precisions take minutes; `LOOKOUT_SLOW=1` asks for them. */
const isSlowAsked = process.env['LOOKOUT_SLOW'] === '1';

interface Case {
  readonly file: string;
  readonly family: string;
  /** how the reference scaled its pictures; it fed SSD the photo as it was */
  readonly how: Resampling | undefined;
  /** of the reference's boxes so many may differ, and why */
  readonly mayMiss?: number;
  /** what the reference did otherwise than the model was trained */
  readonly manifest?: object;
  /** input pixels by which the reference's boxes lie further up and left */
  readonly shiftPx?: number;
  /** of all boxes, how many match through ffmpeg's scaler, which averages where OpenCV's `linear` skips pixels */
  readonly matching: number;
}

const CASES: readonly Case[] = [
  { file: 'yolox_nano_416_kazuhito.onnx', family: 'yolox', how: 'linear', matching: 0.7 },
  { file: 'yolov5s_640_conv.onnx', family: 'yolov5', how: 'linear', matching: 0.8 },
  { file: 'yolov8n_640_nodered.onnx', family: 'yolov8', how: 'linear', matching: 1 },
  { file: 'deimv2_femto_coco.onnx', family: 'd-fine', how: 'linear', matching: 0.75 },
  { file: 'nanodet_m_320.onnx', family: 'nanodet', how: 'area', matching: 0.7 },
  // Of two boxes of one person that overlap by about the limit of the suppression, the other one stays.
  { file: 'fastestdet_352.onnx', family: 'fastestdet', how: 'area', mayMiss: 2, matching: 0.85 },
  { file: 'ssdlite_mobilenetv2_coco_tfod_conv.onnx', family: 'ssd', how: undefined, matching: 1 },
  {
    // Trained on stretched RGB (AP 0.363); the reference feeds letterboxed BGR on black (0.318) and puts points half a pixel off.
    file: 'picodet_s_320_coco.onnx',
    family: 'picodet',
    how: 'area',
    manifest: {
      input: { channels: 'bgr', mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395], fit: 'centre', border: 0 },
    },
    shiftPx: 0.5,
    matching: 0,
  },
];

/** left, top, right, bottom in pixels, score */
type ReferenceBox = readonly [number, number, number, number, number];

const references = isThere
  ? (JSON.parse(await readFile(join(shared, 'onnx', 'reference_detections.json'), 'utf8')) as {
      models: Record<string, Record<string, ReferenceBox[]>>;
    })
  : { models: {} };

async function openModel({ file, manifest }: Case): Promise<Model> {
  const original = join(shared, 'onnx', file);
  const options = { labels: ['person'], minScore: 0.1, threads: 2 };
  if (!manifest) return await Model.open({ ...options, modelPath: original });
  await using folder = await modelFolder();
  await symlink(original, join(folder.path, 'model.onnx'));
  await folder.put('model.json', JSON.stringify(manifest));
  return await Model.open({ ...options, modelPath: join(folder.path, 'model.onnx') });
}

interface Photo {
  readonly path: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly boxes: readonly ReferenceBox[];
}

/** How many of the reference's boxes have one of ours with IoU of at least 0.9 and a score within 0.05. */
function matches(detections: readonly Detection[], { boxes, widthPx, heightPx }: Photo): number {
  return boxes.filter(([left, top, right, bottom, score]) =>
    detections.some(({ box, score: ours }) => {
      const w = Math.min(right, (box.x + box.w) * widthPx) - Math.max(left, box.x * widthPx);
      const h = Math.min(bottom, (box.y + box.h) * heightPx) - Math.max(top, box.y * heightPx);
      const both = Math.max(0, w) * Math.max(0, h);
      const all = (right - left) * (bottom - top) + box.w * widthPx * box.h * heightPx - both;
      return both / all >= 0.9 && Math.abs(ours - score) <= 0.05;
    }),
  ).length;
}

async function detectLike(model: Model, { photo, one }: { photo: Photo; one: Case }): Promise<Detection[]> {
  const { how, shiftPx = 0 } = one;
  if (!how) return await detect(model, await photoFor(model, photo.path));
  const bitmap = await bitmapOf(photo.path);
  const shape = frameShape(model.info, bitmap);
  const candidates = await model.run(frameOf(bitmap, { shape, how }), shape);
  return candidates.map(({ xPx, yPx, ...rest }) =>
    toDetection({ xPx: xPx - shiftPx, yPx: yPx - shiftPx, ...rest }, { picture: shape.picture, labels: model.info.labels }),
  );
}

describe.runIf(isThere)('every model of ../shared/onnx', () => {
  it.each(CASES)('finds what the reference finds: $family ($file)', async (one) => {
    const model = await openModel(one);
    expect(model.info.family).toBe(one.family);
    let [all, same, scaled] = [0, 0, 0];
    for (const [name, boxes] of Object.entries(references.models[one.file] ?? {})) {
      const path = join(shared, 'images', 'photos', name);
      const { widthPx, heightPx } = await bitmapOf(path);
      const photo: Photo = { path, widthPx, heightPx, boxes };
      all += boxes.length;
      same += matches(await detectLike(model, { photo, one }), photo);
      scaled += matches(await detect(model, await photoFor(model, path)), photo);
    }
    expect(all).toBeGreaterThan(10);
    expect(same).toBeGreaterThanOrEqual(all - (one.mayMiss ?? 0));
    expect(scaled / all).toBeGreaterThanOrEqual(one.matching);
  });

  it('of YOLOv8 in other forms sees the same: end-to-end, and as labels, boxes and scores', async () => {
    const photo = join(shared, 'images', 'photos', 'vtest_20s.png');
    const found = async (file: string): Promise<number[]> => {
      const model = await openModel({ file, family: '', how: undefined, matching: 0 });
      return (await detect(model, await photoFor(model, photo))).map(({ score }) => score).filter((score) => score >= 0.5);
    };
    const plain = await found('yolov8n_640_nodered.onnx');
    const endToEnd = await found('yolov8n_640_e2e_300x6_derived.onnx');
    expect(plain.length).toBeGreaterThan(4);
    for (const [i, score] of plain.entries()) expect(endToEnd[i]).toBeCloseTo(score, 3);
    // Stretched instead of letterboxed: the same people, with other scores.
    expect((await found('yolov8n_640_dfine_style_derived.onnx')).length).toBeGreaterThanOrEqual(plain.length - 2);
  });

  it.each(CASES.filter(({ file }) => isSlowAsked || file.startsWith('yolox')))(
    'is as precise as the reference: $family',
    async ({ file, family }) => {
      const figures = JSON.parse(await readFile(join(shared, 'onnx', 'models.json'), 'utf8')) as {
        file: string;
        person_AP: { coco128_val2017: [number, number] } | null;
      }[];
      const reference = figures.find((one) => one.file === file)?.person_AP?.coco128_val2017[0];
      if (reference === undefined) return;
      const pictures = join(shared, 'images', 'coco128_val2017');
      const { ap } = await evaluate(join(shared, 'onnx', file), { pictures, label: 'person' });
      // PicoDet is used as it was trained, which the reference does not do.
      if (family === 'picodet') expect(ap).toBeGreaterThan(reference + 0.03);
      else expect(Math.abs(ap - reference)).toBeLessThanOrEqual(0.01);
    },
    600_000,
  );
});
