/**
 * YOLOv8, v9, 11, 12 (and YOLOv5u): one output [1, 4 + classes, cells] or the same transposed, decoded: centre and size in
 * pixels (or fractions, from TensorFlow), class scores, no objectness; one box per cell. Mask coefficients and key points may
 * follow the classes. YOLO-NAS writes boxes [1, cells, 4] (corners) and class scores [1, cells, classes] apart; exports for neural
 * processors write scores and 4 × 16 distance bins for each stride. Pixels are RGB 0…1, pictures centred. Source:
 * ultralytics/nn/modules/head.py (`Detect`), super_gradients/training/models/detection_models/yolo_nas/dfl_heads.py.
 */
import type { Family, Plan } from '../family.ts';
import { RGB_UNIT } from '../family.ts';
import { placeUnit } from '../grid.ts';
import { type LevelRules, planForLevels } from '../level-plan.ts';
import { rowsOf } from '../rows.ts';
import { ultralyticsShape } from '../ultralytics.ts';
import { planForPair } from '../yolo-pair.ts';
import { decodeRows, type YoloRows, yoloReadings } from '../yolo-rows.ts';

export const yolov8: Family = {
  name: 'yolov8',
  accepts: 'YOLOv8, v9, 11, 12: one output [1, 4 + classes, cells] or [1, cells, 4 + classes], one box per cell',
  recognise(seen, options) {
    const reading = yoloReadings(seen, options).find(({ hasObjectness, grid }) => !hasObjectness && grid.boxesPerCell === 1);
    if (reading) return planFor(asPlaces(reading), ultralyticsShape(seen.metadata));
    return planForPair(seen) ?? planForLevels(seen, HEADS);
  },
};

/** One output per stride for scores, one for distances: what is left when the last step is cut off. */
const HEADS: LevelRules = {
  strides: [8, 16, 32],
  bins: 16,
  pixels: RGB_UNIT,
  fit: 'centre',
  resampling: 'linear',
  nmsIou: 0.7,
  centrePx: (stride) => stride / 2,
};

/** Boxes of this family are always places, also where the trial picture's answer does not show it. */
function asPlaces(reading: YoloRows): YoloRows {
  if (reading.coding.unit !== 'cell') return reading;
  const unit = placeUnit(rowsOf(reading.output, reading));
  return { ...reading, coding: { unit, isCorners: false } };
}

function planFor({ output, isTransposed, grid, coding, classes, evidence }: YoloRows, freeShape: Plan['freeShape']): Plan {
  const place = coding.unit === 'px' ? 'in pixels' : 'in fractions of the picture';
  return {
    reason: `output ${output.name} has one ${isTransposed ? 'column' : 'row'} for each cell of the strides ${grid.strides.join(', ')}: a box ${place} and ${classes} class${classes === 1 ? '' : 'es'}, no objectness (${evidence})`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape,
    classes,
    outputs: [output.name],
    nmsIou: 0.7,
    decode: ([answer], options) =>
      answer ? decodeRows(rowsOf(answer, { isTransposed }), { from: 4, hasObjectness: false, coding }, options) : [],
  };
}
