/**
 * What the why-log holds around a moment → one sentence that says why there was, or was not, an event, and what to change.
 * Told is what came nearest to an event; whatever kept the camera from being watched at all comes before that. Pure.
 */
import type { WhyEntry, WhyRules } from '../messages/why.ts';
import { bestOf, confirmationOf, type Sighting, type Story, storyOf, type Suspect } from './why-story.ts';

export interface Verdict {
  readonly summary: string;
  readonly cure?: string;
  /** the event that was open at the moment, or began nearest to it */
  readonly event?: string;
}

export interface WhyCase {
  readonly entries: readonly WhyEntry[];
  readonly rules: WhyRules;
  readonly atMs: number;
  /** the event that was open when the entries begin */
  readonly openEvent: string | undefined;
}

/** Scores below this are never reported: lowering a threshold further finds nothing. */
const REPORT_SCORE = 0.1;
/** A score is lowered to the next such step below what was seen, so that a like candidate passes. */
const STEPS_PER_SCORE = 20;
/** Told last: far from an event. */
const WEAK_RULES = new Set(['minScore', 'label', 'area', 'aspect', 'ignore']);
/** What a rule says in words, and where to change it. */
const RULES = new Map([
  [
    'zone',
    {
      held: 'was confirmed, but stood in no zone',
      cure: 'look at the zones over the clip, and move their corners (detect.zones)',
    },
  ],
  [
    'settle',
    {
      held: 'came while the picture was settling after a connect or a change of light',
      cure: 'shorten event.settleMs if that was real',
    },
  ],
  ['ignore', { held: 'stood in an ignored part of the picture', cure: 'see the polygons of detect.ignore' }],
  ['area', { held: 'had a box of another size than allowed', cure: 'see detect.minArea and detect.maxArea' }],
  ['aspect', { held: 'had a box of another shape than allowed', cure: 'see detect.minAspect and detect.maxAspect' }],
]);
const THEN_CHECK = 'then check with: lookout score --what-if';

export function verdictOf({ entries, rules, atMs, openEvent }: WhyCase): Verdict {
  const story = storyOf(entries, rules);
  const opened = nearest(story, atMs);
  if (opened) return started(entries, { rules, opened });
  const followed = bestOf(story.sightings.filter(({ rule }) => rule === 'hit'));
  if (openEvent !== undefined) return { summary: goingOn(openEvent, followed), event: openEvent };
  return unwatched(story, atMs) ?? held(story, rules) ?? nobody(story);
}

function nearest({ opened }: Story, atMs: number): Story['opened'][number] | undefined {
  const distance = ({ at }: { at: string }): number => Math.abs(Date.parse(at) - atMs);
  return opened.toSorted((a, b) => distance(a) - distance(b))[0];
}

function started(entries: readonly WhyEntry[], { rules, opened }: { rules: WhyRules; opened: Story['opened'][number] }): Verdict {
  const { at, id } = opened;
  const confirmed = confirmationOf(entries, { at, window: rules.window });
  const how = confirmed
    ? `: ${confirmed.best.label} #${confirmed.track} had ${count(confirmed.hits, 'hit')} of the ${rules.hits} needed, with a mean score of ${two(confirmed.meanScore)} (startScore ${two(rules.startScore)})`
    : '';
  const before = entries.slice(0, entries.indexOf(opened));
  const { sightings } = storyOf(before, rules);
  const heldBefore = countsOf(sightings.filter(({ rule }) => rule !== 'hit'));
  const heldText = heldBefore === '' ? '' : ` Before that, rules held ${heldBefore}.`;
  return { summary: `An event started at ${clockOf(at)}${how}.${heldText}`, event: id };
}

function goingOn(event: string, followed: Sighting | undefined): string {
  const who = followed
    ? `: ${followed.label} #${followed.track} was followed, best score ${two(followed.score)}`
    : ', nobody was in view';
  return `The event ${event} was open${who}.`;
}

