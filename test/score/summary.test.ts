import { describe, expect, it } from 'vitest';
import { type Judged, judge } from '../../src/score/judge.ts';
import { missedBars, summarise } from '../../src/score/summary.ts';

const HOUR_MS = 3_600_000;
const visit = (onsetMs?: number, events = [0]): Judged['visits'][number] =>
  onsetMs === undefined
    ? { startMs: 0, endMs: 1, events: [] }
    : { startMs: 0, endMs: 1, events, onsetMs, alertMs: onsetMs + 400 };

describe('a summary', () => {
  it('counts over all films', () => {
    const films: Judged[] = [
      { visits: [visit(100), visit(300, [0, 1]), visit()], kinds: ['right', 'right', 'false'], shared: 1, judgedMs: HOUR_MS },
      { visits: [visit(200)], kinds: ['right', 'ignored', 'false', 'false'], shared: 0, judgedMs: HOUR_MS },
    ];
    expect(summarise(films)).toEqual({
      visits: 4,
      found: 3,
      recall: 0.75,
      events: { right: 3, ignored: 1, false: 3 },
      precision: 0.5,
      hours: 2,
      falsePerHour: 1.5,
      onset: { medianMs: 200, maxMs: 300 },
      alert: { medianMs: 600, maxMs: 700 },
      splitVisits: 1,
      sharedEvents: 1,
    });
  });

  it('takes the mean of the two in the middle', () => {
    const film: Judged = { visits: [visit(-100), visit(400)], kinds: ['right'], shared: 0, judgedMs: 1 };
    expect(summarise([film]).onset).toEqual({ medianMs: 150, maxMs: 400 });
  });

  it('has no recall where nobody is to be found, and no precision without events', () => {
    const nothing = judge([], { file: 'a', person: [], clear: [], ambiguous: [] }, HOUR_MS);
    expect(summarise([nothing])).toEqual({
      visits: 0,
      found: 0,
      events: { right: 0, ignored: 0, false: 0 },
      hours: 1,
      falsePerHour: 0,
      splitVisits: 0,
      sharedEvents: 0,
    });
  });
});

describe('bars', () => {
  const summary = summarise([{ visits: [visit(500), visit()], kinds: ['right', 'false'], shared: 0, judgedMs: HOUR_MS }]);

  it('that are reached exactly are reached', () => {
    expect(missedBars(summary, { minRecall: 0.5, maxFalsePerHour: 1, maxOnsetMs: 500 })).toEqual([]);
    expect(missedBars(summary, {})).toEqual([]);
  });

  it('that are not are told one by one', () => {
    expect(missedBars(summary, { minRecall: 0.6, maxFalsePerHour: 0.5, maxOnsetMs: 400 })).toEqual([
      'recall is 0.500, asked for 0.6',
      '1.00 false alarms per hour, at most 0.5 asked for',
      'median onset is 500 ms, at most 400 ms asked for',
    ]);
  });

  it('cannot be reached where there is nothing to measure', () => {
    expect(missedBars(summarise([]), { minRecall: 0, maxOnsetMs: 9999 })).toHaveLength(2);
  });
});
