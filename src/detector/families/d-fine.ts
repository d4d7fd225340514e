/**
 * D-FINE, DEIM and RT-DETR as they are deployed: labels [1, boxes] (whole numbers), boxes [1, boxes, 4] (left, top, right,
 * bottom) and scores [1, boxes], in any order and under any names; no suppression needed. A second input, two whole numbers, is
 * the size that boxes are scaled to. Pixels are RGB 0…1 (networks that begin with patches of a transformer: ImageNet's mean and
 * deviation), pictures are stretched. Source: D-FINE/tools/deployment/export_onnx.py, DEIMv2/engine/data/transforms.
 */
import type { Candidate, Family, Output, Plan, Seen } from '../family.ts';
import { TOLD_SIZE_PX } from '../picture-input.ts';
import { transformerPixels } from '../transformers.ts';
import { namesOf } from '../labels.ts';

const MAX_FRACTION = 4;
const WHOLE = new Set(['int64', 'int32', 'uint8']);

interface Roles {
  readonly labels: Output;
  readonly boxes: Output;
  readonly scores: Output;
}

export const dFine: Family = {
  name: 'd-fine',
  accepts: 'D-FINE, DEIM, RT-DETR: labels [1, boxes] (whole numbers), boxes [1, boxes, 4], scores [1, boxes]',
  recognise(seen) {
    const roles = rolesOf(seen.outputs);
    return roles && planFor(roles, seen);
  },
};

/** By shape and type alone; another list, or a count of boxes, makes it another family. */
function rolesOf(outputs: readonly Output[]): Roles | undefined {
  if (outputs.some(({ data }) => data.length === 1)) return undefined;
  const boxes = outputs.filter(({ dims }) => dims.length === 3 && dims[0] === 1 && dims[2] === 4);
  const lists = outputs.filter(({ dims }) => dims.length === 2 && dims[0] === 1 && dims[1] === boxes[0]?.dims[1]);
  const labels = lists.filter(({ type }) => WHOLE.has(type));
  const scores = lists.filter(({ type, data }) => !WHOLE.has(type) && data.every((score) => score >= -0.002 && score <= 1.002));
  const [theBoxes, theLabels, theScores] = [boxes[0], labels[0], scores[0]];
  if (boxes.length !== 1 || labels.length !== 1 || scores.length !== 1 || lists.length !== 2) return undefined;
  return theBoxes && theLabels && theScores ? { boxes: theBoxes, labels: theLabels, scores: theScores } : undefined;
}

function planFor({ labels, boxes, scores }: Roles, { graph, metadata, inputs }: Seen): Plan {
  const classes = namesOf(metadata)?.length ?? graph.divisorNear(labels.name);
  const isTold = inputs.some(({ shape }) => shape.length === 2 && shape[1] === 2);
  // Without a size to scale to, boxes are fractions or pixels of the input.
  const isFraction = !isTold && boxes.data.every((value) => value <= MAX_FRACTION);
  const unit = isTold ? 'scaled to the size that another input tells' : isFraction ? 'in fractions' : 'in pixels';
  const { pixels, why } = transformerPixels(graph);
  return {
    reason: `outputs are labels (${labels.name}), boxes (${boxes.name}, ${unit}) and scores (${scores.name}); ${why}`,
    pixels,
    fit: 'stretch',
    freeShape: { multiplePx: 640, longSidePx: 640 },
    classes,
    outputs: [labels.name, boxes.name, scores.name],
    nmsIou: undefined,
    decode: ([theLabels, theBoxes, theScores], { labels: wanted, minScore, input }) => {
      const { widthPx, heightPx } = input;
      const told = isTold ? TOLD_SIZE_PX : 1;
      const isScaled = isTold || isFraction;
      const scale = { x: isScaled ? widthPx / told : 1, y: isScaled ? heightPx / told : 1 };
      return theLabels && theBoxes && theScores
        ? decode({ labels: theLabels, boxes: theBoxes, scores: theScores }, { scale, wanted, minScore })
        : [];
    },
  };
}

interface Decoding {
  readonly scale: { readonly x: number; readonly y: number };
  readonly wanted: readonly number[];
  readonly minScore: number;
}

function decode({ labels, boxes, scores }: Roles, { scale, wanted, minScore }: Decoding): Candidate[] {
  const found: Candidate[] = [];
  for (let i = 0; i < scores.data.length; i++) {
    const [score, label] = [scores.data[i] ?? 0, labels.data[i] ?? -1];
    if (score < minScore || !wanted.includes(label)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.data.subarray(4 * i, 4 * i + 4);
    found.push({
      label,
      score,
      xPx: left * scale.x,
      yPx: top * scale.y,
      wPx: (right - left) * scale.x,
      hPx: (bottom - top) * scale.y,
    });
  }
  return found;
}
