import { describe, expect, it } from 'vitest';
import { pictureBytes, planRing } from '../../src/ring/ring-plan.ts';
import { formatOf, settings } from '../recorder/film.ts';

const HD = formatOf({ widthPx: 1280, heightPx: 720 }, 15);

describe('planRing', () => {
  it('holds the pre-roll, the time to confirm and a second for the detector', () => {
    const plan = planRing(settings(), HD);
    expect(plan).toMatchObject({ frames: 106, bytes: 106 * 1_382_400, neededMs: 7000, preRollMs: 5000, isShort: false });
    expect(plan.sentence).toBe('Holds the last 7.1 s of 1280x720 at 15 fps in memory for the pre-roll: 147 MB.');
  });

  it('says how much is really held when the memory is too small', () => {
    const plan = planRing(settings({}, { maxRingBytes: 70_000_000 }), HD);
    expect(plan).toMatchObject({ frames: 50, preRollMs: 1333, isShort: true });
    expect(plan.bytes).toBeLessThanOrEqual(70_000_000);
    expect(plan.sentence).toBe(
      'Holds only the last 3.3 s of 1280x720 at 15 fps in memory (69 MB, record.maxRingBytes), so a clip begins 1.3 s before ' +
        'the person instead of the 5.0 s of event.preRollMs. ' +
        'Set record.maxRingBytes to 146534400 (147 MB), or record.size and record.fps lower.',
    );
  });

  it('holds one frame at least', () => {
    expect(planRing(settings({}, { maxRingBytes: 1_000_000 }), HD)).toMatchObject({ frames: 1, preRollMs: 0 });
  });

  it('counts the chroma of odd sizes', () => {
    expect(pictureBytes({ widthPx: 5, heightPx: 3 })).toBe(15 + 2 * 6);
  });
});