/** What kept the camera from being watched; undefined where it was. */
function unwatched({ losses, looked, repeats, skipped, silence }: Story, atMs: number): Verdict | undefined {
  const loss = losses.find(({ from, to }) => Date.parse(from) <= atMs && Date.parse(to) >= atMs) ?? losses[0];
  const isAway = loss && (looked === 0 || (Date.parse(loss.from) <= atMs && Date.parse(loss.to) >= atMs));
  if (isAway)
    return {
      summary: `Nobody could be seen: there was no picture from ${clockOf(loss.from)} to ${clockOf(loss.to)} (${loss.reason}).`,
      cure: 'see to the camera, its cable and its network; Lookout comes back by itself',
    };
  if (silence && looked === 0)
    return {
      summary: `Nobody could be seen: no picture was decided from ${clockOf(silence.from)} to ${clockOf(silence.to)}, the model or the camera hung.`,
      cure: 'see what the log of Lookout says at that time; the health page says how it is now',
    };
  if (skipped > looked)
    return {
      summary: `Most pictures were not looked at: the model was busy or being restarted for ${skipped} of ${skipped + looked} pictures.`,
      cure: 'give the model less to do: a lower detect.fps, fewer cameras, or a faster machine',
    };
  if (looked === 0 && repeats > 0)
    return {
      summary: `Nothing moved: ${count(repeats, 'picture')} came, each like the one before, so the model did not look.`,
      cure: 'see whether the camera froze, or ask for a longer time',
    };
  return undefined;
}

/** Candidates there were, and a rule held each: the one that came nearest. */
function held({ sightings, suspects, skipped, looked }: Story, rules: WhyRules): Verdict | undefined {
  const outside = bestOf(sightings.filter(({ rule }) => rule === 'zone'));
  const [suspect] = suspects;
  const missed = skipped > 0 ? ` ${skipped} of ${skipped + looked} pictures were not looked at.` : '';
  if (outside) return withMore(byRule(outside), missed);
  if (suspect)
    return withMore(suspect.hits >= rules.hits ? tooUnsure(suspect, rules) : tooBrief(suspect, { sightings, rules }), missed);
  const others = sightings.filter(({ rule }) => rule !== 'minScore' && rule !== 'label');
  const other = bestOf(others);
  if (other) return withMore(byRule(other), missed);
  const weak = sightings.filter(({ rule }) => rule === 'minScore');
  const best = bestOf(weak);
  if (best) return withMore(tooWeak(best, { total: weak.length, rules }), missed);
  const stranger = bestOf(sightings);
  return stranger && withMore(otherLabel(stranger, rules), missed);
}

function withMore(verdict: Verdict, more: string): Verdict {
  return { ...verdict, summary: verdict.summary + more };
}

function tooUnsure({ best, track, hits, meanScore }: Suspect, { startScore }: WhyRules): Verdict {
  return {
    summary: `Not confirmed: ${best.label} #${track} at ${clockOf(best.at)} had ${count(hits, 'hit')}, but their mean score was ${below(meanScore, startScore)}, below startScore ${two(startScore)}.`,
    cure: `lower --start-score to ${two(stepBelow(meanScore))}, ${THEN_CHECK} --start-score ${two(stepBelow(meanScore))}`,
  };
}

function tooBrief(
  { best, track, hits, meanScore }: Suspect,
  { sightings, rules }: { sightings: readonly Sighting[]; rules: WhyRules },
): Verdict {
  const near = bestOf(sightings.filter(({ rule, at }) => rule === 'minScore' && isNear(at, best.at)));
  const between = near
    ? `; between them the best candidate scored ${below(near.score, rules.minScore)}, below minScore ${two(rules.minScore)}`
    : '';
  const lower = near && lowering(near.score, rules);
  return {
    summary: `Not confirmed: ${best.label} #${track} at ${clockOf(best.at)} scored ${two(best.score)}, but had ${hits} of the ${count(rules.hits, 'hit')} needed within ${count(rules.window, 'picture')}${between}.`,
    cure: lower
      ? lower
      : `look at more pictures a second (detect.fps), or let ${count(Math.max(1, hits), 'hit')} suffice (detect.hits)${meanScore < rules.startScore ? ` with --start-score ${two(stepBelow(meanScore))}` : ''}, ${THEN_CHECK}`,
  };
}

