import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HostProcess } from '../../src/detector/host-process.ts';
import { Model } from '../../src/detector/model.ts';
import { UserError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import { modelFolder } from './folder.ts';
import { answering, externalTensor, graph, model, node, type RawField, tensor, valueInfo } from './onnx.ts';

const bundled = await readFile(packagePath('models', 'nanodet-plus-m.onnx'));
const picture = valueInfo('images', { type: 'float32', dims: [1, 3, 64, 96] });

/** Opens it as `run` would: how it was recognised, or the one sentence that says why not. */
async function open(modelPath: string, loadDeadlineMs = 20_000): Promise<string> {
  const { signal } = new AbortController();
  const rules = { labels: [], minScore: 0.3, threads: 1, loadDeadlineMs, deadlineMs: 5000, log: silentLogger, signal };
  try {
    await using host = await HostProcess.open({ modelPath, ...rules });
    return `opened as ${host.model.family}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

async function opening(data: Uint8Array | string, loadDeadlineMs?: number): Promise<string> {
  await using folder = await modelFolder();
  return await open(await folder.put('model.onnx', data), loadDeadlineMs);
}

/** The same without a process of its own, for what is refused before anything can happen. */
async function refusal(modelPath: string): Promise<string> {
  const opened = await Model.open({ modelPath, labels: [], minScore: 0.3, threads: 1 }).catch((error: unknown) => error);
  if (!(opened instanceof UserError)) throw new Error('Expected a UserError', { cause: opened });
  return opened.message;
}

async function refusing(data: Uint8Array | string): Promise<string> {
  await using folder = await modelFolder();
  return await refusal(await folder.put('model.onnx', data));
}

function integers(name: string, values: readonly number[]): RawField[] {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return tensor(name, { type: 'int64', dims: [values.length], raw });
}

describe('a model that asks for too much', () => {
  it('of time is killed at the deadline', async () => {
    const value = { type: 'float32', dims: [1, 3, 64, 96] } as const;
    const body = graph({
      nodes: [node('Identity', { inputs: ['on'], outputs: ['on2'] }), node('Identity', { inputs: ['v'], outputs: ['v2'] })],
      inputs: [valueInfo('i', { type: 'int64', dims: [] }), valueInfo('on', { type: 'bool', dims: [] }), valueInfo('v', value)],
      outputs: [valueInfo('on2', { type: 'bool', dims: [] }), valueInfo('v2', value)],
    });
    const endless = model({
      inputs: [picture],
      outputs: [valueInfo('o', value)],
      weights: [tensor('always', { type: 'bool', dims: [], raw: Uint8Array.of(1) })],
      nodes: [node('Loop', { inputs: ['', 'always', 'images'], outputs: ['o'], attributes: { body: { graph: body } } })],
    });
    expect(await opening(endless, 4000)).toMatch(/did not answer within 4 s$/);
  });

  it('of memory is refused it, in what it declares, in what it makes, and on the way', async () => {
    const declaring = answering({ input: { dims: [1, 3, 100_000, 100_000] }, answers: [{ name: 'o', dims: [1], values: [0] }] });
    expect(await opening(declaring)).toMatch(
      /a tensor of \d+ MB \(images: float32 \[1, 3, 100000, 100000\]\); 256 MB is the most/,
    );
    expect(await opening(making(9000, 'o'))).toMatch(/a tensor of 309 MB \(o: float32 \[9000, 9000\]\)/);
    expect(await opening(making(60_000, 'mean'))).toMatch(/fails on a picture|made the detector crash/);
  });
});

/** From the picture, so that it is not made while the model is loaded: a square of that side, or its mean. */
function making(side: number, output: 'o' | 'mean'): Uint8Array {
  return model({
    inputs: [picture],
    outputs: [valueInfo(output, { type: 'float32', dims: output === 'o' ? ['a', 'b'] : [] })],
    weights: [integers('side', [side, side])],
    nodes: [
      node('ReduceMax', { inputs: ['images'], outputs: ['one'], attributes: { keepdims: 0 } }),
      node('Expand', { inputs: ['one', 'side'], outputs: ['o'] }),
      ...(output === 'o' ? [] : [node('ReduceMean', { inputs: ['o'], outputs: ['mean'], attributes: { keepdims: 0 } })]),
    ],
  });
}

describe('a model with weights in files of their own', () => {
  const sum = node('Add', { inputs: ['images', 'w'], outputs: ['o'] });
  const output = valueInfo('o', { type: 'float32', dims: [1, 3, 64, 96] });
  const reaching = (location: string): Uint8Array =>
    model({
      inputs: [picture],
      outputs: [output],
      nodes: [
        node('Add', { inputs: ['images', 'w2'], outputs: ['o'] }),
        node('ReduceMax', { inputs: ['w'], outputs: ['w2'] }),
      ].toReversed(),
      weights: [externalTensor('w', location)],
    });

  it('may have them in its folder, and nowhere else', async () => {
    await using folder = await modelFolder();
    await folder.put('secret.bin', new Uint8Array(16));
    await mkdir(join(folder.path, 'inner'));
    await folder.put('inner/weights.bin', new Uint8Array(16));
    await symlink('../secret.bin', join(folder.path, 'inner', 'link.bin'));
    const openWith = async (location: string): Promise<string> =>
      await refusal(await folder.put('inner/model.onnx', reaching(location)));
    // It is loaded, and then it is no detector.
    expect(await openWith('weights.bin')).toContain('of no family');
    for (const location of [
      '../secret.bin',
      join(folder.path, 'secret.bin'),
      '/etc/hostname',
      'link.bin',
      '.',
      '',
      '../inner/../secret.bin',
    ])
      expect(await openWith(location)).toContain('reaches for a file outside its folder');
    for (const location of ['missing.bin', '*/_ORT_MEM_ADDR_/*'])
      expect(await openWith(location)).toContain('which is not beside it');
  });

  it('is looked through to its innermost graph', async () => {
    const inner = graph({
      nodes: [
        node('Constant', { inputs: [], outputs: ['w'], attributes: { value: { tensor: externalTensor('', '/etc/hostname') } } }),
        sum,
      ],
      inputs: [],
      outputs: [output],
    });
    const nodes = [
      node('If', {
        inputs: ['yes'],
        outputs: ['o'],
        attributes: { then_branch: { graph: inner }, else_branch: { graph: inner } },
      }),
    ];
    const weights = [tensor('yes', { type: 'bool', dims: [], raw: Uint8Array.of(1) })];
    expect(await refusing(model({ inputs: [picture], outputs: [output], nodes, weights }))).toContain(
      'reaches for a file outside',
    );
  });
});

describe('a file that is no detector', () => {
  it('is refused with one sentence, whatever it is', async () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 255));
    const files = [
      noise,
      'not a model\n'.repeat(100),
      '{"family":"yolox"}',
      bundled.subarray(0, 100_000),
      bundled.subarray(100),
      Buffer.alloc(1000),
    ];
    for (const file of files) expect(await refusing(file)).toMatch(/is not an ONNX model that can be loaded/);
    expect(await refusing('')).toMatch(/is empty$/);
    expect(await refusal(packagePath('models'))).toMatch(/is a folder$/);
    expect(await refusal('/nowhere/model.onnx')).toMatch(/does not exist$/);
  });

  it('is refused for its inputs', async () => {
    const text = valueInfo('text', { type: 'int64', dims: [1, 77, 9] });
    const answers = [{ name: 'o', dims: [1, 4], values: [0, 0, 0, 0] }];
    expect(await refusing(answering({ input: { dims: [1, 1000] }, answers }))).toMatch(
      /takes no picture, or more than one\n {2}input {2}images/,
    );
    expect(await refusing(answering({ input: { dims: [8, 3, 64, 96] }, answers }))).toMatch(/takes 8 pictures at once/);
    expect(
      await refusing(answering({ otherInputs: [picture], input: { name: 'second', dims: [1, 3, 64, 96] }, answers })),
    ).toMatch(/takes no picture, or more/);
    expect(await refusing(answering({ otherInputs: [valueInfo('iou', { type: 'float32', dims: [1] })], answers }))).toMatch(
      /wants more than a picture/,
    );
    expect(await refusing(answering({ otherInputs: [text], answers }))).toMatch(/of no family/);
  });

  it('with a byte changed here and there is opened or refused, and never harms', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const data = Buffer.from(bundled);
      // The graph's text lies in the first 100 kB and among the weights.
      for (let i = 0; i < 40; i++)
        data[(seed * 2_654_435 + i * i * 104_729) % (i % 2 === 0 ? 100_000 : data.length)] = (seed * 31 + i * 17) & 255;
      expect(await opening(data)).toMatch(
        /^opened as|cannot|fails|not an ONNX model|no family|crash|tensor of|reaches|more than/,
      );
    }
  });
});

describe('a model of unlikely shape', () => {
  const usual = [1, 4, 5, 6, 7, 8, 33, 84, 85, 112, 2000];
  const cells = [0, 1, 20, 80, 84, 85, 300];

  it('of a hundred thousand classes is refused for them', async () => {
    const dims = [1, 85, 100_000];
    const values = Array.from({ length: 8_500_000 }, (_, i) => (i % 100_000 < 99_968 ? 0.5 : 2));
    const wide = answering({ input: { dims: [1, 3, 64, 64] }, answers: [{ name: 'o', dims, values }] });
    expect(await opening(wide)).toMatch(/has 99968 classes; 10000 is the most$/);
  });

  it('is opened or refused with a sentence, whatever its numbers are', async () => {
    let state = 20_261;
    const pick = <T>(list: readonly T[]): T => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return list[(state >> 16) % list.length] as T;
    };
    for (let round = 0; round < 60; round++) {
      const answers = Array.from({ length: pick([1, 1, 2, 3, 4]) }, (_, i) => {
        const sides = pick([false, true]) ? [pick(cells), pick(usual)] : [pick(usual), pick(cells)];
        const dims = pick([[1, ...sides], sides, [1, sides[0] ?? 1], [1]]);
        const type = pick(['float32', 'float32', 'int64'] as const);
        const kinds = type === 'int64' ? [0, 1, -1, 90] : [0, 0.5, 1, 90, -3, Number.NaN, Number.POSITIVE_INFINITY, 3e38];
        const [first, second] = [pick(kinds), pick(kinds)];
        const values = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_unused, at) => (at % 7 === 0 ? first : second));
        return { name: pick(['o', 'detection_boxes', 'num_detections', 'scores']) + i, type, dims, values };
      });
      await using folder = await modelFolder();
      const modelPath = await folder.put('model.onnx', answering({ input: { dims: [1, 3, 64, 64] }, answers }));
      for (const family of [
        undefined,
        pick(['yolov8', 'yolov5', 'ssd', 'detr', 'end-to-end', 'nanodet-plus', 'picodet', 'yolox']),
      ]) {
        const outcome: unknown = await Model.open({ modelPath, family, labels: [], minScore: 0.3, threads: 1 }).catch(
          (error: unknown) => error,
        );
        const shape = `${family ?? 'any family'} ${JSON.stringify(answers.map(({ name, type, dims }) => [name, type, dims]))}`;
        expect(outcome instanceof Model || outcome instanceof UserError ? 'a sentence' : outcome, shape).toBe('a sentence');
      }
    }
  });
});
