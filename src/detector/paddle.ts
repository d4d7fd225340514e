/** PaddleDetection's list of boxes, as its exporter writes it: which model made it, and how it is read. Pure. */
import { decodeList, judgeList, type ListColumns } from './box-list.ts';
import type { Output, Plan, Seen } from './family.ts';
import { rowsOf } from './rows.ts';

/** class, score, left, top, right, bottom */
const COLUMNS: ListColumns = { label: 0, score: 1, box: 2 };

export interface PaddleList {
  readonly output: Output;
  /** it suppresses nothing, and wants to know the size of its input */
  readonly isTransformer: boolean;
}

/** A list [boxes, 6] and an input `scale_factor`; a second output counts the boxes. */
export function paddleList({ inputs, outputs, graph }: Seen): PaddleList | undefined {
  const isPaddle = inputs.some(({ name, shape }) => name.includes('scale_factor') && shape.length === 2);
  const output = outputs.find(({ dims }) => dims.length === 2 && dims[1] === 6);
  if (!isPaddle || !output || judgeList(rowsOf(output), COLUMNS) === 'no list') return undefined;
  const isTransformer = !graph.has('NonMaxSuppression') && inputs.some(({ name }) => name.includes('im_shape'));
  return { output, isTransformer };
}

/** The model is told a scale of one (and its own size), so the list's places are pixels of the input. */
export function paddlePlan({ output }: PaddleList, own: Pick<Plan, 'reason' | 'pixels' | 'resampling' | 'freeShape'>): Plan {
  return {
    ...own,
    fit: 'stretch',
    classes: undefined,
    outputs: [output.name],
    nmsIou: undefined,
    decode: ([answer], options) => (answer ? decodeList(rowsOf(answer), { columns: COLUMNS, isFraction: false }, options) : []),
  };
}
