import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/config.ts';
import { FrameGate, savedShare } from '../../src/gate/frame-gate.ts';
import type { DetectedFrame, DetectorFeed, Track, TrackedFrame } from '../../src/messages/detection.ts';
import type { DetectFrame, VideoFormat } from '../../src/messages/video.ts';
import { Tracker } from '../../src/tracker/tracker.ts';
import { DETECT, picture, type PictureOptions } from './pictures.ts';

const FORMAT: VideoFormat = {
  source: { widthPx: 320, heightPx: 176, fps: 15, codec: 'h264' },
  detect: DETECT,
  record: { widthPx: 320, heightPx: 176, fps: 15 },
  framesPerSlot: 3,
  feed: 'frames',
};
const BOX = { x: 0.25, y: 0.3, w: 0.1, h: 0.4 };
const WALKER: PictureOptions = { person: { xPx: 40, yPx: 24, wPx: 16, hPx: 40 } };

/** The model's end: frames that were given to it, answered when the test says so. */
class Model {
  readonly asked: DetectFrame[] = [];
  readonly #waiting: DetectFrame[] = [];
  readonly #onDetected: (frame: DetectedFrame) => void;
  readonly #isAnswering: boolean;
  #drained: (() => void)[] = [];

  constructor(onDetected: (frame: DetectedFrame) => void, { isAnswering }: { isAnswering: boolean }) {
    this.#onDetected = onDetected;
    this.#isAnswering = isAnswering;
  }

