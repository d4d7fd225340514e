import { describe, expect, it } from 'vitest';
import { answer, expectPerson, LABEL, open, PERSON, placed, rows, scores, STRIDES, transpose } from './answers.ts';
import { type Answer, type AnsweringOptions, node, valueInfo } from './onnx.ts';

/** The shapes in which the projects of each family really export, beyond the first that comes to mind. */
const { xPx, yPx, wPx, hPx } = PERSON;
const corners = [xPx, yPx, xPx + wPx, yPx + hPx];
const filler = [1, 1, 5, 5];

/** Of 91 classes the second. */
function logits91(person: number): number[] {
  return Array.from({ length: 91 }, (_, i) => (i === 1 ? person : -6));
}

describe('a detection transformer', () => {
  const place = [(xPx + wPx / 2) / 96, (yPx + hPx / 2) / 64, wPx / 96, hPx / 64];
  const boxes = [place, ...Array.from({ length: 9 }, () => [0.5, 0.5, 0.1, 0.1])];

  it('of Hugging Face’s may want a mask beside the picture, and give hidden states beside the answer', async () => {
    for (const dims of [
      ['batch', 64, 64],
      ['batch', 'height', 'width'],
    ]) {
      const opened = await open({
        input: { name: 'pixel_values', dims: ['batch', 3, 'height', 'width'] },
        otherInputs: [valueInfo('pixel_mask', { type: 'int64', dims })],
        answers: [
          answer('logits', [[0, 6, 0, 3.7], ...Array.from({ length: 9 }, () => [0, 0, 0, 9])]),
          answer('pred_boxes', boxes),
          answer(
            'last_hidden_state',
            Array.from({ length: 10 }, () => Array<number>(16).fill(0.5)),
          ),
        ],
      });
      expect(opened.model.info).toMatchObject({ family: 'detr', fit: 'stretch' });
      expectPerson(opened);
    }
  });

  it('of Roboflow’s names its outputs dets and labels, and counts 91 classes as COCO does', async () => {
    const opened = await open({
      input: { name: 'input', dims: [1, 3, 64, 96] },
      answers: [answer('dets', boxes), answer('labels', [logits91(2.1972), ...Array.from({ length: 9 }, () => logits91(-5))])],
    });
    expect(opened.model.info.family).toBe('detr');
    expect(opened.model.info.labels[1]).toBe('person');
    expectPerson(opened, 1);
  });

  it('of Ultralytics’ is one table of boxes and probabilities', async () => {
    const table = boxes.map((box, i) => box.concat(i === 0 ? [0.01, 0.9] : [0.02, 0.01]));
    const opened = await open({ answers: [answer('output0', table)], metadata: { names: "{0: 'a', 1: 'person'}" } });
    expect(opened.model.info).toMatchObject({ family: 'detr', fit: 'stretch', pixels: { std: [255, 255, 255] } });
    expectPerson(opened);
  });

  it('of PaddleDetection’s is told the size of its input, and is no PicoDet', async () => {
    const table = [
      [LABEL, 0.9, ...corners],
      [0, 0.1, ...filler],
    ];
    const otherInputs = ['im_shape', 'scale_factor'].map((name) => valueInfo(name, { type: 'float32', dims: [1, 2] }));
    const opened = await open({
      input: { name: 'image', dims: [1, 3, 64, 96] },
      otherInputs,
      answers: [
        { name: 'o', dims: [2, 6], values: table.flat() },
        { name: 'n', type: 'int64', dims: [1], values: [2] },
      ],
    });
    expect(opened.model.info).toMatchObject({ family: 'd-fine', fit: 'stretch', pixels: { std: [255, 255, 255] } });
    expectPerson(opened);
  });
});

