/**
 * The answer to "why?" → what its chart shows: scores over time, one set of dots per rule, a line per followed person, and bands
 * for what happened meanwhile. Pure. The plot is WIDTH × HEIGHT, time to the right, score upwards.
 */
import type { WhyAnswer, WhyCandidate, WhyEntry } from '../../../src/messages/why.ts';

export const WIDTH = 1000;
export const HEIGHT = 300;

/** Candidates of one rule. */
export interface RuleDots {
  readonly rule: string;
  readonly count: number;
  /** zero-length strokes: with round caps they are dots that keep their size however the plot is stretched */
  readonly path: string;
}

export interface Band {
  readonly kind: 'event' | 'away' | 'repeats' | 'skipped' | 'silent' | 'unknown';
  readonly fromShare: number;
  readonly toShare: number;
  readonly text: string;
}

/** One moment with candidates, for who points at it. */
export interface Picture {
  readonly atMs: number;
  readonly share: number;
  /** best first */
  readonly candidates: readonly WhyCandidate[];
  readonly more: number;
}

export interface WhyChart {
  readonly dots: readonly RuleDots[];
  readonly lines: readonly { readonly track: number; readonly path: string }[];
  readonly bands: readonly Band[];
  readonly pictures: readonly Picture[];
}

/** Nearest to an event first; what is not named here comes between. */
const ORDER = ['hit', 'zone', 'startScore', 'unconfirmed', '', 'minScore', 'label'];
/** Between two pictures of a person further apart than this, nothing is known. */
const MAX_GAP_MS = 1200;

export function chartOf(answer: WhyAnswer): WhyChart {
  const [fromMs, toMs] = [Date.parse(answer.from), Date.parse(answer.to)];
  const shareOf = (at: string): number => clamp((Date.parse(at) - fromMs) / Math.max(1, toMs - fromMs));
  const pictures: Picture[] = [];
  for (const entry of answer.entries) {
    if (entry.type !== 'picture') continue;
    const candidates = entry.candidates.toSorted((a, b) => b.score - a.score);
    pictures.push({ atMs: Date.parse(entry.at), share: shareOf(entry.at), candidates, more: entry.more });
  }
  return { dots: dotsOf(pictures), lines: linesOf(pictures), bands: bandsOf(answer, shareOf), pictures };
}

/** The picture at this share of the width, if one is near. */
export function pictureAt(pictures: readonly Picture[], share: number): Picture | undefined {
  let best: Picture | undefined;
  for (const picture of pictures) {
    if (!best || Math.abs(picture.share - share) < Math.abs(best.share - share)) best = picture;
  }
  return best && Math.abs(best.share - share) < 0.05 ? best : undefined;
}

/** Share of the height, from the bottom, as a y of the plot. */
export function yOf(score: number): number {
  return Math.round((1 - clamp(score)) * HEIGHT * 10) / 10;
}

function dotsOf(pictures: readonly Picture[]): RuleDots[] {
  const paths = new Map<string, string[]>();
  for (const { share, candidates } of pictures) {
    for (const { rule, score } of candidates) {
      const dot = `M${xOf(share)} ${yOf(score)}h0`;
      const known = paths.get(rule);
      if (known) known.push(dot);
      else paths.set(rule, [dot]);
    }
  }
  return [...paths]
    .map(([rule, dots]) => ({ rule, count: dots.length, path: dots.join('') }))
    .toSorted((a, b) => rankOf(a.rule) - rankOf(b.rule));
}

function linesOf(pictures: readonly Picture[]): { track: number; path: string }[] {
  const open = new Map<number, { path: string; atMs: number }>();
  for (const { atMs, share, candidates } of pictures) {
    for (const { track, score } of candidates) {
      if (track === undefined) continue;
      const line = open.get(track) ?? { path: '', atMs: Number.NEGATIVE_INFINITY };
      const move = atMs - line.atMs > MAX_GAP_MS ? 'M' : 'L';
      open.set(track, { path: `${line.path}${move}${xOf(share)} ${yOf(score)}`, atMs });
    }
  }
  return [...open].map(([track, { path }]) => ({ track, path }));
}

function bandsOf({ entries, event, knownSince, from, to }: WhyAnswer, shareOf: (at: string) => number): Band[] {
  const bands: Band[] = [];
  if (Date.parse(knownSince) > Date.parse(from))
    bands.push({ kind: 'unknown', fromShare: 0, toShare: shareOf(knownSince), text: 'not known' });
  const marks = entries.filter((entry) => entry.type === 'event');
  const isOpenBefore = marks.length > 0 ? marks[0]?.what === 'closed' : event !== undefined;
  let openFrom: string | undefined = isOpenBefore ? from : undefined;
  const endEvent = (at: string): void => {
    if (openFrom !== undefined)
      bands.push({ kind: 'event', fromShare: shareOf(openFrom), toShare: shareOf(at), text: 'event open' });
    openFrom = undefined;
  };
  for (const mark of marks) {
    endEvent(mark.at);
    if (mark.what === 'opened') openFrom = mark.at;
  }
  endEvent(to);
  for (const entry of entries) {
    const band = bandOf(entry);
    if (band) bands.push({ ...band, fromShare: shareOf(band.from), toShare: shareOf(band.to) });
  }
  return bands.filter(({ fromShare, toShare }) => toShare > fromShare);
}

function bandOf(entry: WhyEntry): { kind: Band['kind']; text: string; from: string; to: string } | undefined {
  if (entry.type === 'away') return { kind: 'away', text: `no picture: ${entry.reason}`, from: entry.from, to: entry.to };
  if (entry.type !== 'run') return undefined;
  const { empty, known, repeats, skipped, from, to } = entry;
  const looked = empty + known;
  if (looked + repeats + skipped === 0) return { kind: 'silent', text: 'no picture was decided', from, to };
  if (skipped > looked + repeats) return { kind: 'skipped', text: `${skipped} pictures not looked at`, from, to };
  if (looked === 0 && repeats > 0) return { kind: 'repeats', text: 'nothing moved', from, to };
  return undefined;
}

function rankOf(rule: string): number {
  const rank = ORDER.indexOf(rule);
  return rank < 0 ? ORDER.indexOf('') : rank;
}

function xOf(share: number): number {
  return Math.round(share * WIDTH * 10) / 10;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
