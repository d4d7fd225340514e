/** A model file, loaded and understood: one picture in, candidates out. Runs in the host process, where it may hang or crash. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../lib/errors.ts';
import type { SizePx } from '../messages/video.ts';
import { type Recognised, recogniseFamily, type StatedFamily } from './families.ts';
import type { Candidate, Output, PixelRule, Plan, Seen, ShapeRule, TensorInfo } from './family.ts';
import { type GivenLabels, indicesOf, labelsFor, namesOf } from './labels.ts';
import { givenLabels, type Manifest, type ModelFile, openModelFile } from './model-file.ts';
import { suppress } from './nms.ts';
import { type Flaw, flawOf, MAX_SCORE, scoreFlaw } from './nonsense.ts';
import { otherInput, type PictureInput } from './picture-input.ts';
import { type Preprocess, preprocessor } from './preprocess.ts';
import { inputShape } from './shape.ts';
import { OutputReader } from './tensors.ts';
import { failsOnPicture, type LoadedModel, loadModel, tryPicture } from './trial.ts';
import { type HostOptions, type ModelInfo, NONSENSE_HINT } from './wire.ts';

const CAMERA_SIZE: SizePx = { widthPx: 640, heightPx: 360 };
const GREY = 114;
/** A picture in so many is looked at for nonsense: at one a second within half a minute. */
const LOOK_EVERY = 25;

interface ModelParts {
  readonly loaded: LoadedModel;
  readonly file: ModelFile;
  readonly seen: Seen;
  readonly recognised: Recognised;
  readonly given: GivenLabels | undefined;
  readonly options: HostOptions;
}

export class Model {
  readonly info: ModelInfo;
  readonly #session: InferenceSession;
  readonly #plan: Plan;
  readonly #nmsIou: number | undefined;
  readonly #boxShiftPx: number;
  readonly #minScore: number;
  readonly #picture: PictureInput;
  readonly #otherInputs: readonly TensorInfo[];
  readonly #preprocess: Preprocess;
  readonly #reader = new OutputReader();
  readonly #isQuantised: boolean;
  #flaw: Flaw | undefined;
  #pictures = 0;
  #wanted: readonly number[];
  #feeds: Record<string, Tensor> = {};
  #fedSize: SizePx = { widthPx: 0, heightPx: 0 };

