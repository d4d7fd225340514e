/**
 * Entries of the why-log ↔ bytes. Coarse on purpose: times in whole ms (u48), scores in 1/10000 (u16, rounded down, so that
 * what was below a limit still reads below it), boxes in 1/255 of the picture (u8). A candidate takes 8 bytes, 12 with a
 * track; label and rule stand as one number of a small dictionary. Pure.
 */
import type { EndReason } from '../messages/scene.ts';
import type { Box } from '../messages/video.ts';
import type { WhyCandidate, WhyEntry, WhyRule } from '../messages/why.ts';

const PICTURE = 1;
const RUN = 2;
const LEFT = 3;
const BACK = 4;
const OPENED = 5;
const CLOSED = 6;

const HEAD_BYTES = 7;
const SPAN_BYTES = 13;
const CANDIDATE_BYTES = 8;
const TRACK_BYTES = 4;
const SCORE_STEPS = 10_000;
const BOX_STEPS = 255;
const HAS_TRACK = 0x8000;
/** A model may know ten thousand classes; the dictionary does not grow without end. */
const MAX_PAIRS = 4096;
const MAX_TEXT_BYTES = 240;
const MAX_CANDIDATES = 255;
/** No record is longer. */
const MAX_RECORD_BYTES = HEAD_BYTES + 1 + MAX_CANDIDATES * (CANDIDATE_BYTES + TRACK_BYTES);

export interface Candidate {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
  readonly rule: WhyRule;
  readonly track: number | undefined;
}

/** Pictures in a row that held no candidate. */
export interface Run {
  readonly fromMs: number;
  readonly toMs: number;
  readonly empty: number;
  readonly known: number;
  readonly repeats: number;
  readonly skipped: number;
}

interface Pair {
  readonly label: string;
  readonly rule: WhyRule;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class WhyRecords {
  readonly #view = new DataView(new ArrayBuffer(MAX_RECORD_BYTES));
  readonly #bytes = new Uint8Array(this.#view.buffer);
  readonly #pairs: Pair[] = [{ label: 'other', rule: 'unexplained' }];
  readonly #indexOf = new Map<WhyRule, Map<string, number>>();

  /** The answer is valid until the next call, as that of all of these. */
  picture(atMs: number, { candidates, more }: { candidates: readonly Candidate[]; more: number }): Uint8Array {
    let end = this.#head(PICTURE, atMs);
    this.#view.setUint8(end++, Math.min(more, 255));
    const best =
      candidates.length > MAX_CANDIDATES ? candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES) : candidates;
    for (const candidate of best) end = this.#candidate(end, candidate);
    return this.#bytes.subarray(0, end);
  }

  run({ fromMs, toMs, empty, known, repeats, skipped }: Run): Uint8Array {
    setTime(this.#view, this.#head(RUN, fromMs), toMs);
    const at = SPAN_BYTES;
    this.#view.setUint32(at, empty);
    this.#view.setUint32(at + 4, known);
    this.#view.setUint32(at + 8, repeats);
    this.#view.setUint32(at + 12, skipped);
    return this.#bytes.subarray(0, at + 16);
  }

  /** The camera went away. */
  left(atMs: number, reason: string): Uint8Array {
    return this.#text(this.#head(LEFT, atMs), reason);
  }

  /** It is back. */
  back(atMs: number): Uint8Array {
    return this.#bytes.subarray(0, this.#head(BACK, atMs));
  }

  opened(atMs: number, id: string): Uint8Array {
    return this.#text(this.#head(OPENED, atMs), id);
  }

  closed(atMs: number, { id, reason }: { id: string; reason: EndReason }): Uint8Array {
    return this.#text(this.#head(CLOSED, atMs), `${reason} ${id}`);
  }

  /** What stands for itself; a loss of the camera is two records, see `lossOf`. */
  read(view: DataView): WhyEntry {
    const at = isoOf(fromMsOf(view));
    switch (view.getUint8(0)) {
      case PICTURE:
        return { type: 'picture', at, candidates: this.#readCandidates(view), more: view.getUint8(HEAD_BYTES) };
      case RUN: {
        const [empty, known, repeats, skipped] = [0, 4, 8, 12].map((offset) => view.getUint32(SPAN_BYTES + offset)) as Four;
        return { type: 'run', from: at, to: isoOf(toMsOf(view)), empty, known, repeats, skipped };
      }
      case OPENED:
        return { type: 'event', at, what: 'opened', id: readText(view, HEAD_BYTES) };
      default: {
        const [reason = '', id = ''] = readText(view, HEAD_BYTES).split(' ');
        return { type: 'event', at, what: 'closed', id, reason: reason as EndReason };
      }
    }
  }

  #head(tag: number, atMs: number): number {
    this.#view.setUint8(0, tag);
    setTime(this.#view, 1, atMs);
    return HEAD_BYTES;
  }

  #text(at: number, text: string): Uint8Array {
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(at, at + MAX_TEXT_BYTES));
    return this.#bytes.subarray(0, at + written);
  }

