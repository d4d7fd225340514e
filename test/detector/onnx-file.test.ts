import { describe, expect, it } from 'vitest';
import { ModelGraph } from '../../src/detector/graph.ts';
import { readOnnxFile } from '../../src/detector/onnx-file.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import { modelFolder } from './folder.ts';
import { externalTensor, graph, model, node, tensor, valueInfo } from './onnx.ts';

const picture = valueInfo('images', { type: 'float32', dims: [1, 3, 64, 64] });
const integer = (name: string, value: number): ReturnType<typeof tensor> =>
  tensor(name, { type: 'int64', dims: [], raw: new Uint8Array(BigInt64Array.of(BigInt(value)).buffer) });

async function read(data: Uint8Array): Promise<ReturnType<typeof readOnnxFile>> {
  await using folder = await modelFolder();
  return readOnnxFile(await folder.put('model.onnx', data));
}

describe('an ONNX file', () => {
  it('tells its nodes, weights and parameters without being loaded', () => {
    const file = readOnnxFile(packagePath('models', 'nanodet-plus-m.onnx'));
    expect(file.nodes.filter(({ op }) => op === 'Conv')).toHaveLength(110);
    expect(file.parameters).toBeGreaterThan(1_186_346);
    expect(file.externalFiles.size).toBe(0);
    const last = new ModelGraph(file);
    expect([...last.headWidths('output')]).toEqual([112]);
    expect(last.firstKernelPx).toBe(3);
    expect(last.has('Sigmoid')).toBe(true);
    expect(last.has('NonMaxSuppression')).toBe(false);
  });

  it('tells metadata, and where weights lie, in graphs inside of nodes too', async () => {
    const inner = graph({ nodes: [], weights: [externalTensor('w', 'inner.bin')], inputs: [], outputs: [] });
    const file = await read(
      model({
        inputs: [picture],
        outputs: [],
        weights: [externalTensor('v', 'outer.bin')],
        nodes: [
          node('If', { inputs: ['c'], outputs: [], attributes: { then_branch: { graph: inner } } }),
          node('Constant', { inputs: [], outputs: ['k'], attributes: { value: { tensor: externalTensor('', 'constant.bin') } } }),
        ],
        metadata: { names: "{0: 'person'}", stride: '32' },
      }),
    );
    expect(file.metadata).toEqual(
      new Map([
        ['names', "{0: 'person'}"],
        ['stride', '32'],
      ]),
    );
    expect([...file.externalFiles].toSorted()).toEqual(['constant.bin', 'inner.bin', 'outer.bin']);
  });

  it('tells how many classes an index is divided by', async () => {
    const file = await read(
      model({
        inputs: [picture],
        outputs: [],
        weights: [integer('classes', 17), integer('negative', -1)],
        nodes: [
          node('Div', { inputs: ['index', 'classes'], outputs: ['query'] }),
          node('Mul', { inputs: ['query', 'classes'], outputs: ['first'] }),
          node('Sub', { inputs: ['index', 'first'], outputs: ['labels'] }),
          node('Mod', { inputs: ['index', 'negative'], outputs: ['odd'] }),
        ],
      }),
    );
    expect(new ModelGraph(file).divisorNear('labels')).toBe(17);
    expect(new ModelGraph(file).divisorNear('odd')).toBeUndefined();
  });

  it('with graphs inside of graphs without end is refused', async () => {
    let nested = graph({ inputs: [], outputs: [] });
    for (let depth = 0; depth < 40; depth++)
      nested = graph({
        nodes: [node('If', { inputs: [], outputs: [], attributes: { then_branch: { graph: nested } } })],
        inputs: [],
        outputs: [],
      });
    await expect(
      read(
        model({
          nodes: [node('If', { inputs: [], outputs: [], attributes: { then_branch: { graph: nested } } })],
          inputs: [],
          outputs: [],
        }),
      ),
    ).rejects.toThrow('at most 16 graphs in each other');
  });
});
