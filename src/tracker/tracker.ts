/**
 * Detections → tracks of one camera: a synchronous step without clock or I/O. A detection of at least `minScore` is a hit;
 * `hits` of the newest `window` frames with a mean of at least `startScore` confirm a person. A repeated frame (a slow source
 * up-sampled) is neither a hit nor a miss.
 */
import type { CameraConfig } from '../config.ts';
import type { DetectedFrame, Detection, Rejected, Track, TrackedFrame } from '../messages.ts';
import { associate } from './association.ts';
import { Person } from './person.ts';

/** A confirmed person who is not seen for this long has left; a shorter gap is a flicker of the detector. */
const LOST_MS = 1500;

export class Tracker {
  readonly #rules: CameraConfig['detect'];
  #people: Person[] = [];
  #nextId = 1;

  constructor(rules: CameraConfig['detect']) {
    this.#rules = rules;
  }

  step(frame: DetectedFrame): TrackedFrame {
    if (frame.isRepeat) return this.#answer(frame, { left: [], rejected: [] });
    const rejected: Rejected[] = [];
    const hits = frame.detections.filter((detection) => this.#isHit(detection, rejected));
    this.#follow(hits, frame.ptsMs);
    const left = this.#forget(frame.ptsMs);
    for (const person of this.#people) this.#explain(person, { ptsMs: frame.ptsMs, rejected });
    return this.#answer(frame, { left, rejected });
  }

  /** The camera is gone or its picture changed: everybody leaves. */
  reset(): readonly Track[] {
    const left = this.#people.filter(({ isConfirmed }) => isConfirmed).map((person) => person.toTrack(person.lastSeenPtsMs));
    this.#people = [];
    return left;
  }

  #isHit({ label, score, box }: Detection, rejected: Rejected[]): boolean {
    if (!this.#rules.labels.includes(label)) rejected.push({ score, box, rule: 'label' });
    else if (score < this.#rules.minScore) rejected.push({ score, box, rule: 'minScore' });
    else return true;
    return false;
  }

  #follow(hits: readonly Detection[], ptsMs: number): void {
    const pairs = associate(
      this.#people.map((person) => person.predict(ptsMs)),
      hits,
    );
    const detectionOf = new Map(pairs.map(({ track, detection }) => [track, detection]));
    for (const [i, person] of this.#people.entries()) {
      const detection = hits[detectionOf.get(i) ?? -1];
      if (detection) person.hit(detection, ptsMs);
      else person.miss();
    }
    const taken = new Set(pairs.map(({ detection }) => detection));
    for (const [i, detection] of hits.entries()) {
      if (!taken.has(i)) this.#people.push(new Person(this.#nextId++, { detection, ptsMs }));
    }
    for (const person of this.#people) person.confirms(this.#rules);
  }

  /** Takes out who is gone, and returns those of them that were confirmed. */
  #forget(ptsMs: number): Track[] {
    const isGone = (person: Person): boolean =>
      ptsMs - person.lastSeenPtsMs > LOST_MS || (!person.isConfirmed && person.hits === 0);
    const gone = this.#people.filter(isGone);
    this.#people = this.#people.filter((person) => !isGone(person));
    return gone.filter(({ isConfirmed }) => isConfirmed).map((person) => person.toTrack(ptsMs));
  }

  #explain(person: Person, { ptsMs, rejected }: { ptsMs: number; rejected: Rejected[] }): void {
    if (person.isConfirmed || person.lastSeenPtsMs !== ptsMs) return;
    const { score, box } = person.toTrack(ptsMs);
    rejected.push({ score, box, rule: person.hits >= this.#rules.hits ? 'startScore' : 'unconfirmed' });
  }

  #answer(frame: DetectedFrame, { left, rejected }: { left: readonly Track[]; rejected: readonly Rejected[] }): TrackedFrame {
    const { slot, ptsMs, atMs, arrivedNowMs, latencyMs } = frame;
    const tracks = this.#people.map((person) => person.toTrack(ptsMs));
    return { slot, ptsMs, atMs, arrivedNowMs, latencyMs, tracks, left, rejected };
  }
}
