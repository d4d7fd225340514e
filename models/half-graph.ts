/**
 * A float32 model -> the same with weights of half the bytes, each widened again when the model is loaded: ONNX Runtime's CPU provider
 * computes in float32 on x86 whatever the weights are, and adds a conversion around each node that asks for less. Pure.
 */
import { floatToHalf } from '../src/detector/half.ts';
import { floatsOf, type OnnxModel, type OnnxNode, type OnnxTensor, rawOf, TYPE, withGraph } from './onnx-model.ts';

const INT = 2;

export function halfModel(model: OnnxModel): OnnxModel {
  const casts: OnnxNode[] = [];
  const initializer = model.graph.initializer.map((tensor): OnnxTensor => {
    // Biases, factors and sizes are few, and some must be exact.
    const values = tensor.dims.length < 2 ? undefined : floatsOf(tensor);
    if (!values) return tensor;
    const name = `${tensor.name}_half`;
    const attribute = [{ name: 'to', i: TYPE.float, type: INT }];
    casts.push({ opType: 'Cast', name: `${tensor.name}_widened`, input: [name], output: [tensor.name], attribute });
    return { name, dims: tensor.dims, dataType: TYPE.float16, rawData: rawOf(Uint16Array.from(values, floatToHalf)) };
  });
  return withGraph(model, { initializer, node: [...casts, ...model.graph.node] });
}