  get feed(): DetectorFeed {
    const take = (frame: DetectFrame): void => {
      this.asked.push(frame);
      this.#waiting.push(frame);
      if (this.#isAnswering) setImmediate(() => this.answer());
    };
    const isIdle = (): boolean => this.#waiting.length === 0;
    return {
      offer: take,
      submit: async (frame) => take(frame),
      drained: async () => {
        while (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
      },
      close: () => this.lose(),
      get isIdle() {
        return isIdle();
      },
      dropped: 0,
    };
  }

  /** Somebody is seen where the picture has something bright. */
  answer(): void {
    const frame = this.#waiting.shift();
    if (!frame) return;
    const { slot, ptsMs, atMs, arrivedNowMs, isRepeat, data } = frame;
    const isThere = data[40 * DETECT.widthPx + 48] === 230;
    frame.release();
    const detections = isThere ? [{ label: 'person', score: 0.8, box: BOX }] : [];
    this.#onDetected({ slot, ptsMs, atMs, arrivedNowMs, isSpared: isRepeat, detections, latencyMs: 12 });
    this.#wake();
  }

  /** The host died. */
  lose(): void {
    for (const frame of this.#waiting.splice(0)) frame.release();
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

/** A camera behind the gate, with a real tracker. */
function camera(options: {
  isComplete: boolean;
  isAnswering?: boolean;
  detect?: object;
  event?: object;
  onUngated?: (frame: DetectedFrame) => void;
}) {
  const [config] = configSchema.parse({
    cameras: [{ input: 'x', detect: options.detect ?? {}, event: options.event ?? {} }],
  }).cameras;
  if (!config) throw new Error('Expected a camera');
  const tracker = new Tracker(config.detect);
  const told: DetectedFrame[] = [];
  let tracks: readonly Track[] = [];
  let looked: TrackedFrame | undefined;
  let model: Model | undefined;
  let isEventOpen = false;
  let leased = 0;
  const gate: FrameGate = new FrameGate({
    camera: config,
    detector: {
      feed: (_name, onDetected) => (model = new Model(onDetected, { isAnswering: options.isAnswering ?? true })).feed,
    },
    isComplete: options.isComplete,
    ...(options.onUngated ? { onUngated: options.onUngated } : {}),
    onDetected: (frame) => {
      told.push(frame);
      const tracked = tracker.step(frame);
      tracks = tracked.tracks;
      if (!frame.isSpared || !looked) looked = tracked;
      gate.attend({ looked, isEventOpen });
    },
  });
  if (!model) throw new Error('Expected the gate to open a feed');
  gate.open(FORMAT, true);
  const take = (slot: number, shown: PictureOptions = {}, isRepeat = false): void | Promise<void> => {
    leased += 1;
    return gate.take({
      slot,
      ptsMs: slot * 200,
      atMs: 1e12 + slot * 200,
      arrivedNowMs: slot * 200,
      isRepeat,
      data: picture(shown),
      release: () => void (leased -= 1),
    });
  };
  return {
    gate,
    model,
    told,
    take,
    tracks: () => tracks,
    leased: () => leased,
    openEvent: () => void (isEventOpen = true),
    slots: () => told.map(({ slot, isSpared }) => (isSpared ? `${slot}-` : `${slot}`)).join(' '),
  };
}

describe('where every picture counts', () => {
  it('each is answered in its order, with or without the model, and given back', async () => {
    const { gate, take, slots, leased } = camera({ isComplete: true });
    for (let slot = 0; slot < 8; slot++) await take(slot, slot >= 5 ? WALKER : {});
    await gate.drained();
    expect(slots()).toBe('0 1- 2- 3- 4- 5 6 7');
    expect(leased()).toBe(0);
    expect(gate.counts).toEqual({ pictures: 8, spared: 4 });
    expect(savedShare(gate.counts)).toBe(0.5);
  });

  it('the model may look at all of them for somebody else, and nothing changes', async () => {
    const ungated: DetectedFrame[] = [];
    const plain = camera({ isComplete: true });
    const watched = camera({ isComplete: true, onUngated: (frame) => ungated.push(frame) });
    for (const { gate, take } of [plain, watched]) {
      for (let slot = 0; slot < 30; slot++) await take(slot, slot >= 4 && slot < 20 ? WALKER : {}, slot === 2);
      await gate.drained();
    }
    expect(watched.told).toEqual(plain.told);
    expect(watched.gate.counts).toEqual(plain.gate.counts);
    expect(watched.model.asked.length).toBe(29);
    expect(ungated.map(({ slot }) => slot)).toEqual(plain.told.map(({ slot }) => slot));
    expect(ungated.filter(({ isSpared }) => isSpared).map(({ slot }) => slot)).toEqual([2]);
    expect(ungated.filter(({ detections }) => detections.length > 0).length).toBe(16);
    expect(watched.leased()).toBe(0);
  });

  it('a repeated picture is no picture, and never goes to the model', async () => {
    const { gate, take, slots } = camera({ isComplete: true, detect: { gate: { enabled: false } } });
    for (let slot = 0; slot < 6; slot++) await take(slot, {}, slot % 2 === 1);
    await gate.drained();
    expect(slots()).toBe('0 1- 2 3- 4 5-');
    expect(gate.counts).toEqual({ pictures: 3, spared: 0 });
  });

  it('a person who stands still is confirmed, kept by the heartbeat and never lost', async () => {
    const { gate, take, tracks, slots } = camera({ isComplete: true });
    for (let slot = 0; slot < 30; slot++) {
      await take(slot, slot >= 2 ? WALKER : {});
      if (slot === 5) await gate.drained();
    }
    await gate.drained();
    expect(slots()).toBe('0 1- 2 3 4 5- 6- 7- 8- 9 10- 11- 12- 13- 14 15- 16- 17- 18- 19 20- 21- 22- 23- 24 25- 26- 27- 28- 29');
    expect(tracks()).toMatchObject([{ id: 1, isConfirmed: true, lastSeenPtsMs: 5800 }]);
  });

  it('an open event is looked at twice per post-roll, however short that is', async () => {
    const { gate, take, openEvent, told } = camera({ isComplete: true, event: { postRollMs: 800 } });
    openEvent();
    for (let slot = 0; slot < 11; slot++) await take(slot);
    await gate.drained();
    expect(told.filter(({ isSpared }) => !isSpared).map(({ slot }) => slot)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('nothing is answered after the end', async () => {
    const { gate, take, told, leased } = camera({ isComplete: true, isAnswering: false });
    const last = [0, 1, 2].map((slot) => take(slot)).at(-1);
    gate.close();
    await last;
    await gate.drained();
    gate.close();
    expect(told).toEqual([]);
    expect(leased()).toBe(0);
  });
});

describe('where the newest picture counts', () => {
  it('a still picture is answered at once, but never before the one that is at the model', () => {
    const { model, take, slots, leased } = camera({ isComplete: false, isAnswering: false });
    void take(0);
    void take(1);
    expect(slots()).toBe('');
    model.answer();
    void take(2);
    expect(slots()).toBe('0 2-');
    expect(leased()).toBe(0);
  });

  it('a picture that died at the model is looked at again, though nothing moves', () => {
    const { model, take, slots } = camera({ isComplete: false, isAnswering: false });
    void take(0);
    model.answer();
    void take(1, WALKER);
    model.lose();
    void take(2, WALKER);
    model.answer();
    expect(slots()).toBe('0 2');
  });

  it('the first picture of each connection is looked at', () => {
    const { gate, model, take, slots } = camera({ isComplete: false, isAnswering: false });
    for (const slot of [0, 1, 2]) {
      void take(slot);
      model.answer();
    }
    gate.open(FORMAT, false);
    void take(9);
    model.answer();
    expect(slots()).toBe('0 1- 2- 9');
  });

  it('without the gate the model looks at all', () => {
    const { model, take, slots } = camera({ isComplete: false, isAnswering: false, detect: { gate: { enabled: false } } });
    for (const slot of [0, 1, 2]) {
      void take(slot);
      model.answer();
    }
    expect(slots()).toBe('0 1 2');
  });
});
