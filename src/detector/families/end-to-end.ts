/**
 * Models that suppress doubles themselves and answer with a short list of boxes. Ultralytics (YOLOv10, YOLO26, `nms=True`):
 * [1, 300, 6] = left, top, right, bottom, score, class, perhaps with mask coefficients or key points behind. YOLOv7's
 * `--end2end`: [boxes, 7] = picture, left, top, right, bottom, class, score. Places are pixels, or fractions in the first form.
 * Source: ultralytics/nn/modules/head.py (`postprocess`), yolov7/models/experimental.py (`ONNX_ORT`).
 */
import { decodeList, hasFractions, judgeList, type ListColumns } from '../box-list.ts';
import { type Family, type Output, type Plan, RGB_UNIT, type Seen } from '../family.ts';
import { namesOf } from '../labels.ts';
import { isTable, rowsOf } from '../rows.ts';
import { ultralyticsShape } from '../ultralytics.ts';

const MAX_BOXES = 1000;

interface Columns extends ListColumns {
  readonly words: string;
}

const ULTRALYTICS: Columns = { box: 0, score: 4, label: 5, words: 'left, top, right, bottom, score, class' };
const YOLOV7: Columns = { box: 1, score: 6, label: 5, words: 'picture, left, top, right, bottom, class, score' };

export const endToEnd: Family = {
  name: 'end-to-end',
  accepts: 'YOLOv10, YOLO26, nms=True: one output [1, boxes, 6] = corners, score, class; YOLOv7 --end2end: [boxes, 7]',
  recognise(seen, { isStated }) {
    for (const output of seen.outputs) {
      const columns = columnsOf(output, seen);
      if (!columns) continue;
      const verdict = isStated ? 'stated' : judge(output, { columns, seen });
      if (verdict !== undefined) return planFor(output, { columns, verdict, seen });
    }
    return undefined;
  },
};

function columnsOf(output: Output, { metadata }: Seen): Columns | undefined {
  const { dims } = output;
  const width = dims.at(-1);
  if (!isTable(output) || (dims.at(-2) ?? 0) > MAX_BOXES || width === undefined) return undefined;
  const task = metadata.get('task');
  const hasExtras = (task === 'segment' || task === 'pose') && width > 6;
  if (dims.length === 3 && (width === 6 || hasExtras)) return ULTRALYTICS;
  return dims.length === 2 && width === 7 ? YOLOV7 : undefined;
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
