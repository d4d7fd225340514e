/** A model that no family takes → what it seems to be instead, in words for people, with what to do. Pure. */
import type { Output, Seen } from './family.ts';

export interface Misfit {
  readonly what: string;
  readonly hint: string;
}

const DETECTOR = 'export a detector: for example yolo export model=yolo11n.pt format=onnx';

/** Undefined where nothing is known of it. */
export function misfitOf(seen: Seen): Misfit | undefined {
  return ofTask(seen.metadata.get('task')) ?? ofShapes(seen);
}

/** Ultralytics writes what its models are for. */
function ofTask(task: string | undefined): Misfit | undefined {
  if (task === 'obb') return { what: 'its metadata say “obb”: it finds turned boxes, which people have not', hint: DETECTOR };
  if (task === 'classify')
    return { what: 'its metadata say “classify”: it says what a picture shows, not where', hint: DETECTOR };
  return undefined;
}

function ofShapes({ outputs, size }: Seen): Misfit | undefined {
  if (outputs.some((output) => isAnchors(output)))
    return {
      what: 'it gives raw feature maps for each anchor, and the anchors are not in the file',
      hint: 'export it with its last step: yolov7 with --grid, yolov5 without --train, Darknet with its YOLO layers decoded',
    };
  const [only, second] = outputs;
  if (!only || second) return undefined;
  const [batch, channels = 0, height, width] = only.dims;
  if (only.dims.length === 2 && batch === 1 && channels > 1)
    return { what: `it gives ${channels} numbers for a whole picture, as a classifier does`, hint: DETECTOR };
  if (only.dims.length === 4 && height === size.heightPx && width === size.widthPx)
    return { what: 'it gives values for every pixel, as a segmenter or a depth model does', hint: DETECTOR };
  return undefined;
}

/** [1, 3, height, width, 5 + classes], as training leaves it. */
function isAnchors({ dims }: Output): boolean {
  return dims.length === 5 && dims[0] === 1 && (dims[1] ?? 0) <= 5 && (dims[4] ?? 0) >= 6;
}
