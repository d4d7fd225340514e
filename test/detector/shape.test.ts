import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameShape, inputShape, toDetection } from '../../src/detector/shape.ts';
import type { SizePx } from '../../src/messages/video.ts';

const size = (widthPx: number, heightPx: number): SizePx => ({ widthPx, heightPx });
const RULE = { multiplePx: 32, areaPx: 544 * 320 };

describe('the input shape', () => {
  it.each([
    { source: [1920, 1080], shape: [544, 320] },
    { source: [1280, 720], shape: [544, 320] },
    { source: [640, 480], shape: [480, 352] },
    { source: [500, 500], shape: [416, 416] },
    { source: [1080, 1920], shape: [320, 544] },
    { source: [480, 640], shape: [352, 480] },
  ])('of a $source camera is $shape', ({ source: [widthPx = 0, heightPx = 0], shape }) => {
    const { widthPx: w, heightPx: h } = inputShape(RULE, { widthPx, heightPx });
    expect([w, h]).toEqual(shape);
  });

  it('of a panorama is a strip that shows it as large as the area allows', () => {
    expect(inputShape(RULE, { widthPx: 10_000, heightPx: 100 })).toEqual({ widthPx: 3200, heightPx: 32 });
    expect(inputShape(RULE, { widthPx: 100, heightPx: 100_000 })).toEqual({ widthPx: 32, heightPx: 5440 });
  });

  it('is the model’s own where that is fixed', () => {
    expect(inputShape({ fixed: { widthPx: 320, heightPx: 320 } }, { widthPx: 1920, heightPx: 1080 })).toEqual({
      widthPx: 320,
      heightPx: 320,
    });
  });

  it('keeps to the multiple and the area for every camera', () => {
    const side = fc.integer({ min: 16, max: 8000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { widthPx, heightPx } = inputShape(RULE, { widthPx: width, heightPx: height });
        expect(widthPx % 32).toBe(0);
        expect(heightPx % 32).toBe(0);
        expect(Math.min(widthPx, heightPx)).toBeGreaterThanOrEqual(32);
        expect(widthPx * heightPx).toBeLessThanOrEqual(RULE.areaPx);
      }),
    );
  });
});

describe('the frame', () => {
  const rules = { fit: 'centre', border: 114 } as const;

  it.each([
    { picture: size(1280, 720), frame: size(544, 320), area: { ...size(544, 306), leftPx: 0, topPx: 7 } },
    { picture: size(544, 320), frame: size(544, 320), area: { ...size(544, 320), leftPx: 0, topPx: 0 } },
    { picture: size(768, 576), frame: size(416, 416), area: { ...size(416, 312), leftPx: 0, topPx: 52 } },
    { picture: size(1080, 1920), frame: size(320, 544), area: { ...size(306, 544), leftPx: 7, topPx: 0 } },
    { picture: size(64, 48), frame: size(544, 320), area: { ...size(427, 320), leftPx: 58, topPx: 0 } },
    { picture: size(4000, 16), frame: size(320, 320), area: { ...size(320, 1), leftPx: 0, topPx: 159 } },
    { picture: size(16, 4000), frame: size(320, 320), area: { ...size(1, 320), leftPx: 159, topPx: 0 } },
  ])('puts $picture.widthPx × $picture.heightPx into $frame.widthPx × $frame.heightPx, centred', ({ picture, frame, area }) => {
    expect(frameShape({ ...rules, shape: { fixed: frame } }, picture)).toEqual({ ...frame, picture: area, border: 114 });
  });

  it('never lets the picture out', () => {
    for (let widthPx = 16; widthPx < 5000; widthPx += 311) {
      for (let heightPx = 16; heightPx < 5000; heightPx += 277) {
        const { picture: area } = frameShape({ ...rules, shape: { fixed: size(544, 320) } }, size(widthPx, heightPx));
        expect(Math.min(area.leftPx, area.topPx, area.widthPx - 1, area.heightPx - 1)).toBeGreaterThanOrEqual(0);
        expect(area.leftPx + area.widthPx).toBeLessThanOrEqual(544);
        expect(area.topPx + area.heightPx).toBeLessThanOrEqual(320);
      }
    }
  });
});

describe('a box', () => {
  // A 16:9 picture in a 544 × 320 frame: 306 rows of picture, 7 rows of grey above and below.
  const picture = { leftPx: 0, topPx: 7, widthPx: 544, heightPx: 306 };
  const labels = ['person', 'car'];

  it('is mapped from the letterboxed frame to fractions of the picture', () => {
    const found = toDetection({ label: 1, score: 0.5, xPx: 136, yPx: 7 + 76.5, wPx: 272, hPx: 153 }, { picture, labels });
    expect(found).toEqual({ label: 'car', score: 0.5, box: { x: 0.25, y: 0.25, w: 0.5, h: 0.5 } });
  });

  it('is cut at the borders of the picture', () => {
    const { box } = toDetection({ label: 0, score: 1, xPx: -50, yPx: 0, wPx: 1000, hPx: 160 }, { picture, labels });
    expect(box.x).toBe(0);
    expect(box.y).toBe(0);
    expect(box.w).toBe(1);
    expect(box.h).toBeCloseTo(0.5, 9);
  });

  it('that lies in the grey has no size', () => {
    const { box } = toDetection({ label: 0, score: 1, xPx: 10, yPx: 0, wPx: 10, hPx: 5 }, { picture, labels });
    expect(box.h).toBe(0);
  });

  it('of a class without a name says its number', () => {
    expect(toDetection({ label: 7, score: 1, xPx: 0, yPx: 7, wPx: 1, hPx: 1 }, { picture, labels }).label).toBe('class 7');
  });

  it('lies inside the picture wherever the model puts it', () => {
    const px = fc.double({ min: -5000, max: 5000, noNaN: true });
    fc.assert(
      fc.property(px, px, fc.double({ min: 0, max: 5000, noNaN: true }), (xPx, yPx, wPx) => {
        const { box } = toDetection({ label: 0, score: 1, xPx, yPx, wPx, hPx: wPx }, { picture, labels });
        expect(Math.min(box.x, box.y, box.w, box.h)).toBeGreaterThanOrEqual(0);
        expect(Math.max(box.x + box.w, box.y + box.h)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

const WIDE = { widthPx: 1920, heightPx: 1080 };
const TALL = { widthPx: 1080, heightPx: 1920 };
const FIXED = { fixed: { widthPx: 640, heightPx: 640 } };

describe('the way of a family', () => {
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
