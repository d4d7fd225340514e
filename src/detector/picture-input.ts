/** Which of a model's inputs is the picture, how it is laid out, and what the other inputs get. */
import { Tensor } from 'onnxruntime-node';
import type { SizePx } from '../messages/video.ts';
import type { TensorInfo } from './family.ts';

export interface PictureInput {
  readonly name: string;
  readonly type: 'float32' | 'float16' | 'uint8';
  readonly layout: 'nchw' | 'nhwc';
  /** undefined where the model leaves it open */
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
}

/**
 * What models that give boxes in pixels of "the original picture" are told of its size, whichever of width and height they want
 * first: boxes come back in 1/1024 of each side.
 */
export const TOLD_SIZE_PX = 1024;

/** How many pictures a model wants at once, where that is more than one; undefined for any other model. */
export function fixedBatch(inputs: readonly TensorInfo[]): number | undefined {
  const [batch] = inputs.find(({ shape }) => shape.length === 4 && typeof shape[0] === 'number' && shape[0] > 1)?.shape ?? [];
  return typeof batch === 'number' ? batch : undefined;
}

/** The one input that is a picture of three channels in a batch of one, or undefined. */
export function findPicture(inputs: readonly TensorInfo[]): PictureInput | undefined {
  const pictures = inputs.flatMap((info) => asPicture(info) ?? []);
  return pictures.length === 1 ? pictures[0] : undefined;
}

function asPicture({ name, type, shape }: TensorInfo): PictureInput | undefined {
  if ((type !== 'float32' && type !== 'float16' && type !== 'uint8') || shape.length !== 4) return undefined;
  const [batch, second, third, fourth] = shape;
  if (fixed(batch) !== undefined && batch !== 1) return undefined;
  const isLast = fourth === 3 && second !== 3;
  const channels = fixed(isLast ? fourth : second);
  if (channels !== undefined && channels !== 3) return undefined;
  const [heightPx, widthPx] = isLast ? [fixed(second), fixed(third)] : [fixed(third), fixed(fourth)];
  return { name, type, layout: isLast ? 'nhwc' : 'nchw', widthPx, heightPx };
}

function fixed(side: number | string | undefined): number | undefined {
  return typeof side === 'number' && side > 0 ? side : undefined;
}

/** What an input that is no picture gets, or undefined where nobody knows. */
export function otherInput({ name, type, shape }: TensorInfo, size: SizePx): Tensor | undefined {
  if (shape.length === 2 && shape[1] === 2) return numbers(type, { dims: [1, 2], values: sizeValues(name, size) });
  // A mask that says which pixels are picture: all of them (DETR).
  if (shape.length === 3 && (type === 'int64' || type === 'bool')) {
    const dims = [1, fixed(shape[1]) ?? size.heightPx, fixed(shape[2]) ?? size.widthPx];
    return numbers(type, { dims, values: Array<number>((dims[1] ?? 1) * (dims[2] ?? 1)).fill(1) });
  }
  return undefined;
}

/** PaddleDetection tells the two meanings of a pair apart by name; everybody else has only the original size. */
function sizeValues(name: string, { widthPx, heightPx }: SizePx): number[] {
  if (name.includes('scale_factor')) return [1, 1];
  return name.includes('im_shape') ? [heightPx, widthPx] : [TOLD_SIZE_PX, TOLD_SIZE_PX];
}

function numbers(type: string, { dims, values }: { dims: readonly number[]; values: readonly number[] }): Tensor | undefined {
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  if (type === 'int32') return new Tensor('int32', Int32Array.from(values), dims);
  if (type === 'float32') return new Tensor('float32', Float32Array.from(values), dims);
  return type === 'bool' ? new Tensor('bool', Uint8Array.from(values), dims) : undefined;
}