function tooWeak(best: Sighting, { total, rules }: { total: number; rules: WhyRules }): Verdict {
  const which = total === 1 ? 'the only candidate' : `the best of ${total} candidates`;
  return {
    summary: `Nobody: ${which}, ${article(best.label)} at ${clockOf(best.at)}, scored ${below(best.score, rules.minScore)}, below minScore ${two(rules.minScore)}; 0 of the ${count(rules.hits, 'hit')} needed.`,
    cure: lowering(best.score, rules),
  };
}

function otherLabel({ label, score, at }: Sighting, { labels }: WhyRules): Verdict {
  return {
    summary: `Nobody: the best candidate was ${article(label)} (${two(score)} at ${clockOf(at)}), and only ${labels.join(', ')} counts.`,
    cure: `add "${label}" to detect.labels if it should count`,
  };
}

/** A rule that is not known here says enough by its name. */
function byRule({ label, track, score, at, rule }: Sighting): Verdict {
  const known = RULES.get(rule);
  const who = track === undefined ? article(label) : `${label} #${track}`;
  return {
    summary: `Held by the rule ${rule}: ${who} at ${clockOf(at)}, score ${two(score)}, ${known?.held ?? 'was refused by it'}.`,
    cure: `${known?.cure ?? `see what the configuration says about ${rule}`}, ${THEN_CHECK}`,
  };
}

function nobody({ looked, known, skipped, repeats }: Story): Verdict {
  if (looked + repeats + skipped === 0) return { summary: 'Nothing was decided in this time: no picture came.' };
  if (known > 0)
    return {
      summary: 'Nobody: only weak candidates that stood where they had been noted before; ask for a longer time to see them.',
    };
  const missed = skipped > 0 ? `; ${skipped} more were not looked at` : '';
  const still = repeats > 0 ? `; in ${repeats} more nothing moved` : '';
  return {
    summary: `Nobody: not one candidate of ${two(REPORT_SCORE)} or more in ${count(looked, 'picture')}${still}${missed}.`,
    cure: 'if somebody was there, a threshold does not help: bring the camera nearer, give it light, or try a larger model (-m)',
  };
}

function lowering(score: number, { startScore }: WhyRules): string {
  const to = two(stepBelow(score));
  const isBoth = score < startScore;
  const what = `--min-score to ${to}${isBoth ? ` and --start-score to ${to}` : ''}`;
  return `lower ${what}, ${THEN_CHECK} --min-score ${to}${isBoth ? ` --start-score ${to}` : ''}`;
}

function stepBelow(score: number): number {
  return Math.max(REPORT_SCORE, Math.floor(score * STEPS_PER_SCORE - 1e-6) / STEPS_PER_SCORE);
}

function isNear(at: string, other: string): boolean {
  return Math.abs(Date.parse(at) - Date.parse(other)) <= 2000;
}

/** `1 × unconfirmed, 2 × minScore` */
function countsOf(sightings: readonly Sighting[]): string {
  const counts = new Map<string, number>();
  for (const { rule } of sightings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const nearestFirst = [...counts].toSorted(([a], [b]) => Number(WEAK_RULES.has(a)) - Number(WEAK_RULES.has(b)));
  return nearestFirst.map(([rule, times]) => `${times} × ${rule}`).join(', ');
}

/** Local time of this machine. */
function clockOf(at: string): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A score that is below a limit never reads like the limit. */
function below(score: number, limit: number): string {
  return two(score) === two(limit) ? score.toFixed(4) : two(score);
}

function two(score: number): string {
  return score.toFixed(2);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function article(label: string): string {
  return label === '' ? 'a candidate' : `${/^[aeiou]/i.test(label) ? 'an' : 'a'} ${label}`;
}
