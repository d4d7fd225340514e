import { describe, expect, it } from 'vitest';
import { answer, CLASSES, expectPerson, LABEL, open, PERSON, placed, rows, scores, STRIDES, transpose } from './answers.ts';
import type { Answer } from './onnx.ts';

/** The shapes in which the projects of each family really export, beyond the first that comes to mind. */
const { xPx, yPx, wPx, hPx } = PERSON;
const corners = [xPx, yPx, xPx + wPx, yPx + hPx];
const filler = [1, 1, 5, 5];
const cornersOf = ([x = 0, y = 0, w = 0, h = 0]: readonly number[]): number[] => [x - w / 2, y - h / 2, x + w / 2, y + h / 2];

/** Four outputs: how many, where, how sure, what. */
function apart(names: readonly string[], types: { classes: 'int64' | 'float32'; count: 'int64' | 'float32' }): Answer[] {
  const [count = '', boxes = '', score = '', classes = ''] = names;
  return [
    { name: count, type: types.count, dims: [1, 1], values: [2] },
    { name: boxes, dims: [1, 3, 4], values: [...corners, ...filler, ...filler] },
    { name: score, dims: [1, 3], values: [0.9, 0.2, 0] },
    { name: classes, type: types.classes, dims: [1, 3], values: [LABEL, 2, 0] },
  ];
}

describe('a YOLO with its suppression inside', () => {
  it.each([
    { what: 'YOLOv6 and v7', names: ['num_dets', 'det_boxes', 'det_scores', 'det_classes'] },
    { what: 'YOLO-NAS', names: ['num_predictions', 'pred_boxes', 'pred_scores', 'pred_classes'] },
    { what: 'one without names', names: ['a', 'b', 'c', 'd'] },
  ])('may write its list in four outputs: $what', async ({ names }) => {
    const answers = apart(names, { classes: 'int64', count: 'int64' });
    for (const order of [answers, answers.toReversed()]) {
      const opened = await open({ answers: order });
      expect(opened.model.info).toMatchObject({ family: 'end-to-end', fit: 'centre', pixels: { channels: 'rgb' } });
      expectPerson(opened);
    }
  });

  it('may take bytes, as YOLO-NAS does', async () => {
    const opened = await open({
      input: { type: 'uint8', dims: [1, 3, 64, 96] },
      answers: apart(['n', 'b', 's', 'c'], { classes: 'int64', count: 'int64' }),
    });
    expect(opened.model.info.family).toBe('end-to-end');
    expectPerson(opened);
  });

  it('of YOLO-NAS has the score before the class in its flat form', async () => {
    const table = [
      [0, ...corners, 0.9, LABEL],
      [0, ...filler, 0.4, 0],
    ];
    const opened = await open({ answers: [{ name: 'graph2_flat_predictions', dims: [2, 7], values: table.flat() }] });
    expect(opened.model.info.reason).toContain('score, class');
    expectPerson(opened);
    expectPerson(await open({ answers: [{ name: 'o', dims: [2, 7], values: table.flat() }] }));
  });
});

