import { describe, expect, it } from 'vitest';
import {
  agoText,
  bytesText,
  clipTime,
  countText,
  dayFraction,
  dayKey,
  dayText,
  durationText,
  latencyText,
  sinceText,
  timeText,
} from '../../web/src/core/format.ts';

const BERLIN = { locale: 'en-GB', timeZone: 'Europe/Berlin' };
const at = (iso: string): number => Date.parse(iso);

describe('durations', () => {
  it('writes a position in a clip as a player does', () => {
    expect([0, 999, 7400, 65_000, 3_609_000, -5].map(clipTime)).toEqual(['0:00', '0:00', '0:07', '1:05', '1:00:09', '0:00']);
  });

  it('writes a duration in words, with the unit', () => {
    expect([400, 8000, 65_000, 7_380_000].map(durationText)).toEqual(['0 s', '8 s', '1 min 05 s', '2 h 03 min']);
  });

  it('never says "60 s" or "60 min" by rounding', () => {
    expect(durationText(59_600)).toBe('1 min 00 s');
    expect(durationText(3_599_700)).toBe('1 h 00 min');
  });

  it('says how long ago something was, and "just now" for a clock that is off', () => {
    const now = at('2026-11-20T12:00:00Z');
    expect([-60_000, 3000, 42_000, 190_000, 7_200_000, 86_400_000, 3 * 86_400_000].map((ms) => agoText(now - ms, now))).toEqual([
      'just now',
      'just now',
      '42 s ago',
      '3 min ago',
      '2 h ago',
      '1 day ago',
      '3 days ago',
    ]);
  });

  it('writes latencies in the unit that reads best', () => {
    expect([38.4, 999, 1420].map(latencyText)).toEqual(['38 ms', '999 ms', '1.42 s']);
  });
});

describe('local time', () => {
  it('is the time of the place, also across the change to summer time', () => {
    expect(timeText(at('2026-11-20T13:02:11Z'), BERLIN)).toBe('14:02:11');
    expect(timeText(at('2026-03-29T00:59:59Z'), BERLIN)).toBe('01:59:59');
    expect(timeText(at('2026-03-29T01:00:00Z'), BERLIN)).toBe('03:00:00');
  });

  it('cuts days at local midnight', () => {
    expect(dayKey(at('2026-11-19T22:59:59Z'), BERLIN)).toBe('2026-11-19');
    expect(dayKey(at('2026-11-19T23:00:00Z'), BERLIN)).toBe('2026-11-20');
  });

  it('calls days by name', () => {
    const now = at('2026-11-20T12:00:00Z');
    expect(dayText(at('2026-11-20T00:00:00Z'), now, BERLIN)).toBe('Today');
    expect(dayText(at('2026-11-19T12:00:00Z'), now, BERLIN)).toBe('Yesterday');
    expect(dayText(at('2026-11-17T12:00:00Z'), now, BERLIN)).toBe('Tuesday 17 November');
  });

  it('says since when, as short as the distance allows', () => {
    const now = at('2026-11-20T12:00:00Z');
    expect(sinceText(at('2026-11-20T08:05:00Z'), now, BERLIN)).toBe('09:05');
    expect(sinceText(at('2026-11-18T08:05:00Z'), now, BERLIN)).toBe('Wed 09:05');
    expect(sinceText(at('2026-11-03T08:05:00Z'), now, BERLIN)).toBe('3 Nov');
  });

  it('knows how much of the day has passed', () => {
    expect(dayFraction(at('2026-11-20T11:00:00Z'), BERLIN)).toBe(0.5);
    expect(dayFraction(at('2026-11-19T23:00:00Z'), BERLIN)).toBe(0);
  });

  it('shows a dash for a time that is none', () => {
    expect(timeText(Number.NaN, BERLIN)).toBe('–');
  });
});

describe('counts and sizes', () => {
  it('counts people as people and other labels by their name', () => {
    expect([countText(1), countText(3), countText(1, 'dog'), countText(2, 'dog')]).toEqual([
      '1 person',
      '3 people',
      '1 dog',
      '2 × dog',
    ]);
  });

  it('writes bytes for people', () => {
    expect([640, 82_400, 3_120_000, 1_440_000_000].map(bytesText)).toEqual(['640 B', '82 kB', '3.1 MB', '1.4 GB']);
  });
});
