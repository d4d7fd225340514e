/**
 * What was decided of one camera in the last hours: every candidate and its rule, every stretch without one, every loss of
 * the camera, every event. Synchronous, without clock or I/O; lives in memory, so a restart begins anew. Stretches without a
 * candidate collapse into one record, and a weak candidate that does not move is noted every two seconds and counted between:
 * an empty scene costs next to nothing.
 */
import { unanswered } from '../lib/never.ts';
import type { DetectedFrame, Detection, Rejected, Track, TrackedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { SourceState } from '../messages/video.ts';
import type { WhyEntry, WhyRule } from '../messages/why.ts';
import { RecordRing } from './record-ring.ts';
import { type Excerpt, ExcerptReader, type Span } from './why-excerpt.ts';
import { WeakPlaces } from './weak-places.ts';
import { type Candidate, isoOf, type Run, WhyRecords } from './why-record.ts';

/** A longer run is cut, so that the oldest part of it can be forgotten. */
const MAX_RUN_MS = 3_600_000;
/** A run of several kinds (a slow source repeats pictures between new ones) says "somewhere within": keep it short. */
const MAX_MIXED_RUN_MS = 10_000;
/** Without a picture for longer, none came: the model hangs or is being restarted. */
const SILENT_MS = 3000;

type RunKind = 'empty' | 'known' | 'repeats' | 'skipped';

/** Far from an event: noted once, and again only when there is news. */
const WEAK_RULES: ReadonlySet<WhyRule> = new Set<WhyRule>(['minScore', 'label', 'area', 'aspect', 'ignore']);

export interface Moment {
  /** wall time */
  readonly atMs: number;
  /** monotonic */
  readonly nowMs: number;
}

export class WhyLog {
  readonly #keepMs: number;
  readonly #ring: RecordRing;
  readonly #records = new WhyRecords();
  readonly #weak = new WeakPlaces();
  readonly #beganAtMs: number;
  #newest: Moment;
  /** the newest record, where it is a run that may grow */
  #run: Run | undefined;
  #awayFor: string | undefined;
  #dropped = 0;

  constructor(limits: { readonly keepMs: number; readonly maxBytes: number }, began: Moment) {
    this.#keepMs = limits.keepMs;
    this.#ring = new RecordRing(limits);
    this.#beganAtMs = began.atMs;
    this.#newest = began;
    this.#leave('Lookout was starting', began);
  }

  /** Memory in use. */
  get bytes(): number {
    return this.#ring.bytes;
  }

  /** Bytes that hold records. */
  get usedBytes(): number {
    return this.#ring.usedBytes;
  }

  /** A picture and what the tracker made of it. `dropped`: pictures so far that the model never saw. */
  onPicture(frame: DetectedFrame, tracked: Pick<TrackedFrame, 'tracks' | 'rejected'>, dropped: number): void {
    const { atMs, arrivedNowMs: nowMs } = frame;
    const skipped = dropped - this.#dropped;
    this.#dropped = dropped;
    const since = this.#newest;
    this.#newest = { atMs, nowMs };
    if (skipped > 0) this.#extend('skipped', { count: skipped, fromMs: since.atMs });
    const all = frame.isSpared ? [] : candidatesOf(frame.detections, tracked);
    const candidates = all.filter((one) => !WEAK_RULES.has(one.rule) || this.#weak.isNews(one, nowMs));
    if (candidates.length > 0) this.#append(this.#records.picture(atMs, { candidates, more: all.length - candidates.length }));
    else this.#extend(frame.isSpared ? 'repeats' : all.length > 0 ? 'known' : 'empty', { count: 1, fromMs: atMs });
  }

  onScene(event: SceneEvent): void {
    const { atMs } = this.#newest;
    switch (event.type) {
      case 'start':
        return this.#append(this.#records.opened(atMs, event.id));
      case 'update':
        return;
      case 'end':
        return this.#append(this.#records.closed(atMs, event));
      default:
        unanswered(event);
    }
  }

  onSource(state: SourceState, moment: Moment): void {
    switch (state.type) {
      case 'opened':
        return this.#return(moment);
      case 'lost':
        return this.#leave(state.reason, moment);
      case 'ended':
        return this.#leave('the input ended', moment);
      default:
        unanswered(state);
    }
  }

  /** Everything that overlaps the span, oldest first. */
  excerpt(span: Span, nowAtMs: number): Excerpt {
    const floorMs = nowAtMs - this.#keepMs;
    const reader = new ExcerptReader({ fromMs: Math.max(span.fromMs, floorMs), toMs: span.toMs }, this.#records);
    for (const view of this.#ring.records()) reader.add(view);
    const { entries, oldestMs, openEvent } = reader.end(nowAtMs);
    const sinceMs = this.#ring.hasDropped ? (oldestMs ?? this.#beganAtMs) : this.#beganAtMs;
    return { entries: [...entries, ...this.#silence(span, nowAtMs)], knownSinceMs: Math.max(sinceMs, floorMs), openEvent };
  }

  /** Nothing came since the newest picture, although the camera is there. */
  #silence({ fromMs, toMs }: Span, nowAtMs: number): WhyEntry[] {
    const { atMs } = this.#newest;
    if (this.#awayFor !== undefined || nowAtMs - atMs < SILENT_MS || toMs < atMs || fromMs > nowAtMs) return [];
    return [{ type: 'run', from: isoOf(atMs), to: isoOf(nowAtMs), empty: 0, known: 0, repeats: 0, skipped: 0 }];
  }

  #extend(kind: RunKind, { count, fromMs }: { count: number; fromMs: number }): void {
    const run = this.#run;
    const toMs = this.#newest.atMs;
    if (run && toMs >= run.toMs && toMs - run.fromMs <= (isPure(run, kind) ? MAX_RUN_MS : MAX_MIXED_RUN_MS)) {
      this.#run = { ...run, toMs, [kind]: run[kind] + count };
      this.#ring.amend(this.#records.run(this.#run), this.#newest.nowMs);
      return;
    }
    const begun: Run = { fromMs: Math.min(fromMs, toMs), toMs, empty: 0, known: 0, repeats: 0, skipped: 0, [kind]: count };
    this.#append(this.#records.run(begun));
    this.#run = begun;
  }

  #leave(reason: string, moment: Moment): void {
    if (this.#awayFor === reason) return;
    this.#return(moment);
    this.#newest = moment;
    this.#awayFor = reason;
    this.#append(this.#records.left(moment.atMs, reason));
  }

  #return(moment: Moment): void {
    if (this.#awayFor === undefined) return;
    this.#newest = moment;
    this.#awayFor = undefined;
    this.#append(this.#records.back(moment.atMs));
  }

  #append(record: Uint8Array): void {
    this.#run = undefined;
    this.#ring.append(record, this.#newest.nowMs);
  }
}

function isPure(run: Run, kind: RunKind): boolean {
  return run.empty + run.known + run.repeats + run.skipped === run[kind];
}

/** Every candidate once: what was rejected, what is a hit, and what neither explains. Scores tell which is which. */
function candidatesOf(
  detections: readonly Detection[],
  { tracks, rejected }: Pick<TrackedFrame, 'tracks' | 'rejected'>,
): Candidate[] {
  const candidates: Candidate[] = [];
  const seen = tracks.filter(({ isSeen }) => isSeen);
  const held = new Set<Track>();
  for (const { score, box, rule } of rejected) {
    const track = WEAK_RULES.has(rule) ? undefined : sameOf(seen, { score, box });
    if (track) held.add(track);
    const label = (track ?? sameOf(detections, { score, box }))?.label ?? '';
    candidates.push({ label, score, box, rule, track: track?.id });
  }
  for (const track of seen) {
    const { id, label, score, box, isConfirmed } = track;
    if (isConfirmed && !held.has(track)) candidates.push({ label, score, box, rule: 'hit', track: id });
  }
  if (candidates.length >= detections.length) return candidates;
  for (const { label, score, box } of detections) {
    const isKnown = candidates.some((candidate) => candidate.score === score);
    if (!isKnown) candidates.push({ label, score, box, rule: 'unexplained', track: undefined });
  }
  return candidates;
}

/** The one that stands for the same candidate: its very box, or else its very score. */
function sameOf<T extends Pick<Rejected, 'score' | 'box'>>(
  ones: readonly T[],
  { score, box }: Pick<Rejected, 'score' | 'box'>,
): T | undefined {
  return ones.find((one) => one.box === box) ?? ones.find((one) => one.score === score);
}
