import { describe, expect, it } from 'vitest';
import { frameShape, inputShape, toDetection } from '../../src/detector/shape.ts';

const WIDE = { widthPx: 1920, heightPx: 1080 };
const TALL = { widthPx: 1080, heightPx: 1920 };
const FIXED = { fixed: { widthPx: 640, heightPx: 640 } };

describe('the shape of a frame', () => {
  it('follows the camera by area, by the longer side, or is the camera’s own up to a limit', () => {
    expect(inputShape({ multiplePx: 32, areaPx: 174_080 }, WIDE)).toEqual({ widthPx: 544, heightPx: 320 });
    expect(inputShape({ multiplePx: 32, longSidePx: 640 }, WIDE)).toEqual({ widthPx: 640, heightPx: 384 });
    expect(inputShape({ multiplePx: 32, longSidePx: 640 }, TALL)).toEqual({ widthPx: 384, heightPx: 640 });
    expect(inputShape({ maxSidePx: 1280 }, WIDE)).toEqual({ widthPx: 1280, heightPx: 720 });
    expect(inputShape({ maxSidePx: 1280 }, { widthPx: 640, heightPx: 480 })).toEqual({ widthPx: 640, heightPx: 480 });
    expect(inputShape(FIXED, WIDE)).toEqual(FIXED.fixed);
  });

  it('has the picture in the middle, in the corner, or stretched', () => {
    expect(pictureFor('centre')).toEqual({ widthPx: 640, heightPx: 360, leftPx: 0, topPx: 140 });
    expect(pictureFor('corner')).toEqual({ widthPx: 640, heightPx: 360, leftPx: 0, topPx: 0 });
    expect(pictureFor('stretch')).toEqual({ widthPx: 640, heightPx: 640, leftPx: 0, topPx: 0 });
  });

  it.each(['centre', 'corner', 'stretch'] as const)('leads a box back to the picture: %s', (fit) => {
    const { picture } = frameShape({ shape: FIXED, fit, border: 114 }, TALL);
    const candidate = {
      label: 0,
      score: 0.9,
      xPx: picture.leftPx + 0.25 * picture.widthPx,
      yPx: picture.topPx + 0.5 * picture.heightPx,
      wPx: 0.5 * picture.widthPx,
      hPx: picture.heightPx,
    };
    const { label, box } = toDetection(candidate, { picture, labels: ['person'] });
    expect(label).toBe('person');
    // What reaches beyond the picture is cut.
    expect(box).toEqual({ x: 0.25, y: 0.5, w: 0.5, h: 0.5 });
  });
});

function pictureFor(fit: 'centre' | 'corner' | 'stretch'): object {
  return frameShape({ shape: FIXED, fit, border: 114 }, WIDE).picture;
}
