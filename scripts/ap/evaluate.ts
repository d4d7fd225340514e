/** A model and a folder of pictures with their truth → average precision, by the way that a camera's frames go. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Photo, readPhoto } from '../../src/commands/photo.ts';
import { Model } from '../../src/detector/model.ts';
import { frameShape, toDetection } from '../../src/detector/shape.ts';
import { createLogger } from '../../src/lib/log.ts';
import type { Detection, SizePx } from '../../src/messages.ts';
import { type AveragePrecision, averagePrecision, type Picture, type Rect } from './coco.ts';

/** Low scores are the far end of the curve. */
const MIN_SCORE = 0.01;
const DECODERS = 4;

export interface EvaluateOptions {
  readonly pictures: string;
  readonly label: string;
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

export async function evaluate(modelPath: string, { pictures, label, family }: EvaluateOptions): Promise<Evaluation> {
  const { images, annotations, categories } = JSON.parse(
    await readFile(join(pictures, 'annotations.json'), 'utf8'),
  ) as Annotations;
  const category = categories.find(({ name }) => name === label)?.id;
  const model = await Model.open({ modelPath, family, labels: [label], minScore: MIN_SCORE, threads: 2 });
  const results: Picture[] = [];
  // Decoders start ahead of the model, which takes one picture after the other.
  const ahead = new Map<number, Promise<Photo>>();
  const open = (i: number): void => {
    const image = images[i];
    if (image) ahead.set(i, photoFor(model, join(pictures, image.file_name)));
  };
  for (let i = 0; i < DECODERS; i++) open(i);
  for (const [i, { id, width, height }] of images.entries()) {
    const photo = await ahead.get(i);
    open(i + DECODERS);
    const found = photo ? await detect(model, photo) : [];
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

/** What a camera that shows this photo would deliver to this model. */
export async function photoFor(model: Model, path: string): Promise<Photo> {
  return await readPhoto(path, {
    inputShape: (source: SizePx) => frameShape(model.info, source),
    withRecording: false,
    log: createLogger('error'),
    signal: new AbortController().signal,
  });
}

export async function detect(model: Model, { format: { detect: frame }, frame: bytes }: Photo): Promise<Detection[]> {
  const candidates = await model.run(bytes, frame);
  return candidates.map((one) => toDetection(one, { picture: frame.picture, labels: model.info.labels }));
}

function inputOf({ info: { shape, fit } }: Model): string {
  if ('fixed' in shape) return `${shape.fixed.widthPx} × ${shape.fixed.heightPx}, ${fit}`;
  if ('maxSidePx' in shape) return `at most ${shape.maxSidePx} px, ${fit}`;
  return 'areaPx' in shape ? `${shape.areaPx} px², ${fit}` : `${shape.longSidePx} px, ${fit}`;
}