  #candidate(at: number, { label, score, box, rule, track }: Candidate): number {
    const view = this.#view;
    view.setUint16(at, this.#pairOf(label, rule) | (track === undefined ? 0 : HAS_TRACK));
    view.setUint16(at + 2, Math.floor(within(score) * SCORE_STEPS + 1e-6));
    view.setUint8(at + 4, Math.round(within(box.x) * BOX_STEPS));
    view.setUint8(at + 5, Math.round(within(box.y) * BOX_STEPS));
    view.setUint8(at + 6, Math.round(within(box.w) * BOX_STEPS));
    view.setUint8(at + 7, Math.round(within(box.h) * BOX_STEPS));
    if (track === undefined) return at + CANDIDATE_BYTES;
    view.setUint32(at + CANDIDATE_BYTES, track);
    return at + CANDIDATE_BYTES + TRACK_BYTES;
  }

  #pairOf(label: string, rule: WhyRule): number {
    let labels = this.#indexOf.get(rule);
    if (!labels) this.#indexOf.set(rule, (labels = new Map()));
    const known = labels.get(label);
    if (known !== undefined) return known;
    if (this.#pairs.length >= MAX_PAIRS) return 0;
    labels.set(label, this.#pairs.length);
    return this.#pairs.push({ label: label.slice(0, 64), rule }) - 1;
  }

  #readCandidates(view: DataView): WhyCandidate[] {
    const candidates: WhyCandidate[] = [];
    for (let at = HEAD_BYTES + 1; at < view.byteLength; ) {
      const pair = view.getUint16(at);
      const { label, rule } = this.#pairs[pair & ~HAS_TRACK] as Pair;
      const [x, y, w, h] = [4, 5, 6, 7].map((i) => Math.round((view.getUint8(at + i) * 1000) / BOX_STEPS) / 1000) as Four;
      const candidate = { label, score: view.getUint16(at + 2) / SCORE_STEPS, box: { x, y, w, h }, rule };
      const hasTrack = (pair & HAS_TRACK) !== 0;
      candidates.push(hasTrack ? { ...candidate, track: view.getUint32(at + CANDIDATE_BYTES) } : candidate);
      at += CANDIDATE_BYTES + (hasTrack ? TRACK_BYTES : 0);
    }
    return candidates;
  }
}

type Four = [number, number, number, number];

/** When the record begins. */
export function fromMsOf(view: DataView): number {
  return getTime(view, 1);
}

/** When it ends: its beginning for what is a moment. */
export function toMsOf(view: DataView): number {
  return view.getUint8(0) === RUN ? getTime(view, HEAD_BYTES) : fromMsOf(view);
}

/** The camera went away, or is back. */
export function lossOf(view: DataView): { readonly isBack: boolean; readonly reason: string } | undefined {
  const tag = view.getUint8(0);
  return tag === LEFT || tag === BACK ? { isBack: tag === BACK, reason: readText(view, HEAD_BYTES) } : undefined;
}

/** The id of the event that the record opens or closes. */
export function eventOf(view: DataView): { readonly id: string; readonly isOpen: boolean } | undefined {
  const tag = view.getUint8(0);
  if (tag !== OPENED && tag !== CLOSED) return undefined;
  return { id: readText(view, HEAD_BYTES).split(' ').at(-1) ?? '', isOpen: tag === OPENED };
}

export function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

function setTime(view: DataView, at: number, ms: number): void {
  const whole = Math.max(0, Math.round(ms));
  view.setUint16(at, Math.floor(whole / 2 ** 32));
  view.setUint32(at + 2, whole % 2 ** 32);
}

function getTime(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

function readText(view: DataView, at: number): string {
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at, view.byteLength - at));
}

/** A model may say anything; the bytes hold 0…1. */
function within(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
