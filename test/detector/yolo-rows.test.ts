import { describe, expect, it } from 'vitest';
import { answer, CLASSES, expectPerson, open, placed, raw, rows, scores, STRIDES, transpose } from './answers.ts';
import { type Answer, type AnsweringOptions, node, tensor } from './onnx.ts';

describe('a YOLO', () => {
  it('with one raw box per cell and an objectness is a YOLOX', async () => {
    const opened = await open({
      answers: [
        answer(
          'o',
          rows(STRIDES, (cell, isPerson) => [...raw(cell, isPerson), isPerson ? 1 : 0.01, ...scores(isPerson)]),
        ),
      ],
    });
    expect(opened.model.info).toMatchObject({ family: 'yolox', fit: 'corner', pixels: { channels: 'bgr', std: [1, 1, 1] } });
    expectPerson(opened);
  });

  it('with three boxes per cell is a YOLOv5, in pixels or in fractions', async () => {
    for (const scale of [[], [96, 64, 96, 64]]) {
      const opened = await open({
        answers: [
          answer(
            'o',
            STRIDES.flatMap((stride) => threePerCell(stride, scale)),
          ),
        ],
      });
      expect(opened.model.info).toMatchObject({ family: 'yolov5', fit: 'centre', pixels: { channels: 'rgb' } });
      expectPerson(opened);
    }
  });

  it('with one decoded box per cell and no objectness is a YOLOv8, either way round, in pixels, fractions or corners', async () => {
    const table = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), ...scores(isPerson)]);
    const corners = table.map(([x = 0, y = 0, w = 0, h = 0, ...rest]) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2, ...rest]);
    const fractions = table.map(([x = 0, y = 0, w = 0, h = 0, ...rest]) => [x / 96, y / 64, w / 96, h / 64, ...rest]);
    const names = { names: "{0: 'a', 1: 'person', 2: 'it\\'s'}" };
    for (const one of [table, corners, fractions]) {
      for (const rowsOrColumns of [one, transpose(one)]) {
        const opened = await open({ answers: [answer('o', rowsOrColumns)], metadata: names });
        expect(opened.model.info).toMatchObject({
          family: 'yolov8',
          labels: ['a', 'person', "it's"],
          labelsFrom: 'the model’s metadata',
        });
        expectPerson(opened);
      }
    }
  });

  it('for segmentation keeps its mask coefficients to itself', async () => {
    const table = rows(STRIDES, (cell, isPerson) => [
      ...placed(cell, isPerson),
      ...scores(isPerson),
      ...Array<number>(32).fill(-3),
    ]);
    const prototypes: Answer = { name: 'p', dims: [1, 32, 16, 24], values: Array<number>(32 * 16 * 24).fill(0) };
    const opened = await open({ answers: [answer('o', transpose(table)), prototypes], metadata: { task: 'segment' } });
    expect(opened.model.info.labels).toHaveLength(CLASSES);
    expectPerson(opened);
  });

  it('of one class is taken for a person detector', async () => {
    const table = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), isPerson ? 0.9 : 0.01]);
    const opened = await open({ answers: [answer('o', transpose(table))] });
    expect(opened.model.info.labels).toEqual(['person']);
    expectPerson(opened, 0);
  });

  it('is told apart by the widths of its last layers where values could mean both', async () => {
    const table = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), isPerson ? 1 : 0.01, ...scores(isPerson)]);
    const values = answer('o', table);
    await expect(open({ answers: [values] })).rejects.toThrow(/may be of more than one family:\n {2}yolox .*\n {2}yolov8 /);
    for (const [widths, family] of [
      [[4, 1, CLASSES], 'yolox'],
      [[64, CLASSES + 1], 'yolov8'],
    ] as const) {
      const { model } = await open({ answers: [values], ...head(widths) });
      expect(model.info.family).toBe(family);
    }
    const stated = await open({ answers: [values] }, 'yolox');
    expect(stated.model.info.reason).toContain('stated by --model-family');
    expectPerson(stated);
  });
});

/** Convolutions of these widths between the picture and the output, adding nothing to it. */
function head(widths: readonly number[]): Pick<AnsweringOptions, 'nodes' | 'weights' | 'beside'> {
  const weights = widths.map((width, i) =>
    tensor(`w${i}`, { type: 'float32', dims: [width, 3, 1, 1], raw: new Uint8Array(width * 3 * 4) }),
  );
  const nodes = widths.flatMap((_, i) => [
    node('Conv', { inputs: ['images', `w${i}`], outputs: [`c${i}`] }),
    node('ReduceMean', { inputs: [`c${i}`], outputs: [`r${i}`], attributes: { keepdims: 0 } }),
  ]);
  return { weights, nodes, beside: widths.map((_, i) => `r${i}`) };
}

/** Of the three boxes of each cell the second may be the person. Boxes are divided by `scale`. */
function threePerCell(stride: number, scale: readonly number[]): number[][] {
  const scaled = (row: readonly number[]): number[] => row.map((value, i) => value / (scale[i] ?? 1));
  const table = rows([stride], (cell, isPerson) => scaled([...placed(cell, isPerson), isPerson ? 1 : 0.01, ...scores(isPerson)]));
  const nobody = rows([stride], (cell) => scaled([...placed(cell, false), 0.01, ...scores(false)]));
  return [...nobody, ...table, ...nobody];
}
