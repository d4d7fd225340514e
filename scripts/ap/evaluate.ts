/**
 * A model and a folder of pictures with their truth → average precision, by the way that a camera's frames go (ffmpeg's scaler), or
 * by the one that `inspect` goes (the arithmetic of the family's own code).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPhoto } from '../../src/commands/photo.ts';
import { Model } from '../../src/detector/model.ts';
import { frameOf } from '../../src/detector/resample.ts';
import { frameShape, toDetection } from '../../src/detector/shape.ts';
import { createLogger } from '../../src/lib/log.ts';
import type { Detection } from '../../src/messages/detection.ts';
import { type AveragePrecision, averagePrecision, type Picture, type Rect } from './coco.ts';
import { type LiveFrame, liveFrame } from './live-frame.ts';

/** Low scores are the far end of the curve. */
const MIN_SCORE = 0.01;
const DECODERS = 4;

/** `camera`: ffmpeg scales, as in `run`; `photo`: as in `inspect` */
export type Way = 'camera' | 'photo';

export interface EvaluateOptions {
  readonly pictures: string;
  readonly label: string;
  readonly way: Way;
  /** only the first so many pictures */
  readonly limit?: number;
  readonly family?: string | undefined;
}

export interface Evaluation extends AveragePrecision {
  readonly family: string;
  readonly input: string;
}

interface Annotations {
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly annotations: readonly {
    readonly image_id: number;
    readonly bbox: Rect;
    readonly iscrowd: 0 | 1;
    readonly category_id: number;
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

export async function evaluate(modelPath: string, { pictures, label, family, way, limit }: EvaluateOptions): Promise<Evaluation> {
  const {
    images: all,
    annotations,
    categories,
  } = JSON.parse(await readFile(join(pictures, 'annotations.json'), 'utf8')) as Annotations;
  const images = all.slice(0, limit);
  const category = categories.find(({ name }) => name === label)?.id;
  const model = await Model.open({ modelPath, family, labels: [label], minScore: MIN_SCORE, threads: 2 });
  const results: Picture[] = [];
  // Decoders start ahead of the model, which takes one picture after the other.
  const ahead = new Map<number, Promise<LiveFrame>>();
  const open = (i: number): void => {
    const image = images[i];
    if (image) ahead.set(i, frameFor(model, join(pictures, image.file_name), way));
  };
  for (let i = 0; i < DECODERS; i++) open(i);
  for (const [i, { id, width, height }] of images.entries()) {
    const frame = await ahead.get(i);
    open(i + DECODERS);
    const found = frame ? await detect(model, frame) : [];
    results.push({
      truths: annotations
        .filter((one) => one.image_id === id && one.category_id === category)
        .map(({ bbox, iscrowd }) => ({ rect: bbox, isCrowd: iscrowd === 1 })),
      found: found.map(({ score, box }) => ({ score, rect: [box.x * width, box.y * height, box.w * width, box.h * height] })),
    });
    ahead.delete(i);
  }
  return { ...averagePrecision(results), family: model.info.family, input: inputOf(model) };
}

export async function frameFor(model: Model, path: string, way: Way): Promise<LiveFrame> {
  if (way === 'camera') return await liveFrame(path, model.info);
  const bitmap = await readPhoto(path, { log: createLogger('error'), signal: new AbortController().signal });
  const shape = frameShape(model.info, bitmap);
  return { shape, bytes: frameOf(bitmap, { shape, how: model.info.resampling }) };
}

export async function detect(model: Model, { shape, bytes }: LiveFrame): Promise<Detection[]> {
  const candidates = await model.run(bytes, shape);
  return candidates.map((one) => toDetection(one, { picture: shape.picture, labels: model.info.labels }));
}

function inputOf({ info: { shape, fit } }: Model): string {
  if ('fixed' in shape) return `${shape.fixed.widthPx} × ${shape.fixed.heightPx}, ${fit}`;
  if ('maxSidePx' in shape) return `at most ${shape.maxSidePx} px, ${fit}`;
  return 'areaPx' in shape ? `${shape.areaPx} px², ${fit}` : `${shape.longSidePx} px, ${fit}`;
}
