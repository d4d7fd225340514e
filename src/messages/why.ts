/** The answer to "why was there no event?": what was decided around a moment, and in a sentence. */
import type { Rejected } from './detection.ts';
import type { EndReason } from './scene.ts';
import type { Box } from './video.ts';

/** What became of a candidate: a hit of a confirmed person, the rule that held it, or (never expected) nothing that is known. */
export type WhyRule = Rejected['rule'] | 'hit' | 'unexplained';

/** A candidate of one picture in the why-log; box and score are rounded. */
export interface WhyCandidate {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
  readonly rule: WhyRule;
  readonly track?: number;
}

/** One decision of the why-log. Times are ISO 8601 UTC. */
export type WhyEntry =
  | {
      readonly type: 'picture';
      readonly at: string;
      readonly candidates: readonly WhyCandidate[];
      /** weak candidates (of the rules minScore, label, area, aspect and ignore) that stood where they were noted within the last two seconds */
      readonly more: number;
    }
  | {
      readonly type: 'run';
      readonly from: string;
      readonly to: string;
      /** pictures without any candidate */
      readonly empty: number;
      /** pictures whose candidates are all of the kind that `more` counts */
      readonly known: number;
      /** pictures that the model was spared: the same as the one before, or nothing moved */
      readonly repeats: number;
      /** pictures nobody looked at, because the model was busy or being restarted; with zeros only, none came */
      readonly skipped: number;
    }
  | { readonly type: 'away'; readonly from: string; readonly to: string; readonly reason: string }
  | { readonly type: 'event'; readonly at: string; readonly what: 'opened'; readonly id: string }
  | { readonly type: 'event'; readonly at: string; readonly what: 'closed'; readonly id: string; readonly reason: EndReason };

/** The settings that decided. */
export interface WhyRules {
  readonly minScore: number;
  readonly startScore: number;
  readonly hits: number;
  readonly window: number;
  readonly labels: readonly string[];
}

/** What is asked of a why-log. Wall time, epoch ms. */
export interface WhyQuestion {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** `GET /api/v1/cameras/:camera/why`: what was decided around a moment, in order, and in a sentence. */
export interface WhyAnswer {
  readonly camera: string;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** nothing is known of before this */
  readonly knownSince: string;
  readonly rules: WhyRules;
  readonly summary: string;
  /** what to change, where something can be */
  readonly cure?: string;
  /** the event that was open at the moment, or began nearest to it within the window */
  readonly event?: string;
  readonly entries: readonly WhyEntry[];
}
