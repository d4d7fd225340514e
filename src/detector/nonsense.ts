/**
 * An answer → the sentence that says why nobody can believe it: scores that are none, boxes that lie beside the picture. A model that
 * is only unsure says nothing wrong, so lists that may be empty, and scores that 8 bits may have rounded to 0, are not blamed for silence.
 */
import type { Candidate, DecodeOptions, Output, Plan } from './family.ts';
import type { SizePx } from '../messages/video.ts';

/** Half floats exceed 1 by this much at most. */
export const MAX_SCORE = 1.002;
/** Below every bar, above 0. */
const ANY_SCORE = 1e-9;
/** Of whoever gives numbers that only ought to be scores. */
const BELOW_ALL = -1e6;
/** Of a list that a model chose itself, weaker boxes may be padding. */
const MEANT_SCORE = 0.25;
/** Enough to see how the scores of a model are, whatever it can find. */
const MAX_LABELS = 3;

export interface Flaw {
  readonly sentence: string;
  /** no later answer can make up for it */
  readonly isProof: boolean;
}

export interface Look {
  readonly outputs: readonly Output[];
  readonly plan: Pick<Plan, 'decode' | 'nmsIou'>;
  readonly input: SizePx;
  readonly labels: readonly number[];
  /** how many classes there are */
  readonly classes: number;
  /** numbers are rounded to 8 bits on the way */
  readonly isQuantised: boolean;
}

/** Looks at every score of an answer. */
export function flawOf(look: Look): Flaw | undefined {
  const { labels, outputs } = look;
  const some = candidatesOf(look, labels.slice(0, MAX_LABELS));
  const scored = scoreFlaw(some);
  if (scored) return scored;
  if (some.length === 0) return silence(look);
  // A model that leaves doubles in has a box for every cell; one that suppresses them has lists.
  const meant = look.plan.nmsIou === undefined ? some.filter(({ score }) => score >= MEANT_SCORE) : some;
  const isBeside = meant.length > 0 && meant.every((one) => !isInside(one, look.input));
  if (!isBeside) return undefined;
  const { xPx, yPx, wPx, hPx } = best(meant);
  const box = [xPx, yPx, wPx, hPx].map((px) => px.toPrecision(4)).join(', ');
  return temporary(
    `every box lies outside the picture or has no size (x, y, width, height ${box} of ${look.input.widthPx} × ${look.input.heightPx} px in ${outputs[0]?.name ?? ''})`,
  );
}

/** Of any answer, at no cost: a score that none can be. */
export function scoreFlaw(candidates: readonly Candidate[]): Flaw | undefined {
  const wrong = candidates.filter(({ score }) => !(score <= MAX_SCORE));
  if (wrong.length === 0) return undefined;
  const { score } = best(wrong);
  if (Number.isNaN(score)) return temporary('a score is NaN, which is no number');
  return { sentence: `it gives a score of ${Number(score.toPrecision(4))}, and scores go from 0 to 1`, isProof: true };
}

function silence(look: Look): Flaw | undefined {
  const { outputs, plan, isQuantised, classes } = look;
  if (outputs.some(({ data }) => data.some((value) => Number.isNaN(value)))) {
    return temporary('its numbers are NaN, which is no number');
  }
  if (plan.nmsIou === undefined || isQuantised) return undefined;
  const all = Array.from({ length: classes }, (_, label) => label);
  const found = candidatesOf(look, all, BELOW_ALL);
  const isSilent = found.length > 0 && found.every(({ score }) => score === 0);
  return isSilent ? temporary('every score is 0, of every class in every place') : undefined;
}

function candidatesOf({ outputs, plan, input }: Look, labels: DecodeOptions['labels'], minScore = ANY_SCORE): Candidate[] {
  return plan.decode(outputs, { input, labels, minScore });
}

function isInside({ xPx, yPx, wPx, hPx }: Candidate, { widthPx, heightPx }: SizePx): boolean {
  return wPx > 0 && hPx > 0 && xPx < widthPx && yPx < heightPx && xPx + wPx > 0 && yPx + hPx > 0;
}

function best([first, ...others]: readonly Candidate[]): Candidate {
  if (!first) throw new Error('Expected at least one candidate');
  return others.reduce((a, b) => (b.score > a.score ? b : a), first);
}

function temporary(sentence: string): Flaw {
  return { sentence, isProof: false };
}
