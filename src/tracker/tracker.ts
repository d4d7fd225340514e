/**
 * Detections → tracks of one camera: a synchronous step without clock or I/O. A detection of at least `minScore` is a hit;
 * `hits` of the newest `window` frames with a mean of at least `startScore` confirm a person. A weaker one keeps a confirmed
 * person where they are. A repeated frame (a slow source up-sampled) is neither a hit nor a miss; while a picture settles
 * (after a connect, when the light changes), nothing is a hit for anybody who is not confirmed yet.
 */
import type { DetectedFrame, Detection, Rejected, Track, TrackedFrame } from '../messages/detection.ts';
import { CandidateFilter, type CandidateRules } from './candidate-filter.ts';
import { match, type Matches } from './cascade.ts';
import { type ConfirmRule, Person } from './person.ts';

export type TrackerRules = CandidateRules & ConfirmRule;

/** Out of sight for this long, a confirmed person has left; until then who turns up where they were is the same person. */
const LEFT_MS = 4000;
/** Who walked out of the picture does not come back in the next moment. */
const WALKED_OUT_MS = 1500;
/** Traces alone keep a person no longer than this: the coat on the chair stays, the person has gone. */
const HELD_MS = 15_000;

export class Tracker {
  readonly #rules: TrackerRules;
  readonly #filter: CandidateFilter;
  #people: Person[] = [];
  #nextId = 1;

  constructor(rules: TrackerRules) {
    this.#rules = rules;
    this.#filter = new CandidateFilter(rules);
  }

  step(frame: DetectedFrame): TrackedFrame {
    if (frame.isSpared) return this.#answer(frame, { left: [], rejected: [] });
    const { ptsMs } = frame;
    const { strong, weak, rejected } = this.#filter.sort(frame);
    // First, so that after a long gap nobody is taken for somebody of long ago.
    const left = this.#forget(ptsMs);
    this.#follow(match(this.#people, { strong, weak, ptsMs }), { frame, rejected });
    this.#people = this.#people.filter((person) => person.isConfirmed || person.hits > 0);
    for (const person of this.#people) this.#explain(person, { ptsMs, rejected });
    return this.#answer(frame, { left, rejected });
  }

  /** The camera is gone or its picture changed: everybody leaves. */
  reset(): readonly Track[] {
    const left = this.#people.filter(({ isConfirmed }) => isConfirmed).map((person) => person.toTrack(person.lastSeenPtsMs));
    this.#people = [];
    return left;
  }

  #follow(
    { hits, traces, strangers }: Matches,
    { frame: { ptsMs, isUnsettled = false }, rejected }: { frame: DetectedFrame; rejected: Rejected[] },
  ): void {
    const reject = ({ score, box }: Detection): void => void rejected.push({ score, box, rule: 'settle' });
    for (const person of this.#people) {
      const hit = hits.get(person);
      const trace = traces.get(person);
      if (hit && (person.isConfirmed || !isUnsettled)) person.hit(hit, ptsMs);
      else if (trace) person.trace(trace, ptsMs);
      else person.miss();
      if (hit && isUnsettled && !person.isConfirmed) reject(hit);
    }
    for (const detection of strangers) {
      if (isUnsettled) reject(detection);
      else this.#people.push(new Person(this.#nextId++, { detection, ptsMs }));
    }
    for (const person of this.#people) person.confirms(this.#rules);
  }

  /** Takes out who is gone, and returns those of them that were confirmed. */
  #forget(ptsMs: number): Track[] {
    const gone = this.#people.filter((person) => isGone(person, ptsMs));
    this.#people = this.#people.filter((person) => !gone.includes(person));
    return gone.filter(({ isConfirmed }) => isConfirmed).map((person) => person.toTrack(ptsMs));
  }

  #explain(person: Person, { ptsMs, rejected }: { ptsMs: number; rejected: Rejected[] }): void {
    if (person.isConfirmed || person.lastSeenPtsMs !== ptsMs) return;
    const { score, box } = person.toTrack(ptsMs);
    rejected.push({ score, box, rule: person.hits >= this.#rules.hits ? 'startScore' : 'unconfirmed' });
  }

  #answer(frame: DetectedFrame, { left, rejected }: { left: readonly Track[]; rejected: readonly Rejected[] }): TrackedFrame {
    const { slot, ptsMs, atMs, arrivedNowMs, latencyMs, isSpared } = frame;
    const tracks = this.#people.map((person) => person.toTrack(ptsMs));
    return { slot, ptsMs, atMs, arrivedNowMs, latencyMs, tracks, left, rejected, ...(isSpared && { isSpared }) };
  }
}

function isGone(person: Person, ptsMs: number): boolean {
  if (!person.isConfirmed) return ptsMs - person.lastSeenPtsMs > LEFT_MS;
  const outOfSightMs = ptsMs - person.lastTracePtsMs;
  return (
    outOfSightMs > LEFT_MS || ptsMs - person.lastSeenPtsMs > HELD_MS || (outOfSightMs > WALKED_OUT_MS && isOutside(person, ptsMs))
  );
}

/** Whether the place where the person is expected lies, for the greater part, outside the picture. */
function isOutside(person: Person, ptsMs: number): boolean {
  const { x, y, w, h } = person.predict(ptsMs);
  const inside = Math.max(0, Math.min(x + w, 1) - Math.max(x, 0)) * Math.max(0, Math.min(y + h, 1) - Math.max(y, 0));
  return inside < (w * h) / 2;
}
