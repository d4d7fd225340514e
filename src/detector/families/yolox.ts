/**
 * YOLOX (Megvii): one output [1, cells, 5 + classes] with objectness and class scores as sigmoids, and boxes either raw — centre
 * as an offset from the cell in strides, size as a logarithm of strides — or in pixels (`decode_in_inference`). Pixels are BGR
 * 0…255, pictures lie in the upper left corner. Source: yolox/models/yolo_head.py, yolox/data/data_augment.py (`preproc`).
 *
 * One box per cell and an objectness tell it from YOLOv5/v7 (three) and from YOLOv8 and later (none).
 */
import type { Family, Plan } from '../family.ts';
import { cellTables } from '../grid.ts';
import { rowsOf } from '../rows.ts';
import { decodeRows, type YoloRows, yoloReadings } from '../yolo-rows.ts';

export const yolox: Family = {
  name: 'yolox',
  accepts: 'one output [1, cells, 5 + classes], one box per cell, boxes coded by their cell or in pixels',
  recognise(seen, options) {
    const reading = yoloReadings(seen, options).find(
      ({ hasObjectness, isObjectnessOne, grid }) => hasObjectness && !isObjectnessOne && grid.boxesPerCell === 1,
    );
    return reading && planFor(reading);
  },
};

function planFor({ output, isTransposed, grid, coding, classes, evidence }: YoloRows): Plan {
  const cells = cellTables(grid.strides);
  const unit = coding.unit === 'cell' ? 'raw boxes, coded by their cell' : 'boxes decoded already';
  return {
    reason: `output ${output.name} has one row for each cell of the strides ${grid.strides.join(', ')}, with ${unit}, an objectness and ${classes} class${classes === 1 ? '' : 'es'} (${evidence})`,
    pixels: { channels: 'bgr', mean: [0, 0, 0], std: [1, 1, 1] },
    fit: 'corner',
    freeShape: { multiplePx: 32, longSidePx: 640 },
    classes,
    outputs: [output.name],
    nmsIou: 0.65,
    decode: ([answer], options) =>
      answer
        ? decodeRows(
            rowsOf(answer, { isTransposed }),
            { from: 5, hasObjectness: true, coding, cells: cells(options.input) },
            options,
          )
        : [],
  };
}
