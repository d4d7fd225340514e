/**
 * Models that suppress doubles themselves and answer with a short list of boxes. Ultralytics (YOLOv10, YOLO26, `nms=True`):
 * [1, 300, 6] = left, top, right, bottom, score, class, perhaps with mask coefficients or key points behind. YOLOv7's
 * `--end2end`: [boxes, 7] = picture, left, top, right, bottom, class, score. Places are pixels, or fractions in the first form.
 * Source: ultralytics/nn/modules/head.py (`postprocess`), yolov7/models/experimental.py (`ONNX_ORT`).
 */
import { type Candidate, type DecodeOptions, type Family, type Output, type Plan, RGB_UNIT, type Seen } from '../family.ts';
import { at, isTable, type Rows, rowsOf } from '../rows.ts';
import { ultralyticsShape } from '../ultralytics.ts';
import { namesOf } from '../labels.ts';

const MAX_BOXES = 1000;
/** Fractions of the picture may reach a little beyond its borders. */
const MAX_FRACTION = 4;

/** Which column holds what. */
interface Columns {
  readonly box: number;
  readonly score: number;
  readonly label: number;
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
      const rows = rowsOf(output);
      const verdict = isStated ? 'stated' : judge(rows, { columns, seen });
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
function judge(rows: Rows, { columns, seen }: { columns: Columns; seen: Seen }): string | undefined {
  let filled = 0;
  for (let row = 0; row < rows.count; row++) {
    const [score, label] = [at(rows, { row, column: columns.score }), at(rows, { row, column: columns.label })];
    const isLabel = Number.isInteger(label) && label >= -1;
    if (!isLabel || !(score >= 0 && score <= 1.002)) return undefined;
    if (score > 0) filled += 1;
  }
  if (filled > 0) return 'scores are 0…1 and classes whole numbers';
  const op = ['NonMaxSuppression', 'TopK'].find((name) => seen.graph.has(name));
  return op === undefined ? undefined : `the graph holds ${op}, and an empty picture gives an empty list`;
}

function planFor(output: Output, { columns, verdict, seen }: { columns: Columns; verdict: string; seen: Seen }): Plan {
  const rows = rowsOf(output);
  const isFraction = rows.count > 0 && isAnythingThere(rows, columns) && largestPlace(rows, columns) <= MAX_FRACTION;
  return {
    reason: `output ${output.name} is a list of ${rows.count > 0 ? `${rows.count} ` : ''}boxes: ${columns.words} (${verdict})`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape: ultralyticsShape(seen.metadata),
    classes: namesOf(seen.metadata)?.length,
    outputs: [output.name],
    nmsIou: undefined,
    decode: ([answer], options) => (answer ? decode(rowsOf(answer), { columns, isFraction }, options) : []),
  };
}

function decode(
  rows: Rows,
  { columns, isFraction }: { columns: Columns; isFraction: boolean },
  { labels, minScore, input }: DecodeOptions,
): Candidate[] {
  const scaleX = isFraction ? input.widthPx : 1;
  const scaleY = isFraction ? input.heightPx : 1;
  const { data, count, columns: width } = rows;
  const found: Candidate[] = [];
  for (let start = 0; start < count * width; start += width) {
    const score = data[start + columns.score] ?? 0;
    const label = data[start + columns.label] ?? -1;
    if (score < minScore || !labels.includes(label)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = data.subarray(start + columns.box, start + columns.box + 4);
    const [xPx, yPx] = [left * scaleX, top * scaleY];
    found.push({ label, score, xPx, yPx, wPx: right * scaleX - xPx, hPx: bottom * scaleY - yPx });
  }
  return found;
}

function isAnythingThere(rows: Rows, { score }: Columns): boolean {
  for (let row = 0; row < rows.count; row++) if (at(rows, { row, column: score }) > 0) return true;
  return false;
}

function largestPlace(rows: Rows, { box }: Columns): number {
  let max = 0;
  for (let row = 0; row < rows.count; row++) {
    for (let i = 0; i < 4; i++) max = Math.max(max, at(rows, { row, column: box + i }));
  }
  return max;
}
