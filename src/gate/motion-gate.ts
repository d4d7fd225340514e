/**
 * Detection frames → whether the model has to look at them: a synchronous step without clock or I/O.
 *
 * A frame is compared, cell by cell, with the one that the model saw last, so that slow movement adds up and one answer stands
 * for every frame that looks the same. Each cell learns how much it changes by itself (sensor and codec noise, leaves), never
 * under a person; what is left after the common shift of brightness is movement. A light that goes on wakes once, not all the
 * time. A heartbeat bounds how long an answer may stand.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Box, DetectFrame, VideoFormat } from '../messages/video.ts';
import { CELL_PX, type CellGrid, cellGrid, measureCells } from './luma-cells.ts';

/** What those behind the model know; it decides how long an answer may stand. */
export interface Attention {
  /** `undecided`: somebody may be there, each picture counts; `occupied`: somebody is there; `empty` */
  readonly level: 'undecided' | 'occupied' | 'empty';
  /** where people are: what moves there is no noise */
  readonly boxes: readonly Box[];
}

export type LookReason = 'first' | 'undecided' | 'motion' | 'linger' | 'light' | 'heartbeat';

export interface GateDecision {
  /** why the model has to look; undefined: it can be spared */
  readonly look: LookReason | undefined;
  /** cells that changed by more than they do by themselves */
  readonly changedCells: number;
}

/** Grey levels of a cell's mean. Still scenes of real cameras change by 1 to 2.5 in their noisiest cell. */
const MIN_CHANGE = 3;
/** However restless a cell is, this much always wakes: learning must not make it blind. */
const MAX_CHANGE = 20;
/** One cell alone is a spark of noise; a person of 10 × 20 px covers two or more. */
const MIN_CELLS = 2;
/** What a cell does in all but this share of frames is its own noise (stochastic approximation of a quantile). */
const NOISE_SHARE = 0.02;
const NOISE_STEP = 0.5;
const NOISE_START = 0.7;
const CHANGE_PER_NOISE = 1.5;
const CHANGE_ABOVE_NOISE = 1.5;
/** Who just moved and stopped gets a few more looks. */
const LINGER_MS = 400;
/** More of the picture than this at once is light, exposure or the camera itself … */
const SCENE_SHARE = 0.4;
/** … as is a common shift of this many grey levels; while it lasts the model looks this often. */
const LIGHT_SHIFT = 4;
const LIGHT_MS = 600;
/** Of the histogram that the common shift is read from: quarters of a grey level. */
const SHIFT_BINS_PER_LEVEL = 4;
const SHIFT_BINS = 2 * 256 * SHIFT_BINS_PER_LEVEL;

export class MotionGate {
  readonly #rules: CameraConfig['detect']['gate'];
  readonly #grid: CellGrid;
  readonly #detect: VideoFormat['detect'];
  #seen: Float32Array;
  #now: Float32Array;
  readonly #noise: Float32Array;
  readonly #isPerson: Uint8Array;
  readonly #shifts = new Int32Array(SHIFT_BINS);
  #lookedPtsMs: number | undefined;
  #lingerPtsMs = Number.NEGATIVE_INFINITY;

  /** Undefined for a frame that cannot be measured: then each one is looked at. */
  static for(detect: VideoFormat['detect'], rules: CameraConfig['detect']['gate']): MotionGate | undefined {
    return detect.widthPx % 4 === 0 ? new MotionGate(rules, detect) : undefined;
  }

  private constructor(rules: CameraConfig['detect']['gate'], detect: VideoFormat['detect']) {
    this.#rules = rules;
    this.#detect = detect;
    this.#grid = cellGrid(detect);
    const cells = this.#grid.columns * this.#grid.rows;
    this.#seen = new Float32Array(cells);
    this.#now = new Float32Array(cells);
    this.#noise = new Float32Array(cells).fill(NOISE_START);
    this.#isPerson = new Uint8Array(cells);
  }

  /** A connection begins: its first frame is looked at. */
  restart(): void {
    this.#lookedPtsMs = undefined;
  }

