/**
 * Loading a model that nobody knows yet, and its answer to one grey picture. The file is looked at before it is loaded, and
 * every tensor before it is made: a model is as untrusted as a camera. What hangs all the same is killed by the host's owner.
 */
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { messageOf, UserError } from '../lib/errors.ts';
import type { SizePx } from '../messages/video.ts';
import { row } from './families.ts';
import { type Output, RGB_UNIT, type Seen, type TensorInfo } from './family.ts';
import { ModelGraph } from './graph.ts';
import { checkExternalFiles } from './model-file.ts';
import { type OnnxFile, readOnnxFile } from './onnx-file.ts';
import { findPicture, fixedBatch, otherInput, type PictureInput } from './picture-input.ts';
import { preprocessor } from './preprocess.ts';
import { bytesOf, OutputReader } from './tensors.ts';
import { exportedSides } from './ultralytics.ts';

/** ONNX Runtime writes below this level to stderr: warnings about graph details help nobody here. */
const LOG_ERRORS_ONLY = 3;
/** A second thread waits for work by running in circles otherwise, at 5 pictures a second longer than it works (measured: 2.5 × the CPU). */
const WAIT_ASLEEP = { session: { intra_op: { allow_spinning: '0' } } };
const MAX_TENSOR_BYTES = 256 * 2 ** 20;
/** Tried in turn where a model leaves its shape open and does not say what it was made for. */
const USUAL_SIDES_PX = [640, 416, 320, 512, 800, 224];
const GREY = 114;

export interface LoadedModel {
  readonly path: string;
  readonly file: OnnxFile;
  readonly session: InferenceSession;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly picture: PictureInput;
}

/** Throws a UserError for whatever is no model that takes one picture. */
export async function loadModel(path: string, threads: number): Promise<LoadedModel> {
  const file = readFileOf(path);
  await checkExternalFiles(path, file.externalFiles);
  checkOperations(path, file);
  const session = await InferenceSession.create(path, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    ...(threads > 1 ? { extra: WAIT_ASLEEP } : {}),
    logSeverityLevel: LOG_ERRORS_ONLY,
  }).catch((cause: unknown) => {
    throw notLoadable(path, cause);
  });
  const inputs = session.inputMetadata.map(tensorInfo);
  const outputs = session.outputMetadata.map(tensorInfo);
  for (const info of [...inputs, ...outputs]) checkBytes(path, info);
  const picture = findPicture(inputs);
  if (!picture) {
    const batch = fixedBatch(inputs);
    if (batch !== undefined)
      throw new UserError(`${path} takes ${batch} pictures at once${inputs.map((info) => row('input', info)).join('')}`, {
        hint: 'cameras give one after the other: export it with a batch of 1, or with a dynamic one',
      });
    throw new UserError(`${path} takes no picture, or more than one${inputs.map((info) => row('input', info)).join('')}`, {
      hint: 'a detector takes one picture: [1, 3, height, width] or [1, height, width, 3] of float32, float16 or uint8',
    });
  }
  return { path, file, session, inputs, outputs, picture };
}

/** Runs it once, in the first shape that it takes. */
export async function tryPicture(model: LoadedModel): Promise<Seen> {
  const { file, inputs } = model;
  let failure: unknown;
  for (const size of sizesOf(model)) {
    try {
      const outputs = await answerOf(model, size);
      return { inputs, size, outputs, metadata: file.metadata, graph: new ModelGraph(file) };
    } catch (error) {
      if (error instanceof UserError) throw error;
      failure ??= error;
    }
  }
  throw new UserError(`${model.path} was loaded but fails on a picture (${firstLine(messageOf(failure))})`, {
    hint: 'export it again, or leave out -m to use the bundled model',
    cause: failure,
  });
}

/** False for an error of the model itself, so that another shape can be tried; others are thrown on. */
export function failsOnPicture(error: unknown): false {
  if (error instanceof Error && !(error instanceof TypeError)) return false;
  throw error;
}

/** TensorRT's own operations, with which some exporters suppress doubles. */
function checkOperations(path: string, { nodes }: OnnxFile): void {
  const foreign = nodes.find(({ op }) => op.endsWith('_TRT'));
  if (!foreign) return;
  throw new UserError(`${path} is made for TensorRT: it needs the operation ${foreign.op}, which ONNX has not`, {
    hint: 'export it for ONNX Runtime: yolov7 and yolov6 with --max-wh 640 beside --end2end, others without a suppression',
  });
}

function readFileOf(path: string): OnnxFile {
  try {
    return readOnnxFile(path);
  } catch (cause) {
    throw notLoadable(path, cause);
  }
}

function notLoadable(path: string, cause: unknown): UserError {
  return new UserError(`${path} is not an ONNX model that can be loaded (${firstLine(messageOf(cause))})`, {
    hint: 'export it again as ONNX, or leave out -m to use the bundled model',
    cause,
  });
}

function sizesOf({ picture: { widthPx, heightPx }, file: { metadata } }: LoadedModel): SizePx[] {
  if (widthPx !== undefined && heightPx !== undefined) return [{ widthPx, heightPx }];
  const exported = exportedSides(metadata);
  const sides = exported.length > 0 ? [Math.max(...exported)] : USUAL_SIDES_PX;
  return sides.map((side) => ({ widthPx: widthPx ?? side, heightPx: heightPx ?? side }));
}

async function answerOf({ path, session, inputs, picture }: LoadedModel, size: SizePx): Promise<Output[]> {
  const grey = new Uint8Array(size.widthPx * size.heightPx * 3).fill(GREY);
  const feeds: Record<string, Tensor> = { [picture.name]: preprocessor(picture, RGB_UNIT)(grey, size) };
  for (const info of inputs) if (info.name !== picture.name) feeds[info.name] = otherOf(info, { path, size });
  const results = await session.run(feeds);
  const reader = new OutputReader();
  return session.outputNames.map((name) => {
    const tensor = results[name] as Tensor;
    checkBytes(path, { name, type: tensor.type, shape: tensor.dims });
    return reader.read(name, tensor);
  });
}

function otherOf(info: TensorInfo, { path, size }: { path: string; size: SizePx }): Tensor {
  const tensor = otherInput(info, size);
  if (tensor) return tensor;
  throw new UserError(`${path} wants more than a picture${row('input', info)}`, {
    hint: 'beside the picture only its size (two numbers) or a mask can be given; export the model without other inputs',
  });
}

function checkBytes(path: string, { name, type, shape }: TensorInfo): void {
  const bytes = bytesOf(type, shape);
  if (bytes <= MAX_TENSOR_BYTES) return;
  throw new UserError(
    `The model ${path} has a tensor of ${Math.round(bytes / 2 ** 20)} MB (${name}: ${type} [${shape.join(', ')}]); ${MAX_TENSOR_BYTES / 2 ** 20} MB is the most`,
    { hint: 'export it for smaller pictures, without outputs that detection does not need' },
  );
}

function tensorInfo(metadata: InferenceSession.ValueMetadata): TensorInfo {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', shape: [] };
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
