/**
 * What all model families share: how to recognise one, what picture it takes, and how its outputs become boxes.
 * A family is one small file with this interface; `families` lists them.
 */
import type { SizePx } from '../messages.ts';
import type { Manifest } from './model-file.ts';

export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  /** a text is a symbolic dimension */
  readonly shape: readonly (number | string)[];
}

export interface Graph {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** How bytes 0…255 become the model's input: (value − mean) / std per channel, planes in this order. */
export interface PixelRule {
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Either the one shape that the model takes, or how to choose one that follows the camera's aspect ratio. */
export type ShapeRule = { readonly fixed: SizePx } | { readonly multiplePx: number; readonly areaPx: number };

/** A box in pixels of the model's input, before it is mapped to the camera's picture. */
export interface Candidate {
  /** index into the model's labels */
  readonly label: number;
  readonly score: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly wPx: number;
  readonly hPx: number;
}

export interface DecodeOptions {
  readonly input: SizePx;
  /** indices of the labels that are wanted */
  readonly labels: readonly number[];
  readonly minScore: number;
}

export interface Family {
  readonly name: string;
  /** why this graph is of this family, or undefined */
  recognise(graph: Graph): string | undefined;
  labels(graph: Graph, manifest: Manifest | undefined): readonly string[];
  pixels(manifest: Manifest | undefined): PixelRule;
  shape(graph: Graph, manifest: Manifest | undefined): ShapeRule;
  /** IoU above which the weaker of two boxes of one label goes; undefined for models that need no NMS */
  readonly nmsIou: number | undefined;
  decode(outputs: ReadonlyMap<string, Float32Array>, options: DecodeOptions): Candidate[];
}
