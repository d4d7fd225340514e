import { describe, expect, it } from 'vitest';
import { answer, type Cell, CLASSES, expectPerson, LABEL, open, PERSON, rows, scores, transpose } from './answers.ts';
import { type Answer, valueInfo } from './onnx.ts';

describe('a list of boxes', () => {
  const { xPx, yPx, wPx, hPx } = PERSON;
  const corners = [xPx, yPx, xPx + wPx, yPx + hPx];
  const filler = [1, 1, 5, 5];

  it('[1, boxes, 6] is end-to-end, and needs no suppression', async () => {
    const table = [[...corners, 0.9, LABEL], ...Array.from({ length: 19 }, () => [...filler, 0.02, 2])];
    const opened = await open({ answers: [answer('o', table)] });
    expect(opened.model.info.family).toBe('end-to-end');
    expectPerson(opened);
  });

  it('[boxes, 7] is what YOLOv7 makes of it', async () => {
    const table = [
      [0, ...corners, LABEL, 0.9],
      [0, ...filler, 0, 0.1],
    ];
    const opened = await open({ answers: [{ name: 'o', dims: [2, 7], values: table.flat() }] });
    expect(opened.model.info.family).toBe('end-to-end');
    expectPerson(opened);
  });

  it('[boxes, 6] beside a scale factor is what PaddleDetection makes of it', async () => {
    const table = [
      [LABEL, 0.9, ...corners],
      [0, 0.1, ...filler],
    ];
    const otherInputs = [valueInfo('scale_factor', { type: 'float32', dims: [1, 2] })];
    const opened = await open({ answers: [{ name: 'o', dims: [2, 6], values: table.flat() }], otherInputs });
    expect(opened.model.info.family).toBe('picodet');
    expectPerson(opened);
  });

  it('with labels, boxes and scores apart is of D-FINE’s family, in any order, scaled to the size it was told', async () => {
    const answers: Answer[] = [
      { name: 'x', dims: [1, 2], values: [0.9, 0.1] },
      { name: 'y', type: 'int64', dims: [1, 2], values: [LABEL, 2] },
      { name: 'z', dims: [1, 2, 4], values: [...corners, ...filler].map((value, i) => (value * 1024) / (i % 2 === 0 ? 96 : 64)) },
    ];
    const otherInputs = [valueInfo('sizes', { type: 'int64', dims: ['n', 2] })];
    for (const order of [answers, answers.toReversed()]) {
      const opened = await open({ answers: order, otherInputs });
      expect(opened.model.info).toMatchObject({ family: 'd-fine', fit: 'stretch', labelsFrom: 'COCO’s list of 80' });
      expectPerson(opened);
    }
  });

  it('with a count is of TensorFlow’s object detection, by name or by shape and values', async () => {
    const boxes = [...corners, ...filler].map((value, i) => value / (i % 2 === 0 ? 96 : 64));
    const topFirst = [0, 4].flatMap((i) => [boxes[i + 1], boxes[i], boxes[i + 3], boxes[i + 2]].map((value) => value ?? 0));
    for (const names of [
      ['num_detections:0', 'detection_scores:0', 'detection_classes:0', 'detection_boxes:0'],
      ['a', 'b', 'c', 'd'],
    ]) {
      const [count = '', score = '', label = '', box = ''] = names;
      const opened = await open({
        input: { type: 'uint8', dims: [1, 'h', 'w', 3] },
        answers: [
          { name: count, dims: [1], values: [2] },
          { name: score, dims: [1, 2], values: [0.9, 0.2] },
          { name: label, dims: [1, 2], values: [1, 18] },
          { name: box, dims: [1, 2, 4], values: topFirst },
        ],
      });
      expect(opened.model.info).toMatchObject({ family: 'ssd', fit: 'stretch' });
      expect(opened.model.info.labels[0]).toBe('person');
      expect(opened.model.info.labels[17]).toBe('dog');
      expectPerson(opened, 0);
    }
  });

  it('with logits beside fractions is a detection transformer: sigmoids, or a softmax that says “nothing”', async () => {
    const place = [(xPx + wPx / 2) / 96, (yPx + hPx / 2) / 64, wPx / 96, hPx / 64];
    const boxes = answer('b', [place, ...Array.from({ length: 9 }, () => [0.5, 0.5, 0.1, 0.1])]);
    const sigmoid = answer('l', [[-9, 2.1972, -9], ...Array.from({ length: 9 }, () => [-5, -6, -7])]);
    const softmax = answer('l', [[0, 6, 0, 3.7], ...Array.from({ length: 9 }, () => [0, 0, 0, 9])]);
    for (const logits of [sigmoid, softmax]) {
      for (const answers of [
        [boxes, logits],
        [logits, boxes],
      ]) {
        const opened = await open({ answers });
        expect(opened.model.info).toMatchObject({ family: 'detr', fit: 'stretch' });
        expect(opened.model.info.labels).toHaveLength(3);
        expectPerson(opened);
      }
    }
  });
});

