import { describe, expect, it } from 'vitest';
import { CameraRing } from '../../src/ring/camera-ring.ts';
import { fakeFrame, formatOf, settings } from '../recorder/film.ts';
import { picture, pictures } from '../recorder/packets.ts';

const FRAMES = formatOf({ widthPx: 64, heightPx: 48 }, 10);
const PACKETS = { ...FRAMES, feed: 'packets' } as const;
const VIDEO = { isVideo: true, bytes: Buffer.from('v') };

function ringOf(record = {}): { ring: CameraRing; words: string[] } {
  const words: string[] = [];
  const ring = new CameraRing({ ...settings({}, record), onWarning: (_, sentence) => words.push(sentence) });
  return { ring, words };
}

describe('CameraRing', () => {
  it('holds what the format says, and a new format begins with nothing', () => {
    const { ring } = ringOf();
    const first = ring.open(FRAMES);
    const frame = fakeFrame(0);
    ring.addFrame(frame);
    expect(first.feed === 'frames' && first.ring.reel.endIndex).toBe(1);
    let broken = 0;
    first.ring.follow({ onAdded: () => undefined, onBreak: () => (broken += 1) });
    const second = ring.open(PACKETS);
    expect([broken, frame.holders]).toEqual([1, 1]);
    ring.addInit(VIDEO);
    ring.addPacket(picture(0, { isKey: true }));
    expect(second.feed === 'packets' && second.ring.gops).toHaveLength(1);
  });

  it('takes nothing of a feed that was not announced', () => {
    const { ring } = ringOf();
    expect(() => ring.addPacket(picture(0))).toThrow('Expected a format of packets');
    ring.open(PACKETS);
    expect(() => ring.addFrame(fakeFrame(0))).toThrow('Expected a format of frames');
    ring.open(FRAMES);
    expect(() => ring.addInit(VIDEO)).toThrow('Expected a format of packets');
  });

  it('says once what makes clips other than asked', () => {
    const { ring, words } = ringOf({ maxRingBytes: 1_000_000 });
    ring.open(PACKETS);
    ring.addInit(VIDEO);
    for (const packet of pictures(300, { gop: 60 })) ring.addPacket({ ...packet, data: new Uint8Array(10_000) });
    expect(words).toEqual([
      expect.stringContaining('a key frame only every 6.0 s'),
      expect.stringContaining('too much for record.maxRingBytes'),
    ]);
  });
});
