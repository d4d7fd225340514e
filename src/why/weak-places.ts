/**
 * Tells a weak candidate that is news from one that stands where it stood: a statue, a shadow, a bush, ten of which are in
 * many pictures, many times a second. News is a new place, a clearly better score, and a place again after two seconds. Pure.
 */
import { iou } from '../lib/iou.ts';
import type { Box } from '../messages/video.ts';

const AGAIN_MS = 2000;
const RISE = 0.02;
const MIN_IOU = 0.5;
const MAX_PLACES = 128;

export interface Weak {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
}

interface Place {
  label: string;
  score: number;
  box: Box;
  notedMs: number;
}

export class WeakPlaces {
  readonly #places: Place[] = [];

  /** True once per place and two seconds, and whenever its score rose; what is true counts as noted. */
  isNews({ label, score, box }: Weak, nowMs: number): boolean {
    let place: Place | undefined;
    let stale: Place | undefined;
    for (const one of this.#places) {
      if (!place && one.label === label && iou(one.box, box) >= MIN_IOU) place = one;
      if (!stale || one.notedMs < stale.notedMs) stale = one;
    }
    if (place && nowMs - place.notedMs < AGAIN_MS && score <= place.score + RISE) return false;
    const noted = { label, score, box, notedMs: nowMs };
    place ??= stale && (nowMs - stale.notedMs >= AGAIN_MS || this.#places.length >= MAX_PLACES) ? stale : undefined;
    if (place) Object.assign(place, noted);
    else this.#places.push(noted);
    return true;
  }
}