  step({ ptsMs, data }: Pick<DetectFrame, 'ptsMs' | 'data'>, attention: Attention): GateDecision {
    measureCells(data, this.#grid, this.#now);
    if (this.#lookedPtsMs === undefined) return this.#decide(ptsMs, { look: 'first', changedCells: 0 });
    const shift = this.#commonShift();
    const changedCells = this.#countChanged(shift);
    const isWhole = changedCells > SCENE_SHARE * this.#now.length;
    const isMotion = changedCells >= MIN_CELLS && !isWhole;
    const isScene = isWhole || Math.abs(shift) >= LIGHT_SHIFT;
    if (!isScene) this.#learn(shift, attention.boxes);
    if (isMotion) this.#lingerPtsMs = ptsMs + LINGER_MS;
    return this.#decide(ptsMs, { look: this.#reason(ptsMs, { isMotion, isScene, level: attention.level }), changedCells });
  }

  #decide(ptsMs: number, decision: GateDecision): GateDecision {
    if (decision.look === undefined) return decision;
    this.#lookedPtsMs = ptsMs;
    [this.#seen, this.#now] = [this.#now, this.#seen];
    return decision;
  }

  #reason(
    ptsMs: number,
    { isMotion, isScene, level }: { isMotion: boolean; isScene: boolean; level: Attention['level'] },
  ): LookReason | undefined {
    const sinceMs = ptsMs - (this.#lookedPtsMs ?? Number.NEGATIVE_INFINITY);
    const { heartbeatMs, emptyHeartbeatMs } = this.#rules;
    if (level === 'undecided') return 'undecided';
    if (isMotion) return 'motion';
    // Somebody close to the lens changes the whole picture too: who is known to be there is looked at as ever.
    if (isScene && (level === 'occupied' || sinceMs >= LIGHT_MS)) return 'light';
    if (ptsMs <= this.#lingerPtsMs) return 'linger';
    return sinceMs >= (level === 'occupied' ? heartbeatMs : emptyHeartbeatMs) ? 'heartbeat' : undefined;
  }

  /** Median of what the cells gained since the model looked, in grey levels: light and exposure, while most of the scene stands. */
  #commonShift(): number {
    const [now, seen, shifts] = [this.#now, this.#seen, this.#shifts];
    shifts.fill(0);
    for (let i = 0; i < now.length; i++) {
      const bin = Math.round(((now[i] as number) - (seen[i] as number)) * SHIFT_BINS_PER_LEVEL) + SHIFT_BINS / 2;
      shifts[bin] = (shifts[bin] as number) + 1;
    }
    let bin = 0;
    for (let below = shifts[0] as number; 2 * below < now.length; below += shifts[bin] as number) bin += 1;
    return (bin - SHIFT_BINS / 2) / SHIFT_BINS_PER_LEVEL;
  }

  /** Light does not fall evenly: where it changes, a cell may follow twice or not at all before that is movement. */
  #countChanged(shift: number): number {
    const allowed = Math.abs(shift);
    const [now, seen, noise] = [this.#now, this.#seen, this.#noise];
    let changed = 0;
    for (let i = 0; i < now.length; i++) {
      const change = Math.abs((now[i] as number) - (seen[i] as number) - shift);
      const limit = CHANGE_PER_NOISE * (noise[i] as number) + CHANGE_ABOVE_NOISE;
      if (change > Math.min(MAX_CHANGE, Math.max(MIN_CHANGE, limit)) + allowed) changed += 1;
    }
    return changed;
  }

  /** The noise of a cell rises when it changed by more and falls a little when it did not, so that it settles at its quantile. */
  #learn(shift: number, people: readonly Box[]): void {
    this.#markPeople(people);
    const [now, seen, noise, isPerson] = [this.#now, this.#seen, this.#noise, this.#isPerson];
    for (let i = 0; i < now.length; i++) {
      if (isPerson[i] === 1) continue;
      const level = noise[i] as number;
      const change = Math.abs((now[i] as number) - (seen[i] as number) - shift);
      noise[i] =
        change > level
          ? Math.min(MAX_CHANGE, level + NOISE_STEP * (1 - NOISE_SHARE))
          : Math.max(0, level - NOISE_STEP * NOISE_SHARE);
    }
  }

  #markPeople(boxes: readonly Box[]): void {
    this.#isPerson.fill(0);
    for (const box of boxes) this.#markPerson(box);
  }

  /** All cells that the box touches, and one more around it: a person moves between two frames. */
  #markPerson({ x, y, w, h }: Box): void {
    const { leftPx, topPx, columns, rows } = this.#grid;
    const { picture } = this.#detect;
    const column = (at: number): number => Math.floor((picture.leftPx + at * picture.widthPx - leftPx) / CELL_PX);
    const row = (at: number): number => Math.floor((picture.topPx + at * picture.heightPx - topPx) / CELL_PX);
    const [left, right] = [Math.max(0, column(x) - 1), Math.min(columns - 1, column(x + w) + 1)];
    const [top, bottom] = [Math.max(0, row(y) - 1), Math.min(rows - 1, row(y + h) + 1)];
    for (let at = top; at <= bottom; at++) this.#isPerson.fill(1, at * columns + left, at * columns + right + 1);
  }
}
