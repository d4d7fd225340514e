/**
 * SSD and its kin as TensorFlow's Object Detection API writes them: detection_boxes [1, boxes, 4] (top, left, bottom, right in
 * fractions), detection_classes [1, boxes] (numbered from 1), detection_scores [1, boxes], num_detections [1]; the picture goes
 * in as bytes, and the graph scales, stretches and suppresses. Outputs are found by their names where they have them, else by
 * shape and values. torchvision's SSD and its kin write boxes [boxes, 4] (left, top, right, bottom in pixels), labels [boxes]
 * (numbered from 1) and scores [boxes]. Google's EfficientDet writes one list [1, boxes, 7] = picture, top, left, bottom, right in
 * pixels, score, class (numbered from 1). Source: object_detection/exporter_lib_v2.py, torchvision/models/detection/ssd.py,
 * automl/efficientdet/tf2/postprocess.py (`generate_detections_from_nms_output`).
 */
import { decodeList, judgeList, type ListColumns } from '../box-list.ts';
import { apartList, decodeApart } from '../list-apart.ts';
import { rowsOf } from '../rows.ts';
import {
  type Candidate,
  type DecodeOptions,
  type Family,
  type Output,
  type Plan,
  RGB_IMAGENET,
  RGB_UNIT,
  type Seen,
} from '../family.ts';

const MAX_BOXES = 2000;

interface Roles {
  readonly boxes: Output;
  readonly classes: Output;
  readonly scores: Output;
  readonly count: Output;
}

export const ssd: Family = {
  name: 'ssd',
  accepts:
    'TensorFlow OD API: boxes [1, boxes, 4], classes [1, boxes], scores [1, boxes] and their number [1]; torchvision: [boxes, 4] …',
  recognise(seen, { isStated }) {
    const roles = rolesOf(seen.outputs);
    // Unnamed whole numbers count from 0, and belong to a YOLO with its suppression inside.
    const isYolos =
      !isStated && roles?.classes.type.startsWith('int') === true && !roles.classes.name.includes('detection_classes');
    return roles && !isYolos ? planFor(roles, seen) : (planForTorchvision(seen) ?? planForAutoml(seen));
  },
};

function rolesOf(outputs: readonly Output[]): Roles | undefined {
  const named = (pattern: RegExp): Output | undefined => outputs.find(({ name }) => pattern.test(name));
  const count = named(/num_detections/) ?? outputs.find(({ dims, data }) => dims.length <= 2 && data.length === 1);
  const boxes = named(/(^|[^w]_|\W)detection_boxes/) ?? outputs.find(({ dims }) => isList(dims, 3) && dims[2] === 4);
  const lists = outputs.filter(({ dims }) => isList(dims, 2) && dims[1] === boxes?.dims[1]);
  const scores = named(/(^|[^w]_|\W)detection_scores/) ?? lists.find(({ data }) => isDescending(data));
  const classes =
    named(/detection_classes/) ?? lists.find((list) => list !== scores && list.data.every((value) => isLabel(value)));
  if (!count || !boxes || !scores || !classes || count.data.length !== 1) return undefined;
  return isList(boxes.dims, 3) && [boxes, scores, classes].every(({ dims }) => dims[1] === boxes.dims[1])
    ? { boxes, classes, scores, count }
    : undefined;
}

function isList(dims: readonly number[], rank: number): boolean {
  return dims.length === rank && dims[0] === 1 && (dims[1] ?? 0) <= MAX_BOXES;
}

/** Scores come sorted; the classes of an empty list, all equal, do too, but they are whole. */
function isDescending(data: Float32Array): boolean {
  return (
    data.every((value, i) => value >= 0 && value <= 1 && (i === 0 || value <= (data[i - 1] ?? 0))) &&
    data.some((value) => !Number.isInteger(value))
  );
}

function isLabel(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 10_000;
}