describe('an SSD', () => {
  it('of TensorFlow’s with eight outputs is read by their names, in any order', async () => {
    const [left = 0, top = 0, right = 0, bottom = 0] = corners.map((value, i) => value / (i % 2 === 0 ? 96 : 64));
    const answers: Answer[] = [
      { name: 'detection_anchor_indices', dims: [1, 2], values: [3, 1] },
      { name: 'detection_boxes', dims: [1, 2, 4], values: [top, left, bottom, right, 0, 0, 0.1, 0.1] },
      { name: 'detection_classes', dims: [1, 2], values: [1, 18] },
      { name: 'detection_multiclass_scores', dims: [1, 2, 3], values: [0.1, 0.9, 0, 0.8, 0.2, 0] },
      { name: 'detection_scores', dims: [1, 2], values: [0.9, 0.2] },
      { name: 'num_detections', dims: [1], values: [2] },
      { name: 'raw_detection_boxes', dims: [1, 5, 4], values: Array<number>(20).fill(0.5) },
      { name: 'raw_detection_scores', dims: [1, 5, 3], values: Array<number>(15).fill(0.5) },
    ];
    for (const order of [answers, answers.toReversed()]) {
      const opened = await open({ input: { name: 'input_tensor', type: 'uint8', dims: [1, 'h', 'w', 3] }, answers: order });
      expect(opened.model.info.family).toBe('ssd');
      expectPerson(opened, 0);
    }
  });

  it('of TensorFlow’s is told by its names where classes are whole numbers by type', async () => {
    const opened = await open({
      input: { type: 'uint8', dims: [1, 64, 96, 3] },
      answers: [
        {
          name: 'detection_boxes:0',
          dims: [1, 2, 4],
          values: [yPx / 64, xPx / 96, (yPx + hPx) / 64, (xPx + wPx) / 96, 0, 0, 0.1, 0.1],
        },
        { name: 'detection_classes:0', type: 'int64', dims: [1, 2], values: [1, 18] },
        { name: 'detection_scores:0', dims: [1, 2], values: [0.9, 0.2] },
        { name: 'num_detections:0', dims: [1], values: [2] },
      ],
    });
    expect(opened.model.info.family).toBe('ssd');
    expectPerson(opened, 0);
  });

  it('of Google’s EfficientDet gives one list, top before left', async () => {
    const table = [
      [0, yPx, xPx, yPx + hPx, xPx + wPx, 0.9, 1],
      [0, 1, 1, 5, 5, 0.2, 18],
    ];
    const opened = await open({
      input: { name: 'image_arrays:0', type: 'uint8', dims: [1, 64, 96, 3] },
      answers: [answer('detections:0', table)],
    });
    expect(opened.model.info).toMatchObject({ family: 'ssd', fit: 'corner' });
    expectPerson(opened, 0);
  });

  it('of torchvision’s gives lists without a batch, numbered from 1, also where it sees nothing', async () => {
    const answers: Answer[] = [
      { name: 'boxes', dims: [2, 4], values: [...corners, ...filler] },
      { name: 'labels', type: 'int64', dims: [2], values: [1, 18] },
      { name: 'scores', dims: [2], values: [0.9, 0.2] },
    ];
    const opened = await open({ answers });
    expect(opened.model.info).toMatchObject({ family: 'ssd', pixels: { channels: 'rgb', std: [255, 255, 255] } });
    expect(opened.model.info.labels[0]).toBe('person');
    expectPerson(opened, 0);
    const nothing: Answer[] = [
      { name: 'boxes', dims: [0, 4], values: [] },
      { name: 'labels', type: 'int64', dims: [0], values: [] },
      { name: 'scores', dims: [0], values: [] },
    ];
    expect((await open({ answers: nothing })).found).toEqual([]);
  });
});

describe('a model that cannot be used', () => {
  const classifier: Answer[] = [{ name: 'o', dims: [1, 10], values: Array<number>(10).fill(0.1) }];
  const anchors: Answer = { name: 'o', dims: [1, 3, 8, 12, 8], values: Array<number>(3 * 8 * 12 * 8).fill(-4) };
  const turned = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), ...scores(isPerson), 0.3]);

  it.each<{ what: string; options: AnsweringOptions; sentence: RegExp }>([
    {
      what: 'takes several pictures at once',
      options: { input: { dims: [4, 3, 64, 96] }, answers: classifier },
      sentence: /takes 4 pictures at once/,
    },
    {
      what: 'is a classifier',
      options: { answers: classifier },
      sentence: /10 numbers for a whole picture, as a classifier does/,
    },
    {
      what: 'is a classifier by its metadata',
      options: { answers: classifier, metadata: { task: 'classify' } },
      sentence: /what a picture shows, not where/,
    },
    { what: 'lacks its anchors', options: { answers: [anchors] }, sentence: /raw feature maps for each anchor/ },
    {
      what: 'finds turned boxes',
      options: { answers: [answer('o', transpose(turned))], metadata: { task: 'obb' } },
      sentence: /“obb”: it finds turned boxes/,
    },
    {
      what: 'labels every pixel',
      options: { answers: [{ name: 'o', dims: [1, 1, 64, 96], values: Array<number>(64 * 96).fill(0.5) }] },
      sentence: /values for every pixel/,
    },
    {
      what: 'is made for TensorRT',
      options: { answers: classifier, nodes: [node('EfficientNMS_TRT', { inputs: ['images'], outputs: ['x'] })] },
      sentence: /made for TensorRT: it needs the operation EfficientNMS_TRT/,
    },
  ])('because it $what is refused with that reason', async ({ options, sentence }) => {
    await expect(open(options)).rejects.toThrow(sentence);
  });
});
