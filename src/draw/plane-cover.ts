/**
 * Polygons → what paints them into one plane of a picture, precomputed: flat colour, or blocks of the mean of what is covered.
 * Painting allocates nothing.
 */
import type { Point } from '../lib/polygon.ts';
import { type PlaneArea, type Span, spansOf } from './polygon-spans.ts';

export interface CoverStyle {
  /** colour of this plane */
  readonly value: number;
  /** mean of blocks of this size instead */
  readonly blockPx?: number;
}

/** Pairs of offsets into the plane: from, to. */
type Offsets = Int32Array;

export class PlaneCover {
  readonly #fills: { readonly value: number; readonly offsets: Offsets }[] = [];
  readonly #blocks: Offsets[] = [];

  add(polygon: readonly Point[], area: PlaneArea, { value, blockPx }: CoverStyle): void {
    const spans = spansOf(polygon, area);
    if (blockPx === undefined) this.#fills.push({ value, offsets: offsetsOf(spans, area) });
    else this.#blocks.push(...blocksOf(spans, blockPx).map((block) => offsetsOf(block, area)));
  }

  paint(plane: Uint8Array): void {
    for (const offsets of this.#blocks) fill(plane, offsets, meanOf(plane, offsets));
    for (const { value, offsets } of this.#fills) fill(plane, offsets, value);
  }
}

function fill(plane: Uint8Array, offsets: Offsets, value: number): void {
  for (let i = 0; i < offsets.length; i += 2) plane.fill(value, offsets[i], offsets[i + 1]);
}

function meanOf(plane: Uint8Array, offsets: Offsets): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < offsets.length; i += 2) {
    const [from = 0, to = 0] = [offsets[i], offsets[i + 1]];
    for (let at = from; at < to; at += 1) sum += plane[at] ?? 0;
    count += to - from;
  }
  return Math.round(sum / Math.max(1, count));
}

function offsetsOf(spans: readonly Span[], { widthPx }: PlaneArea): Offsets {
  return Int32Array.from(spans.flatMap(({ row, start, end }) => [row * widthPx + start, row * widthPx + end]));
}

/** The spans cut along a grid, block by block. */
function blocksOf(spans: readonly Span[], blockPx: number): Span[][] {
  const blocks = new Map<string, Span[]>();
  for (const { row, start, end } of spans) {
    for (let from = start; from < end; from = nextEdge(from, blockPx)) {
      const key = `${Math.floor(row / blockPx)} ${Math.floor(from / blockPx)}`;
      const block = blocks.get(key) ?? [];
      blocks.set(key, block);
      block.push({ row, start: from, end: Math.min(end, nextEdge(from, blockPx)) });
    }
  }
  return [...blocks.values()];
}

function nextEdge(at: number, blockPx: number): number {
  return (Math.floor(at / blockPx) + 1) * blockPx;
}