describe('scores and distances', () => {
  it('per stride 8 … 32 are NanoDet’s, and 8 … 64 PicoDet’s, in any order', async () => {
    for (const [family, strides, centre] of [
      ['nanodet', [8, 16, 32], 7.5],
      ['picodet', [8, 16, 32, 64], 8],
    ] as const) {
      const answers = [
        ...strides.map((stride) => level(stride, centre, 'distances')),
        ...strides.map((stride) => level(stride, centre, 'scores')),
      ];
      for (const order of [answers, answers.toReversed()]) {
        const opened = await open({ answers: order });
        expect(opened.model.info.family).toBe(family);
        expectPerson(opened);
      }
    }
  });

  it('in one output over strides 8 … 64 are NanoDet-Plus’s, either way round', async () => {
    const table = rows([8, 16, 32, 64], (cell, isPerson) => [...scores(isPerson), ...(isPerson ? sides(cell, 0) : nobody())]);
    for (const one of [table, transpose(table)]) {
      const opened = await open({ answers: [answer('o', one)] });
      expect(opened.model.info.family).toBe('nanodet-plus');
      expectPerson(opened);
    }
  });
});

describe('a grid of 16 px with objectness, box and a softmax', () => {
  it('is a FastestDet', async () => {
    const table = rows([16], ({ x, y }, isPerson) => {
      const [cx, cy] = [(PERSON.xPx + PERSON.wPx / 2 - x) / 16, (PERSON.yPx + PERSON.hPx / 2 - y) / 16];
      const box = [Math.atanh(cx), Math.atanh(cy), logit(PERSON.wPx / 96), logit(PERSON.hPx / 64)];
      return isPerson ? [0.9, ...box, 0.05, 0.9, 0.05] : [0.01, 0, 0, -2, -2, 0.4, 0.3, 0.3];
    });
    const opened = await open({ answers: [{ name: 'o', dims: [1, 5 + CLASSES, 4, 6], values: transpose(table).flat() }] });
    expect(opened.model.info.family).toBe('fastestdet');
    expectPerson(opened);
  });
});

describe('a model of no family', () => {
  it('is refused with a table of what it has and of what would be accepted', async () => {
    const opening = open({ answers: [{ name: 'probabilities', dims: [1, 1000], values: Array<number>(1000).fill(0.001) }] });
    await expect(opening).rejects.toThrow(
      /of no family.*\n {2}input {2}images .*\[1, 3, 64, 96\]\n {2}output probabilities .*\[1, 1000\]\nThese are accepted:\n {2}nanodet-plus/s,
    );
  });

  it('is refused where somebody states a family that it is not', async () => {
    const opening = open(
      { answers: [{ name: 'probabilities', dims: [1, 1000], values: Array<number>(1000).fill(0.001) }] },
      'yolov8',
    );
    await expect(opening).rejects.toThrow('is not of the family "yolov8" that --model-family states');
  });
});

function logit(value: number): number {
  return Math.log(value / (1 - value));
}

/** A softmax that is all on one bin, or between two. */
function bins(distance: number): number[] {
  return Array.from({ length: 8 }, (_, bin) => (Math.abs(bin - distance) < 1 ? Math.log(1 - Math.abs(bin - distance)) : -40));
}

function nobody(): number[] {
  return [bins(1), bins(1), bins(1), bins(1)].flat();
}

/** Left, top, right, bottom of the person from a point of this cell. */
function sides({ x, y, stride }: Cell, centrePx: number): number[] {
  const [cx, cy] = [x + centrePx, y + centrePx];
  const { xPx, yPx, wPx, hPx } = PERSON;
  return [cx - xPx, cy - yPx, xPx + wPx - cx, yPx + hPx - cy].flatMap((side) => bins(side / stride));
}

function level(stride: number, centrePx: number, what: 'scores' | 'distances'): Answer {
  const distances = (cell: Cell, isPerson: boolean): number[] => (isPerson ? sides(cell, centrePx) : nobody());
  return answer(
    `${what}${stride}`,
    rows([stride], (cell, isPerson) => (what === 'scores' ? scores(isPerson) : distances(cell, isPerson))),
  );
}
