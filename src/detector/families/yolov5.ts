/**
 * YOLOv5 and YOLOv7: one output [1, boxes, 5 + classes], decoded: centre and size in pixels (or fractions, from TensorFlow),
 * objectness, class scores; three boxes per cell. YOLOv6 writes the same with one box per cell and an objectness of 1.
 * Pixels are RGB 0…1, pictures centred. Source: yolov5/models/yolo.py (`Detect`), yolov6/models/effidehead.py.
 */
import type { Family, Plan } from '../family.ts';
import { RGB_UNIT } from '../family.ts';
import { rowsOf } from '../rows.ts';
import { ultralyticsShape } from '../ultralytics.ts';
import { decodeRows, type YoloRows, yoloReadings } from '../yolo-rows.ts';

export const yolov5: Family = {
  name: 'yolov5',
  accepts: 'YOLOv5, v6, v7: one output [1, boxes, 5 + classes], three boxes per cell (v6: one)',
  recognise(seen, options) {
    const reading = yoloReadings(seen, options).find(
      ({ hasObjectness, isObjectnessOne, grid, coding }) =>
        hasObjectness && coding.unit !== 'cell' && (grid.boxesPerCell > 1 || isObjectnessOne || options.isStated),
    );
    return reading && planFor(reading, ultralyticsShape(seen.metadata));
  },
};

function planFor({ output, isTransposed, grid, coding, classes, evidence }: YoloRows, freeShape: Plan['freeShape']): Plan {
  const place = coding.unit === 'px' ? 'in pixels' : 'in fractions of the picture';
  return {
    reason: `output ${output.name} has ${grid.boxesPerCell} row${grid.boxesPerCell === 1 ? '' : 's'} for each cell of the strides ${grid.strides.join(', ')}: a box ${place}, an objectness and ${classes} class${classes === 1 ? '' : 'es'} (${evidence})`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape,
    classes,
    outputs: [output.name],
    nmsIou: 0.6,
    decode: ([answer], options) =>
      answer ? decodeRows(rowsOf(answer, { isTransposed }), { from: 5, hasObjectness: true, coding }, options) : [],
  };
}
