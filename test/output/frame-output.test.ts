import { Writable } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { FrameOutput, type FrameOutputOptions } from '../../src/output/frame-output.ts';
import { formatOf, RecordFrames, track, tracked, yuvBytes } from './frames.ts';
import { expectNoLeftovers } from '../leftovers.ts';

expectNoLeftovers();

const SIZE = { widthPx: 64, heightPx: 48 };
const FORMAT = formatOf(SIZE);
const FRAME_BYTES = yuvBytes(SIZE);

/** A reader who takes one piece at a time, as slowly as the test wants; `pieces` is what was read. */
class Reader extends Writable {
  readonly pieces: Buffer[] = [];
  isStalled = false;
  #goOn: () => void = () => undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.pieces.push(Buffer.from(piece));
    if (this.isStalled) this.#goOn = done;
    else setImmediate(done);
  }

  goOn(): void {
    this.isStalled = false;
    this.#goOn();
  }

  /** Which frames were read, by their luma in a corner that no box touches. */
  get indices(): number[] {
    return this.pieces.filter(({ length }) => length === FRAME_BYTES).map((frame) => frame[SIZE.widthPx - 1]! - 16);
  }
}

function house(options: Partial<FrameOutputOptions> & { stream?: Writable } = {}) {
  const reader = new Reader();
  const closed: Error[] = [];
  const output = new FrameOutput({
    kind: 'y4m',
    when: 'always',
    stream: reader,
    isLive: false,
    log: silentLogger,
    onClosed: (error) => closed.push(error),
    ...options,
  });
  output.open({ type: 'opened', format: FORMAT, formatChanged: true });
  const frames = new RecordFrames(SIZE);
  /** As the pipeline does: the recorder and the output hold the frame, then the source's own lease ends. */
  const add = (index: number): void | Promise<void> => {
    const frame = frames.frame(index);
    const room = output.addFrame(frame);
    frame.release();
    return room;
  };
  return { reader, closed, output, frames, add };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('a source that can wait', () => {
  it('waits for a slow reader: no frame is missing, the order is kept, every lease comes back', async () => {
    const { reader, output, frames, add } = house();
    let mostLeased = 0;
    for (let index = 0; index < 100; index++) {
      const room = add(index);
      // The detection of a slot is there when its last frame is: in time for the queue, whatever the reader does.
      if (index % 2 === 1) output.decide(tracked(Math.floor(index / 2), [track(1)]), false);
      mostLeased = Math.max(mostLeased, frames.leased);
      await room;
    }
    await output.finish(false);
    expect(reader.indices).toEqual(range(0, 100));
    expect(String(reader.pieces[0])).toMatch(/^YUV4MPEG2 W64 H48 F10:1 /);
    expect(reader.writableFinished).toBe(true);
    expect(frames.leased).toBe(0);
    expect(mostLeased).toBeLessThanOrEqual(17);
    expect(output.dropped).toBe(0);
  });

  it('is held back while the queue is full, and goes on when there is room', async () => {
    const { reader, output, add } = house();
    for (let index = 0; index < 15; index++) expect(add(index)).toBeUndefined();
    const room = add(15);
    expect(room).toBeInstanceOf(Promise);
    let isFree = false;
    const waiting = Promise.resolve(room).then(() => (isFree = true));
    for (let i = 0; i < 5; i++) await tick();
    expect(isFree).toBe(false);
    output.decide(tracked(0), false);
    await waiting;
    output.close();
    expect(reader.indices[0]).toBe(0);
  });

  it('has boxes drawn on a copy: the recorder’s frame stays clean', async () => {
    const { reader, output, frames } = house();
    const frame = frames.frame(0);
    const clean = Buffer.from(frame.data);
    void output.addFrame(frame);
    output.decide(tracked(0, [track(1), track(2, {}, { isSeen: false })]), false);
    await output.finish(false);
    expect(Buffer.from(frame.data).equals(clean)).toBe(true);
    const written = reader.pieces.find(({ length }) => length === FRAME_BYTES);
    expect(written?.equals(clean)).toBe(false);
    frame.release();
    expect(frames.leased).toBe(0);
  });

  it('gets its last frames written without a detection of their own', async () => {
    const { reader, output, add } = house();
    for (let index = 0; index < 5; index++) void add(index);
    await output.finish(false);
    expect(reader.indices).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a camera', () => {
  it('does not wait: whole frames are dropped, the oldest first, counted and given back', async () => {
    const { reader, output, frames, add } = house({ isLive: true });
    reader.isStalled = true;
    for (let index = 0; index < 40; index++) {
      expect(add(index)).toBeUndefined();
      output.decide(tracked(Math.floor(index / 2)), false);
    }
    expect(output.dropped).toBeGreaterThan(20);
    expect(frames.leased).toBeLessThanOrEqual(17);
    reader.goOn();
    await output.finish(false);
    expect(reader.indices.length + output.dropped).toBe(40);
    expect(reader.indices).toEqual(reader.indices.toSorted((a, b) => a - b));
    expect(reader.indices.at(-1)).toBe(39);
    expect(frames.leased).toBe(0);
  });

  it('that comes back with another size ends the stream with a sentence; with the same it goes on', () => {
    const { output, closed } = house({ isLive: true });
    output.open({ type: 'opened', format: FORMAT, formatChanged: false });
    output.open({ type: 'opened', format: { ...FORMAT, framesPerSlot: 2 }, formatChanged: true });
    expect(closed).toEqual([]);
    const other = formatOf({ widthPx: 128, heightPx: 96 });
    output.open({ type: 'opened', format: other, formatChanged: true });
    expect(closed.map(({ message }) => message)).toEqual([
      'the camera changed its picture to 128 × 96 at 10 fps, which a y4m stream cannot',
    ]);
  });
});

describe('a stream of events only', () => {
  it('has the frames of open events and no others', async () => {
    const { reader, output, frames, add } = house({ when: 'event' });
    for (let index = 0; index < 20; index++) {
      const room = add(index);
      const slot = Math.floor(index / 2);
      if (index % 2 === 1) output.decide(tracked(slot), slot >= 3 && slot < 6);
      await room;
    }
    await output.finish(false);
    expect(reader.indices).toEqual(range(6, 12));
    expect(frames.leased).toBe(0);
  });

  it('ends with the frames that were left when the event is still open', async () => {
    const { reader, output, add } = house({ when: 'event' });
    void add(0);
    void add(1);
    await output.finish(true);
    expect(reader.indices).toEqual([0, 1]);
  });
});

describe('bgr24', () => {
  it('has three bytes a pixel and no header', async () => {
    const { reader, output, add } = house({ kind: 'rawvideo' });
    void add(0);
    void add(1);
    await output.finish(false);
    expect(reader.pieces.map(({ length }) => length)).toEqual([64 * 48 * 3, 64 * 48 * 3]);
  });
});

describe('a reader', () => {
  it('that stalls at the very end does not keep us once we are told to stop', async () => {
    const stalled = new Writable({ highWaterMark: 1, write: () => undefined });
    const { output, frames, add } = house({ stream: stalled });
    void add(0);
    const finished = output.finish(false);
    await tick();
    output.close();
    await finished;
    expect(frames.leased).toBeLessThanOrEqual(1);
  });

  it('that goes away is told of once, nobody is held back any more, and every lease comes back', async () => {
    // head(1) reads the header and leaves: the pipe breaks in the middle of the frames.
    await using head = await Child.start({
      name: 'head',
      command: 'head',
      args: ['-c', '100'],
      stdin: 'pipe',
      stdout: 'ignore',
      dieWithParent: true,
    });
    const { output, frames, add, closed } = house({ stream: head.stdin });
    for (let index = 0; index < 2000 && closed.length === 0; index++) {
      output.decide(tracked(Math.floor(index / 2)), false);
      await add(index % 200);
      await tick();
    }
    await expect
      .poll(() => closed.map(({ name, message }) => [name, message]))
      .toEqual([['RetryableError', 'the reader of stdout closed the pipe']]);
    expect(add(0)).toBeUndefined();
    output.decide(tracked(9999), true);
    await output.finish(true);
    output.close();
    expect(closed).toHaveLength(1);
    expect(frames.leased).toBe(0);
  });

  it('that was gone before the first frame is told of, too', async () => {
    const { output, frames, add, closed, reader } = house();
    reader.destroy();
    void add(0);
    output.decide(tracked(0), false);
    await expect.poll(() => closed.map(({ message }) => message)).toEqual(['the reader of stdout closed the pipe']);
    await output.finish(false);
    expect(frames.leased).toBe(0);
  });

  it('that fails otherwise is told of with its own error', async () => {
    const stream = new Writable({ write: (_piece, _encoding, done) => done(new Error('disk on fire')) });
    const { closed } = house({ stream });
    await expect.poll(() => closed.length).toBe(1);
    expect(closed.map(({ message }) => message)).toEqual(['disk on fire']);
  });

  it('that hangs does not keep the owner from closing', async () => {
    const { reader, output, add, frames } = house();
    reader.isStalled = true;
    for (let index = 0; index < 10; index++) void add(index);
    output.decide(tracked(9), false);
    await tick();
    output.close();
    // The frame that is being written is given back when the write ends, not before.
    expect(frames.leased).toBeLessThanOrEqual(1);
    reader.goOn();
    for (let i = 0; i < 5; i++) await tick();
    expect(frames.leased).toBe(0);
  });
});
