import { describe, expect, it } from 'vitest';
import { SoundTrack } from '../../src/recorder/sound-track.ts';
import { picture } from './packets.ts';

const SILENCE = new Uint8Array([9]);
const FRAME_MS = 20;

function track({ silence }: { silence: Uint8Array | undefined } = { silence: SILENCE }): SoundTrack {
  return new SoundTrack({ fromMs: 1000, frameMs: FRAME_MS, silence });
}

function push(sound: SoundTrack, fromMs: number, count: number): void {
  for (let i = 0; i < count; i++) sound.push(picture(fromMs + i * FRAME_MS, { isVideo: false, data: new Uint8Array([1]) }));
}

const kinds = (frames: readonly Uint8Array[]): string => frames.map(([byte]) => (byte === 9 ? '.' : 'x')).join('');

describe('SoundTrack', () => {
  it('gives what belongs beside the pictures, from the first one on', () => {
    const sound = track();
    push(sound, 900, 20);
    const first = sound.take(1100, { isLast: false });
    expect(first).toMatchObject({ startMs: 1000 });
    expect(kinds(first.frames)).toBe('xxxxx');
    expect(sound.take(1200, { isLast: false })).toMatchObject({ startMs: 1100 });
  });

  it('is silent where sound begins late, has a hole, or stalls', () => {
    const sound = track();
    push(sound, 1060, 2);
    push(sound, 1160, 2);
    expect(kinds(sound.take(1200, { isLast: false }).frames)).toBe('...xx...xx');
    expect(sound.take(3000, { isLast: false }).frames).toEqual([]);
    const filled = sound.take(3300, { isLast: false });
    expect(filled.startMs).toBe(1200);
    expect(kinds(filled.frames)).toBe('.'.repeat((2300 - 1200) / FRAME_MS));
  });

  it('leaves out what comes too late', () => {
    const sound = track();
    sound.take(4000, { isLast: false });
    push(sound, 1000, 50);
    expect(sound.take(4040, { isLast: false }).frames).toEqual([]);
    push(sound, 3000, 3);
    expect(sound.take(4080, { isLast: false })).toMatchObject({ startMs: 3000 });
  });

  it('ends with the pictures', () => {
    const sound = track();
    push(sound, 1000, 3);
    expect(kinds(sound.take(1200, { isLast: true }).frames)).toBe('xxx.......');
  });

  it('keeps its holes where nobody knows how to be silent', () => {
    const sound = track({ silence: undefined });
    push(sound, 1100, 2);
    expect(sound.take(1200, { isLast: false })).toMatchObject({ startMs: 1100 });
    push(sound, 1300, 1);
    expect(sound.take(1400, { isLast: true })).toMatchObject({ startMs: 1300 });
  });
});