function planFor({ boxes, classes, scores, count }: Roles, { inputs }: Seen): Plan {
  const isBytes = inputs.some(({ type }) => type === 'uint8');
  return {
    reason: `outputs are boxes (${boxes.name}), classes numbered from 1 (${classes.name}), scores (${scores.name}) and their number (${count.name})`,
    pixels: isBytes ? RGB_UNIT : { channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
    fit: 'stretch',
    freeShape: { maxSidePx: 1280 },
    classes: undefined,
    isNumberedFrom1: true,
    outputs: [boxes.name, classes.name, scores.name, count.name],
    nmsIou: undefined,
    decode: ([theBoxes, theClasses, theScores, theCount], options) =>
      theBoxes && theClasses && theScores && theCount
        ? decode({ boxes: theBoxes, classes: theClasses, scores: theScores, count: theCount }, options)
        : [],
  };
}

function decode({ boxes, classes, scores, count }: Roles, { labels, minScore, input }: DecodeOptions): Candidate[] {
  const { widthPx, heightPx } = input;
  const found: Candidate[] = [];
  const filled = Math.min(count.data[0] ?? 0, scores.data.length);
  for (let i = 0; i < filled; i++) {
    const [score, label] = [scores.data[i] ?? 0, (classes.data[i] ?? 0) - 1];
    if (score < minScore || !labels.includes(label)) continue;
    const [top = 0, left = 0, bottom = 0, right = 0] = boxes.data.subarray(4 * i, 4 * i + 4);
    const [wPx, hPx] = [(right - left) * widthPx, (bottom - top) * heightPx];
    found.push({ label, score, xPx: left * widthPx, yPx: top * heightPx, wPx, hPx });
  }
  return found;
}

/** Lists without a batch: the graph scales and normalises pictures, and suppresses doubles, by itself. */
function planForTorchvision({ outputs }: Seen): Plan | undefined {
  const list = apartList(outputs);
  if (!list || list.hasBatch || list.count) return undefined;
  const { boxes, labels, scores } = list;
  return {
    reason: `outputs are boxes (${boxes.name}), labels numbered from 1 (${labels.name}) and scores (${scores.name}) without a batch, as torchvision writes them`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape: { maxSidePx: 1280 },
    classes: undefined,
    isNumberedFrom1: true,
    outputs: [boxes.name, labels.name, scores.name],
    nmsIou: undefined,
    decode: ([theBoxes, theLabels, theScores], { labels: wanted, minScore }) => {
      if (!theBoxes || !theLabels || !theScores) return [];
      const answer = { boxes: theBoxes, labels: theLabels, scores: theScores, count: undefined };
      const found = decodeApart(answer, { scale: { x: 1, y: 1 } }, { labels: wanted.map((label) => label + 1), minScore });
      return found.map(({ label, ...rest }) => Object.assign(rest, { label: label - 1 }));
    },
  };
}

const AUTOML: ListColumns = { box: 1, score: 5, label: 6 };

function planForAutoml({ outputs, inputs }: Seen): Plan | undefined {
  const list = outputs.find(({ dims }) => dims.length === 3 && dims[0] === 1 && dims[2] === 7 && (dims[1] ?? 0) <= MAX_BOXES);
  if (!list || judgeList(rowsOf(list), AUTOML) !== 'filled') return undefined;
  return {
    reason: `output ${list.name} is a list of boxes: picture, top, left, bottom, right, score, class numbered from 1`,
    pixels: inputs.some(({ type }) => type === 'uint8') ? RGB_UNIT : RGB_IMAGENET,
    fit: 'corner',
    freeShape: { maxSidePx: 1280 },
    classes: undefined,
    isNumberedFrom1: true,
    outputs: [list.name],
    nmsIou: undefined,
    decode: ([answer], { labels, minScore, input }) => {
      if (!answer) return [];
      const wanted = { labels: labels.map((label) => label + 1), minScore, input };
      // Read as left, top, right, bottom, and turned over.
      return decodeList(rowsOf(answer), { columns: AUTOML, isFraction: false }, wanted).map((one) => ({
        label: one.label - 1,
        score: one.score,
        xPx: one.yPx,
        yPx: one.xPx,
        wPx: one.hPx,
        hPx: one.wPx,
      }));
    },
  };
}
