/** A model file, loaded: one picture in, candidates out. The only file that knows onnxruntime-node. Runs in the host process. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError, messageOf } from '../lib/errors.ts';
import type { SizePx } from '../messages.ts';
import { recogniseFamily, type Recognised } from './families.ts';
import type { Candidate, Graph, TensorInfo } from './family.ts';
import { type Manifest, openModelFile } from './model-file.ts';
import { suppress } from './nms.ts';
import { type Preprocess, preprocessor } from './preprocess.ts';
import { inputShape } from './shape.ts';
import type { HostOptions, ModelInfo } from './wire.ts';

/** ONNX Runtime writes below this level to stderr: warnings about graph details help nobody here. */
const LOG_ERRORS_ONLY = 3;
const WARM_UP_SIZE: SizePx = { widthPx: 640, heightPx: 360 };

interface ModelParts {
  readonly session: InferenceSession;
  readonly recognised: Recognised;
  readonly manifest: Manifest | undefined;
  readonly graph: Graph;
  readonly options: HostOptions;
}

export class Model {
  readonly info: ModelInfo;
  readonly #session: InferenceSession;
  readonly #recognised: Recognised;
  readonly #options: HostOptions;
  readonly #preprocess: Preprocess;
  readonly #wanted: readonly number[];
  readonly #inputName: string;
  #tensor = new Float32Array(0);

  /** Loads the model and runs it once on a grey picture. Throws a UserError for a file that is no usable model. */
  static async open(options: HostOptions): Promise<Model> {
    const { path, manifest } = await openModelFile(options.modelPath);
    const session = await InferenceSession.create(path, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS_ONLY,
    }).catch((cause: unknown) => {
      throw new UserError(`${path} is not an ONNX model that can be loaded (${firstLine(messageOf(cause))})`, {
        hint: 'export it again as ONNX, or leave out -m to use the bundled model',
        cause,
      });
    });
    const graph: Graph = { inputs: session.inputMetadata.map(tensorInfo), outputs: session.outputMetadata.map(tensorInfo) };
    const recognised = recogniseFamily(graph, { shown: path, manifest });
    const model = new Model({ session, recognised, manifest, graph, options });
    await model.#warmUp(path);
    return model;
  }

  private constructor({ session, recognised, manifest, graph, options }: ModelParts) {
    const { family, reason } = recognised;
    const labels = family.labels(graph, manifest);
    this.info = { family: family.name, reason, labels, shape: family.shape(graph, manifest) };
    this.#session = session;
    this.#recognised = recognised;
    this.#options = options;
    this.#preprocess = preprocessor(family.pixels(manifest));
    this.#inputName = graph.inputs[0]?.name ?? '';
    this.#wanted = options.labels.map((label) => {
      const index = labels.indexOf(label);
      if (index >= 0) return index;
      throw new UserError(`The model ${options.modelPath} knows no class "${label}"`, {
        hint: `its classes are: ${labels.join(', ')}`,
      });
    });
  }

  /** `bytes`: planar G, B, R of `size`. Boxes in pixels of `size`, after NMS, with scores of at least `minScore`. */
  async run(bytes: Uint8Array, size: SizePx): Promise<Candidate[]> {
    if (this.#tensor.length !== bytes.length) this.#tensor = new Float32Array(bytes.length);
    this.#preprocess(bytes, this.#tensor);
    const input = new Tensor('float32', this.#tensor, [1, 3, size.heightPx, size.widthPx]);
    const results = await this.#session.run({ [this.#inputName]: input });
    const outputs = new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
    const { family } = this.#recognised;
    const candidates = family.decode(outputs, { input: size, labels: this.#wanted, minScore: this.#options.minScore });
    return family.nmsIou === undefined ? candidates : suppress(candidates, family.nmsIou);
  }

  async #warmUp(path: string): Promise<void> {
    const size = inputShape(this.info.shape, WARM_UP_SIZE);
    try {
      await this.run(new Uint8Array(size.widthPx * size.heightPx * 3).fill(114), size);
    } catch (cause) {
      throw new UserError(`${path} was loaded but fails on a picture (${firstLine(messageOf(cause))})`, {
        hint: 'export it again, or leave out -m to use the bundled model',
        cause,
      });
    }
  }
}

function tensorInfo(metadata: InferenceSession.ValueMetadata): TensorInfo {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', shape: [] };
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
