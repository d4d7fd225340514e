/**
 * Models that suppress doubles themselves and answer with a short list of boxes. Ultralytics (YOLOv10, YOLO26, `nms=True`):
 * [1, 300, 6] = left, top, right, bottom, score, class, perhaps with mask coefficients or key points behind. YOLOv7's
 * `--end2end`: [boxes, 7] = picture, left, top, right, bottom, class, score; YOLO-NAS's flat form: the same with the score before
 * the class. Both also write how many boxes there are [1], boxes [1, boxes, 4], scores [1, boxes] and classes [1, boxes] apart.
 * Places are pixels, or fractions in the first and the last form.
 * Source: ultralytics/nn/modules/head.py (`postprocess`), yolov7/models/experimental.py (`ONNX_ORT`), super_gradients/conversion.
 */
import { decodeList, hasFractions, judgeList, type ListColumns } from '../box-list.ts';
import { type Family, type Output, type Plan, RGB_UNIT, type Seen } from '../family.ts';
import { namesOf } from '../labels.ts';
import { apartList, areFractionsApart, decodeApart } from '../list-apart.ts';
import { isTable, rowsOf } from '../rows.ts';
import { ultralyticsShape } from '../ultralytics.ts';

const MAX_BOXES = 1000;

interface Columns extends ListColumns {
  readonly words: string;
}

const ULTRALYTICS: Columns = { box: 0, score: 4, label: 5, words: 'left, top, right, bottom, score, class' };
const YOLOV7: Columns = { box: 1, score: 6, label: 5, words: 'picture, left, top, right, bottom, class, score' };
const YOLO_NAS: Columns = { box: 1, score: 5, label: 6, words: 'picture, left, top, right, bottom, score, class' };

export const endToEnd: Family = {
  name: 'end-to-end',
  accepts: 'YOLOv10, YOLO26, nms=True: one output [1, boxes, 6] = corners, score, class; YOLOv7, YOLO-NAS: [boxes, 7]',
  recognise(seen, { isStated }) {
    for (const output of seen.outputs) {
      for (const columns of columnsOf(output, seen)) {
        const verdict = isStated ? 'stated' : judge(output, { columns, seen });
        if (verdict !== undefined) return planFor(output, { columns, verdict, seen });
      }
    }
    return planForApart(seen);
  },
};

/** What its columns may be, the likelier first. */
function columnsOf(output: Output, { metadata }: Seen): Columns[] {
  const { dims } = output;
  const width = dims.at(-1);
  if (!isTable(output) || (dims.at(-2) ?? 0) > MAX_BOXES || width === undefined) return [];
  const task = metadata.get('task');
  const hasExtras = (task === 'segment' || task === 'pose') && width > 6;
  if (dims.length === 3 && (width === 6 || hasExtras)) return [ULTRALYTICS];
  if (dims.length !== 2 || width !== 7) return [];
  return /flat/.test(output.name) ? [YOLO_NAS] : [YOLOV7, YOLO_NAS];
}

/** Why the rows are boxes of this kind, or undefined. A list may be empty when there is nothing to see. */
function judge(output: Output, { columns, seen }: { columns: Columns; seen: Seen }): string | undefined {
  const verdict = judgeList(rowsOf(output), columns);
  if (verdict === 'filled') return 'scores are 0…1 and classes whole numbers';
  const op = verdict === 'empty' ? ['NonMaxSuppression', 'TopK'].find((name) => seen.graph.has(name)) : undefined;
  return op === undefined ? undefined : `the graph holds ${op}, and an empty picture gives an empty list`;
}

function planFor(output: Output, { columns, verdict, seen }: { columns: Columns; verdict: string; seen: Seen }): Plan {
  const rows = rowsOf(output);
  const isFraction = hasFractions(rows, columns);
  return {
    reason: `output ${output.name} is a list of ${rows.count > 0 ? `${rows.count} ` : ''}boxes: ${columns.words} (${verdict})`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape: ultralyticsShape(seen.metadata),
    classes: namesOf(seen.metadata)?.length,
    outputs: [output.name],
    nmsIou: undefined,
    decode: ([answer], options) => (answer ? decodeList(rowsOf(answer), { columns, isFraction }, options) : []),
  };
}

/** TensorFlow's lists look alike, but their classes are no whole numbers by type, or have its names. */
function planForApart(seen: Seen): Plan | undefined {
  const list = apartList(seen.outputs);
  if (!list?.count || !list.hasBatch || list.labels.name.includes('detection_classes')) return undefined;
  const { boxes, scores, labels, count } = list;
  const isFraction = areFractionsApart(list);
  return {
    reason: `outputs are the number of boxes (${count.name}), boxes (${boxes.name}: corners in ${isFraction ? 'fractions' : 'pixels'}), scores (${scores.name}) and classes (${labels.name})`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape: ultralyticsShape(seen.metadata),
    classes: namesOf(seen.metadata)?.length,
    outputs: [boxes.name, scores.name, labels.name, count.name],
    nmsIou: undefined,
    decode: ([theBoxes, theScores, theLabels, theCount], options) => {
      const scale = isFraction ? { x: options.input.widthPx, y: options.input.heightPx } : { x: 1, y: 1 };
      return theBoxes && theScores && theLabels && theCount
        ? decodeApart({ boxes: theBoxes, scores: theScores, labels: theLabels, count: theCount }, { scale }, options)
        : [];
    },
  };
}
