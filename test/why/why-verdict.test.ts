import { describe, expect, it } from 'vitest';
import { AT_MS, SLOT_MS, WhyHouse, seen } from './why-house.ts';

const NOBODY = Array.from({ length: 10 }, () => undefined);
const verdict = (house: WhyHouse, options?: Parameters<WhyHouse['ask']>[0]) => {
  const { summary, cure, event } = house.ask({ fromMs: AT_MS + 1, ...options });
  return { summary, cure, event };
};

describe('the sentence', () => {
  it('says that nobody was there at all', () => {
    expect(verdict(new WhyHouse().watch(...NOBODY))).toEqual({
      summary: 'Nobody: not one candidate of 0.10 or more in 10 pictures.',
      cure: 'if somebody was there, a threshold does not help: bring the camera nearer, give it light, or try a larger model (-m)',
      event: undefined,
    });
  });

  it('names the best candidate that minScore held, and which thresholds would let its like pass', () => {
    expect(verdict(new WhyHouse().watch(...NOBODY, 0.2, 0.27, ...NOBODY))).toMatchObject({
      summary:
        'Nobody: the best of 2 candidates, a person at 14:02:02, scored 0.27, below minScore 0.30; 0 of the 3 hits needed.',
      cure: 'lower --min-score to 0.25 and --start-score to 0.25, then check with: lookout score --what-if --min-score 0.25 --start-score 0.25',
    });
    expect(verdict(new WhyHouse().watch(undefined, 0.29999)).summary).toContain('scored 0.2999, below minScore 0.30');
    expect(verdict(new WhyHouse().watch(undefined, 0.12)).cure).toContain('lower --min-score to 0.10');
  });

  it('says how many hits were missing, and what stood between them', () => {
    expect(verdict(new WhyHouse().watch(...NOBODY, 0.45, 0.28, 0.5, 0.2, ...NOBODY))).toMatchObject({
      summary:
        'Not confirmed: person #1 at 14:02:02 scored 0.50, but had 2 of the 3 hits needed within 5 pictures; between them the best candidate scored 0.28, below minScore 0.30.',
      cure: 'lower --min-score to 0.25 and --start-score to 0.25, then check with: lookout score --what-if --min-score 0.25 --start-score 0.25',
    });
    expect(verdict(new WhyHouse().watch(...NOBODY, 0.45, undefined, 0.5, ...NOBODY)).cure).toBe(
      'look at more pictures a second (detect.fps), or let 2 hits suffice (detect.hits), then check with: lookout score --what-if',
    );
  });

  it('tells enough hits that were too unsure', () => {
    expect(verdict(new WhyHouse().watch(undefined, 0.33, 0.34, 0.36, 0.35))).toMatchObject({
      summary: 'Not confirmed: person #1 at 14:02:00 had 4 hits, but their mean score was 0.34, below startScore 0.40.',
      cure: 'lower --start-score to 0.30, then check with: lookout score --what-if --start-score 0.30',
    });
  });

  it('says that only other things were there', () => {
    expect(verdict(new WhyHouse().watch(undefined, [seen(0.8, { label: 'umbrella' })]))).toMatchObject({
      summary: 'Nobody: the best candidate was an umbrella (0.80 at 14:02:00), and only person counts.',
      cure: 'add "umbrella" to detect.labels if it should count',
    });
  });

  it('counts apart the pictures in which nothing moved', () => {
    expect(verdict(new WhyHouse().watch(undefined).repeat(24).watch(undefined)).summary).toBe(
      'Nobody: not one candidate of 0.10 or more in 2 pictures; in 24 more nothing moved.',
    );
  });

  it('says that only what was weak and known stood there', () => {
    const house = new WhyHouse().watch(0.2, 0.2, 0.2, 0.2);
    expect(verdict(house, { fromMs: AT_MS + SLOT_MS }).summary).toMatch(/^Nobody: only weak candidates/);
  });

  it('says that a confirmed person stood in no zone, and where other rules are changed', () => {
    const corners: [number, number][] = [
      [0, 0],
      [0.1, 0],
      [0.1, 0.1],
    ];
    const zones = [{ name: 'gate', points: corners, frames: 3, maxSpeed: 12 }];
    expect(verdict(new WhyHouse({ detect: { zones } }).watch(undefined, 0.6, 0.6, 0.6, 0.6))).toMatchObject({
      summary: 'Held by the rule zone: person #1 at 14:02:00, score 0.60, was confirmed, but stood in no zone.',
      cure: expect.stringContaining('detect.zones'),
    });
    expect(verdict(new WhyHouse({ detect: { minArea: 0.5 } }).watch(undefined, 0.6))).toMatchObject({
      summary: 'Held by the rule area: a person at 14:02:00, score 0.60, had a box of another size than allowed.',
      cure: expect.stringContaining('detect.minArea'),
    });
  });

  it('names a rule that it does not know by its name', () => {
    const house = new WhyHouse();
    const frame = { slot: 1, ptsMs: 200, atMs: AT_MS + 200, arrivedNowMs: 5200, isSpared: false, latencyMs: 1 };
    const { score, box } = seen(0.62);
    const rejected = [{ score, box, rule: 'mood' as never }];
    house.log.onPicture({ ...frame, detections: [seen(0.62)] }, { tracks: [], rejected }, 0);
    expect(verdict(house, { toMs: AT_MS + 1000 }).summary).toBe(
      'Held by the rule mood: a person at 14:02:00, score 0.62, was refused by it.',
    );
  });

  it('says which event began, who confirmed it, and what was held before', () => {
    const house = new WhyHouse().watch(undefined, 0.2, 0.45, 0.28, 0.5, 0.6, 0.8);
    expect(verdict(house)).toEqual({
      summary:
        'An event started at 14:02:01: person #1 had 3 hits of the 3 needed, with a mean score of 0.52 (startScore 0.40). Before that, rules held 2 × unconfirmed, 2 × minScore.',
      cure: undefined,
      event: 'event1',
    });
  });

  it('says that an event was open already, with or without somebody in view', () => {
    const house = new WhyHouse().watch(0.6, 0.6, 0.6, 0.7, undefined, undefined);
    const after = (slot: number) => verdict(house, { fromMs: AT_MS + slot * SLOT_MS });
    expect(after(3)).toEqual({
      summary: 'The event event1 was open: person #1 was followed, best score 0.70.',
      event: 'event1',
      cure: undefined,
    });
    expect(after(4).summary).toBe('The event event1 was open, nobody was in view.');
  });

  it('says that the camera was away, that the model was busy or silent, or that the picture stood still', () => {
    const away = new WhyHouse().watch(0.2);
    away.log.onSource({ type: 'lost', reason: 'connection refused', sinceMs: 0 }, { atMs: AT_MS + 1000, nowMs: 6000 });
    expect(verdict(away, { toMs: AT_MS + 9000, nowAtMs: AT_MS + 9000 }).summary).toBe(
      'Nobody could be seen: there was no picture from 14:02:01 to 14:02:09 (connection refused).',
    );
    expect(verdict(new WhyHouse().watch(undefined).drop(5).watch(undefined)).summary).toBe(
      'Most pictures were not looked at: the model was busy or being restarted for 5 of 7 pictures.',
    );
    expect(verdict(new WhyHouse().repeat(9)).summary).toBe(
      'Nothing moved: 9 pictures came, each like the one before, so the model did not look.',
    );
    const silent = new WhyHouse().watch(0.2);
    expect(verdict(silent, { toMs: AT_MS + 9000, nowAtMs: AT_MS + 9000 }).summary).toBe(
      'Nobody could be seen: no picture was decided from 14:02:00 to 14:02:09, the model or the camera hung.',
    );
  });

  it('mentions pictures that were missed where they are the fewer', () => {
    const house = new WhyHouse()
      .watch(...NOBODY)
      .drop(2)
      .watch(0.2);
    expect(verdict(house).summary).toMatch(/2 of 13 pictures were not looked at\.$/);
  });
});
