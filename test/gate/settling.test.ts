import { describe, expect, it } from 'vitest';
import { Settling } from '../../src/gate/settling.ts';
import type { VideoFormat } from '../../src/messages/video.ts';

const WIDTH = 64;
const HEIGHT = 64;
/** Letterboxed: 14 grey lines above and below. */
const FORMAT: VideoFormat['detect'] = {
  widthPx: WIDTH,
  heightPx: HEIGHT,
  fps: 5,
  picture: { widthPx: 64, heightPx: 36, leftPx: 0, topPx: 14 },
};

const picture = (value: number, changed: { share: number; to: number } = { share: 0, to: 0 }): Uint8Array => {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).fill(114);
  for (let y = 14; y < 50; y++) data.fill(y < 14 + 36 * changed.share ? changed.to : value, y * WIDTH, (y + 1) * WIDTH);
  return data;
};

function settling(settleMs = 1000) {
  const under = new Settling({ settleMs });
  let ptsMs = -200;
  /** Looks at a picture and says whether it is unsettled. */
  const look = (data: Uint8Array): boolean => {
    ptsMs += 200;
    under.look({ data, ptsMs }, FORMAT);
    return under.isUnsettled(ptsMs);
  };
  return { under, look };
}

describe('a picture', () => {
  it('is settled from the first frame on', () => {
    const { look } = settling();
    expect([100, 100, 101, 99].map((value) => look(picture(value)))).toEqual([false, false, false, false]);
  });

  it('that changes everywhere at once is unsettled for settleMs', () => {
    const { look } = settling();
    look(picture(100));
    expect(Array.from({ length: 7 }, () => look(picture(160)))).toEqual([true, true, true, true, true, false, false]);
  });

  it('that changes again has to settle again', () => {
    const { look } = settling(600);
    const values = [100, 160, 160, 20, 20, 20, 20];
    expect(values.map((value) => look(picture(value)))).toEqual([false, true, true, true, true, true, false]);
  });

  it('of which somebody covers the half stays settled', () => {
    const { look } = settling();
    look(picture(100));
    expect(look(picture(100, { share: 0.5, to: 200 }))).toBe(false);
  });

  it('that slowly brightens stays settled', () => {
    const { look } = settling();
    expect(Array.from({ length: 10 }, (_, i) => look(picture(50 + i * 15)))).not.toContain(true);
  });

  it('of a camera that came back is unsettled, and is not compared with the one before', () => {
    const { under, look } = settling(400);
    look(picture(100));
    under.cameBack();
    expect([100, 100, 100].map((value) => look(picture(value)))).toEqual([true, true, false]);
  });

  it('never has to settle where settleMs is 0', () => {
    const { under, look } = settling(0);
    look(picture(100));
    under.cameBack();
    expect([look(picture(200)), look(picture(20))]).toEqual([false, false]);
  });

  it('is judged by the frame asked for, which may be older than the newest', () => {
    const { under, look } = settling();
    look(picture(100));
    look(picture(200));
    expect([under.isUnsettled(0), under.isUnsettled(200)]).toEqual([false, true]);
  });
});