describe('a YOLO', () => {
  it('of version 6 has one box per cell and an objectness of 1', async () => {
    const table = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), 1, ...scores(isPerson)]);
    const opened = await open({ answers: [answer('outputs', table)] });
    expect(opened.model.info).toMatchObject({
      family: 'yolov5',
      fit: 'centre',
      pixels: { channels: 'rgb', std: [255, 255, 255] },
    });
    expect(opened.model.info.labels).toHaveLength(CLASSES);
    expectPerson(opened);
  });

  it('of version 9 with its training branch is read from the last of two tables', async () => {
    const good = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), ...scores(isPerson)]);
    const poor = rows(STRIDES, (cell) => [...placed(cell, false), ...scores(false)]);
    const metadata = { names: "{0: 'a', 1: 'person', 2: 'c'}" };
    const opened = await open({ answers: [answer('output0', transpose(poor)), answer('1', transpose(good))], metadata });
    expect(opened.model.info.family).toBe('yolov8');
    expectPerson(opened);
  });

  it('may give boxes and scores apart, as YOLO-NAS does, either way round', async () => {
    const boxes = rows(STRIDES, (cell, isPerson) => cornersOf(placed(cell, isPerson)));
    const classes = rows(STRIDES, (_, isPerson) => scores(isPerson));
    for (const answers of [
      [answer('b', boxes), answer('s', classes)],
      [answer('913', classes), answer('904', boxes)],
      [answer('b', transpose(rows(STRIDES, placed))), answer('s', transpose(classes))],
    ]) {
      const opened = await open({ answers });
      expect(opened.model.info).toMatchObject({ family: 'yolov8', fit: 'centre' });
      expect(opened.model.info.labels).toHaveLength(CLASSES);
      expectPerson(opened);
    }
  });

  it('for poses is read as a detector, also where no metadata say that key points follow', async () => {
    const points = Array.from({ length: 51 }, (_, i) => (i % 3 === 2 ? 0.5 : 40));
    const table = rows(STRIDES, (cell, isPerson) => [...placed(cell, isPerson), isPerson ? 0.9 : 0.01, ...points]);
    for (const metadata of [{}, { task: 'pose', kpt_shape: '[17, 3]' }]) {
      const opened = await open({ answers: [answer('output0', transpose(table))], metadata });
      expect(opened.model.info).toMatchObject({ family: 'yolov8', labels: ['person'] });
      expectPerson(opened, 0);
    }
  });

  it('may lack its last step: scores and 16 distance bins per stride, with sums of scores or without', async () => {
    const answers = STRIDES.flatMap((stride) => [head(stride, 'boxes'), head(stride, 'scores')]);
    const sums = STRIDES.map((stride) => head(stride, 'sums'));
    for (const outputs of [answers, [...sums, ...answers]]) {
      const opened = await open({ answers: outputs });
      expect(opened.model.info).toMatchObject({ family: 'yolov8', pixels: { channels: 'rgb', std: [255, 255, 255] } });
      expectPerson(opened);
    }
  });

  it('may have a fourth level (P6)', async () => {
    const strides = [...STRIDES, 64];
    const three = strides.flatMap((stride) => {
      const one = rows([stride], (cell, isPerson) => [...placed(cell, isPerson), isPerson ? 1 : 0.01, ...scores(isPerson)]);
      const none = rows([stride], (cell) => [...placed(cell, false), 0.01, ...scores(false)]);
      return none.concat(one, none);
    });
    const opened = await open({ answers: [answer('output0', three)] });
    expect(opened.model.info.family).toBe('yolov5');
    expect(opened.model.info.reason).toContain('8, 16, 32, 64');
    expectPerson(opened);
  });
});

/** One output of one stride as [1, channels, rows, columns]: logits of a softmax over 16 bins, or probabilities. */
function head(stride: number, what: 'boxes' | 'scores' | 'sums'): Answer {
  const table = rows([stride], (cell, isPerson) => {
    if (what === 'sums') return [isPerson ? 0.95 : 0.05];
    if (what === 'scores') return scores(isPerson);
    const [cx, cy] = [cell.x + stride / 2, cell.y + stride / 2];
    const sides = isPerson ? [cx - xPx, cy - yPx, xPx + wPx - cx, yPx + hPx - cy] : [stride, stride, stride, stride];
    return sides.flatMap((side) => bins(side / stride));
  });
  const columns = Math.ceil(96 / stride);
  return {
    name: `${what}${stride}`,
    dims: [1, table[0]?.length ?? 0, table.length / columns, columns],
    values: transpose(table).flat(),
  };
}

function bins(distance: number): number[] {
  return Array.from({ length: 16 }, (_, bin) => (Math.abs(bin - distance) < 1 ? Math.log(1 - Math.abs(bin - distance)) : -40));
}

/** NanoDet's two outputs of one stride. */
function level(stride: number, { centrePx, isLogit }: { centrePx: number; isLogit: boolean }): Answer[] {
  const scoreRows = rows([stride], (_, isPerson) =>
    scores(isPerson).map((value) => (isLogit ? Math.log(value / (1 - value)) : value)),
  );
  const distanceRows = rows([stride], ({ x, y }, isPerson) => {
    const [cx, cy] = [x + centrePx, y + centrePx];
    const sides = isPerson ? [cx - xPx, cy - yPx, xPx + wPx - cx, yPx + hPx - cy] : [stride, stride, stride, stride];
    return sides.flatMap((side) => bins(side / stride).slice(0, 8));
  });
  return [answer(`cls_pred_stride_${stride}`, scoreRows), answer(`dis_pred_stride_${stride}`, distanceRows)];
}

describe('scores and distances per stride', () => {
  it('may be logits, as NanoDet’s early exports are', async () => {
    const opened = await open({
      answers: STRIDES.flatMap((stride) => level(stride, { centrePx: (stride - 1) / 2, isLogit: true })),
    });
    expect(opened.model.info).toMatchObject({ family: 'nanodet' });
    expectPerson(opened);
  });

  it('of four strides are NanoDet-Plus’s where the names say so, and points are corners of cells', async () => {
    const opened = await open({ answers: [...STRIDES, 64].flatMap((stride) => level(stride, { centrePx: 0, isLogit: false })) });
    expect(opened.model.info).toMatchObject({ family: 'nanodet', pixels: { channels: 'bgr' }, fit: 'centre' });
    expectPerson(opened);
  });
});