  /** Loads the model and runs it on a grey picture to understand it. Throws a UserError for a file that is no usable model. */
  static async open(options: HostOptions): Promise<Model> {
    const file = await openModelFile(options.modelPath);
    const loaded = await loadModel(file.path, options.threads);
    const seen = await tryPicture(loaded);
    const recognised = recogniseFamily(seen, { shown: file.path, stated: statedFamily(options, file) });
    const given = await givenLabels(file, namesOf(seen.metadata));
    const parts: ModelParts = { loaded, file, seen, recognised, given, options };
    const model = new Model(parts, shapeOf(parts));
    if (!('fixed' in model.info.shape)) {
      if (await model.#takesCameraShape()) return model.#believable(file.path);
      // Some models that leave their shape open take only the one they were made for.
      return await new Model(parts, { fixed: seen.size }).#proven(file.path);
    }
    return await model.#proven(file.path);
  }

  private constructor({ loaded, file, seen, recognised, given, options }: ModelParts, shape: ShapeRule) {
    const { family, plan } = recognised;
    const { manifest, path } = file;
    const { labels, from } = labelsFor(plan.classes, { given, isNumberedFrom1: plan.isNumberedFrom1 === true, shown: path });
    const pixels = pixelsOf(plan, manifest);
    this.info = {
      family,
      reason: plan.reason,
      labels,
      labelsFrom: from,
      shape,
      fit: manifest?.input?.fit ?? plan.fit,
      border: manifest?.input?.border ?? plan.border ?? GREY,
      resampling: plan.resampling ?? 'linear',
      pixels,
      inputs: loaded.inputs,
      outputs: loaded.outputs,
      parameters: seen.graph.parameters,
    };
    this.#session = loaded.session;
    this.#plan = plan;
    this.#nmsIou = plan.nmsIou === undefined ? undefined : (manifest?.nmsIou ?? plan.nmsIou);
    this.#boxShiftPx = manifest?.boxShiftPx ?? 0;
    this.#minScore = options.minScore;
    this.#picture = loaded.picture;
    this.#isQuantised = ['QuantizeLinear', 'DequantizeLinear'].some((op) => seen.graph.has(op));
    this.#otherInputs = loaded.inputs.filter(({ name }) => name !== loaded.picture.name);
    this.#preprocess = preprocessor(loaded.picture, pixels);
    this.#wanted = indicesOf(options.labels, { labels, shown: path });
  }

  /** Why its answers cannot be believed, as far as that was seen. */
  get flaw(): string | undefined {
    return this.#flaw?.sentence;
  }

  /** From now on only these classes are looked for. */
  lookFor(labels: readonly number[]): void {
    this.#wanted = labels;
  }

  /** `bytes`: planar G, B, R of `size`. Boxes in pixels of `size`, after NMS, with scores of at least `minScore`. */
  async run(bytes: Uint8Array, size: SizePx): Promise<Candidate[]> {
    const feeds = this.#feedsFor(size);
    feeds[this.#picture.name] = this.#preprocess(bytes, size);
    const { outputs: names, decode } = this.#plan;
    const results = await this.#session.run(feeds, names);
    const outputs = names.map((name) => this.#reader.read(name, results[name] as Tensor));
    const decoded = decode(outputs, { input: size, labels: this.#wanted, minScore: this.#minScore });
    this.#judge(decoded, { outputs, size });
    const candidates = decoded.filter(isSound).map(capped);
    const kept = this.#nmsIou === undefined ? candidates : suppress(candidates, { iou: this.#nmsIou, frame: size });
    return this.#boxShiftPx === 0 ? kept : kept.map((one) => shifted(one, this.#boxShiftPx));
  }

  /** What goes in beside the picture, made once per size. */
  #feedsFor(size: SizePx): Record<string, Tensor> {
    if (size.widthPx === this.#fedSize.widthPx && size.heightPx === this.#fedSize.heightPx) return this.#feeds;
    const others = this.#otherInputs.map((info) => [info.name, otherInput(info, size)] as const);
    this.#feeds = Object.fromEntries(others.flatMap(([name, tensor]) => (tensor ? [[name, tensor]] : [])));
    this.#fedSize = size;
    return this.#feeds;
  }

  /** What cannot be a score is seen at once, the rest now and then. */
  #judge(decoded: readonly Candidate[], { outputs, size }: { outputs: readonly Output[]; size: SizePx }): void {
    if (this.#flaw?.isProof === true) return;
    const wrong = scoreFlaw(decoded);
    const isLooked = this.#pictures++ % LOOK_EVERY === 0;
    if (wrong) this.#flaw = wrong;
    else if (isLooked) {
      const { labels, decode, nmsIou } = { ...this.#plan, labels: this.#wanted };
      const classes = this.info.labels.length;
      this.#flaw = flawOf({ outputs, plan: { decode, nmsIou }, input: size, labels, classes, isQuantised: this.#isQuantised });
    }
  }

  /** Throws a UserError for a model whose answer to a picture cannot be believed. */
  async #proven(shown: string): Promise<this> {
    const size = inputShape(this.info.shape, CAMERA_SIZE);
    await this.run(probe(size), size);
    return this.#believable(shown);
  }

  #believable(shown: string): this {
    // The first picture of a camera is looked at again.
    this.#pictures = 0;
    if (this.#flaw) throw new UserError(`The model ${shown} answers nonsense: ${this.#flaw.sentence}`, { hint: NONSENSE_HINT });
    return this;
  }

  async #takesCameraShape(): Promise<boolean> {
    const size = inputShape(this.info.shape, CAMERA_SIZE);
    try {
      await this.run(probe(size), size);
      return true;
    } catch (error) {
      return failsOnPicture(error);
    }
  }
}

/** Greys around the middle, the same every time: no picture, but not one value everywhere. */
function probe({ widthPx, heightPx }: SizePx): Uint8Array {
  const bytes = new Uint8Array(widthPx * heightPx * 3);
  for (let i = 0, value = 1; i < bytes.length; i++) {
    value = (Math.imul(value, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[i] = 60 + ((value >> 16) % 90);
  }
  return bytes;
}

/** Half floats may lie a little above 1. */
function capped(candidate: Candidate): Candidate {
  return candidate.score > 1 ? { ...candidate, score: 1 } : candidate;
}

function statedFamily({ family }: HostOptions, { manifest, manifestPath }: ModelFile): StatedFamily | undefined {
  if (family !== undefined) return { name: family, by: '--model-family' };
  return manifest?.family === undefined ? undefined : { name: manifest.family, by: `the manifest ${manifestPath}` };
}

/** The manifest may know better, number by number. */
function pixelsOf({ pixels }: Plan, manifest: Manifest | undefined): PixelRule {
  const { channels, mean, std } = manifest?.input ?? {};
  return { channels: channels ?? pixels.channels, mean: mean ?? pixels.mean, std: std ?? pixels.std };
}

function shapeOf({ loaded: { picture }, seen, recognised: { plan }, file: { manifest } }: ModelParts): ShapeRule {
  const { widthPx, heightPx } = picture;
  if (widthPx !== undefined && heightPx !== undefined) return { fixed: { widthPx, heightPx } };
  // One side is open: it takes the length that was tried.
  if (widthPx !== undefined || heightPx !== undefined) return { fixed: seen.size };
  const { sideMultiplePx, areaPx, longSidePx } = manifest?.input ?? {};
  const own = plan.freeShape;
  const multiplePx = sideMultiplePx ?? ('multiplePx' in own ? own.multiplePx : 1);
  if (areaPx !== undefined) return { multiplePx, areaPx };
  if (longSidePx !== undefined) return { multiplePx, longSidePx };
  return 'multiplePx' in own ? { ...own, multiplePx } : own;
}

function shifted({ label, score, xPx, yPx, wPx, hPx }: Candidate, byPx: number): Candidate {
  return { label, score, xPx: xPx + byPx, yPx: yPx + byPx, wPx, hPx };
}

/** A model may answer with anything, also with what is no number. */
function isSound({ score, xPx, yPx, wPx, hPx }: Candidate): boolean {
  return wPx > 0 && hPx > 0 && score <= MAX_SCORE && Number.isFinite(score + xPx + yPx + wPx + hPx);
}
