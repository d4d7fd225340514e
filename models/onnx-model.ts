/**
 * The bytes of an ONNX file <-> a model whose graph can be changed. Fields that onnx.proto does not name are carried over as they
 * are. Only for trusted files of a developer: what cameras and users bring is read by src/detector/onnx-file.ts.
 */
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** numbers of the format's data types, see onnx.proto */
export const TYPE = { float: 1, uint8: 2, int8: 3, int32: 6, float16: 10 } as const;

/** As protobufjs gives them: exact beyond 2⁵³ too. */
type Int64 = number | { toNumber(): number };

export interface OnnxAttribute {
  readonly name: string;
  readonly f?: number;
  readonly i?: Int64;
  readonly t?: OnnxTensor;
  readonly type?: number;
}

export interface OnnxNode {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly attribute?: readonly OnnxAttribute[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly Int64[];
  readonly dataType: number;
  readonly rawData?: Uint8Array;
  readonly floatData?: readonly number[];
}

interface OnnxValue {
  readonly name: string;
}

export interface OnnxGraphParts {
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValue[];
  readonly output: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly graph: OnnxGraphParts;
  readonly opsetImport: readonly { readonly domain?: string; readonly version: Int64 }[];
}

const type = protobuf.loadSync(join(import.meta.dirname, 'onnx.proto')).lookupType('onnx.ModelProto');

/** However the file writes its weights: here they are initializers, neither constants among the nodes nor inputs. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  const model = type.decode(reader) as unknown as OnnxModel;
  const constants = model.graph.node.flatMap((node) => constantOf(node) ?? []);
  const initializer = model.graph.initializer.concat(constants);
  const weights = new Set(initializer.map(({ name }) => name));
  return withGraph(model, {
    initializer,
    node: model.graph.node.filter((node) => !constantOf(node)),
    input: model.graph.input.filter(({ name }) => !weights.has(name)),
  });
}

function constantOf({ opType, output, attribute }: OnnxNode): OnnxTensor | undefined {
  const tensor = opType === 'Constant' ? attribute?.[0]?.t : undefined;
  return tensor && altered(tensor, { name: output[0] ?? '' });
}

export function encodeModel(model: OnnxModel): Uint8Array {
  return type.encode(model).finish();
}

/** The same model with other parts of its graph. */
export function withGraph(model: OnnxModel, parts: Partial<OnnxGraphParts>): OnnxModel {
  return altered(model, { graph: altered(model.graph, parts) });
}

/** A copy with other fields; what the file holds beyond them lies in a hidden property, which a spread would lose. */
export function altered<T extends object>(message: T, parts: Partial<T>): T {
  const copy = Object.create(Object.getPrototypeOf(message) as object, Object.getOwnPropertyDescriptors(message)) as T;
  return Object.assign(copy, parts);
}

export function numberOf(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}

/** The values of a float32 tensor, or undefined for any other. */
export function floatsOf({ dataType, rawData, floatData }: OnnxTensor): Float32Array | undefined {
  if (dataType !== TYPE.float) return undefined;
  if (rawData === undefined || rawData.length === 0) return Float32Array.from(floatData ?? []);
  return new Float32Array(Uint8Array.from(rawData).buffer);
}

/** The bytes of an array of numbers, as a tensor holds them. */
export function rawOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
