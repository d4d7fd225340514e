/**
 * What all model families share: how to recognise one, what picture it takes, and how its outputs become boxes.
 * A family is one small file with this interface; `families` lists them.
 *
 * A model is recognised after it has answered one trial picture: then every dimension has a length, and the values themselves
 * tell scores from boxes and pixels from fractions where names and shapes could mean two things.
 */
import type { SizePx } from '../messages/video.ts';
import type { ModelGraph } from './graph.ts';

export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  /** a text is a symbolic dimension */
  readonly shape: readonly (number | string)[];
}

/** One output of one run. Whole numbers and half floats come as floats too. */
export interface Output {
  readonly name: string;
  /** type in the model */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A model as it shows itself: what its file says, and what it answered to the trial picture. */
export interface Seen {
  readonly inputs: readonly TensorInfo[];
  /** what the trial picture was */
  readonly size: SizePx;
  readonly outputs: readonly Output[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: ModelGraph;
}

/** How bytes 0…255 become the model's input: (value − mean) / std per channel, channels in this order. */
export interface PixelRule {
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** How a picture of another aspect ratio is laid into the model's shape. */
export type Fit = 'centre' | 'corner' | 'stretch';

/**
 * How this family's own code makes a photo smaller. `linear`: the two nearest pixels each way, whatever the scale; `area`: the mean
 * of all pixels that fall into one. Frames of cameras are averaged in either case.
 */
export type Resampling = 'linear' | 'area';

/**
 * Either the one shape that the model takes, or how to choose one that follows the camera's aspect ratio: by area, by the longer
 * side, or the camera's own up to a limit, for models that scale for themselves.
 */
export type ShapeRule =
  | { readonly fixed: SizePx }
  | { readonly maxSidePx: number }
  | { readonly multiplePx: number; readonly areaPx: number }
  | { readonly multiplePx: number; readonly longSidePx: number };

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

/** How one model is to be used. */
export interface Plan {
  /** what was seen that made it of this family: people read it */
  readonly reason: string;
  readonly pixels: PixelRule;
  readonly fit: Fit;
  /** grey level of what the picture does not cover; 114 where absent */
  readonly border?: number;
  /** `linear` where absent */
  readonly resampling?: Resampling;
  /** for models that leave height and width open */
  readonly freeShape: Exclude<ShapeRule, { readonly fixed: SizePx }>;
  /** undefined where the graph does not say */
  readonly classes: number | undefined;
  /** classes are numbered as COCO's annotations are, where nobody names them: 1 … 90 with gaps (TensorFlow) */
  readonly isNumberedFrom1?: boolean;
  /** names of the outputs that `decode` gets, in its order */
  readonly outputs: readonly string[];
  /** IoU above which the weaker of two boxes of one label goes; undefined for models that need no NMS */
  readonly nmsIou: number | undefined;
  readonly decode: (outputs: readonly Output[], options: DecodeOptions) => Candidate[];
}

export interface Family {
  readonly name: string;
  /** shapes that are accepted, for the table of a refusal */
  readonly accepts: string;
  /**
   * Undefined where this model is not of this family. Where a person has said that it is (`isStated`), only what decoding needs
   * must hold.
   */
  recognise(seen: Seen, options: { readonly isStated: boolean }): Plan | undefined;
}

/** Values 0…1 in RGB: YOLO's and most transformers' way. */
export const RGB_UNIT: PixelRule = { channels: 'rgb', mean: [0, 0, 0], std: [255, 255, 255] };
/** Mean and deviation of ImageNet, in RGB. */
export const RGB_IMAGENET: PixelRule = { channels: 'rgb', mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
/** The same numbers for pictures as OpenCV reads them. */
export const BGR_IMAGENET: PixelRule = { channels: 'bgr', mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395] };
