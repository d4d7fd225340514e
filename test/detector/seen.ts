/** A model as it shows itself after its trial picture, without a file: what recognition looks at. */
import { ModelGraph } from '../../src/detector/graph.ts';
import type { Output, Seen } from '../../src/detector/family.ts';
import type { SizePx } from '../../src/messages/video.ts';

export function seenOf(size: SizePx, outputs: readonly Output[]): Seen {
  return {
    inputs: [{ name: 'images', type: 'float32', shape: [1, 3, size.heightPx, size.widthPx] }],
    size,
    outputs,
    metadata: new Map(),
    graph: new ModelGraph({ metadata: new Map(), nodes: [], weights: new Map(), externalFiles: new Set(), parameters: 0 }),
  };
}
