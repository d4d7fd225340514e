import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Watchdog, type WatchdogOptions } from '../../src/source/watchdog.ts';
import { FakeClock } from '../fake-clock.ts';

const STEP_MS = 50;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watchdog over two pipes; `pass` lets time go by while the named pipes deliver. */
function watched(options: Partial<WatchdogOptions> = {}) {
  const clock = new FakeClock();
  const stalls: string[] = [];
  const onStall = (sentence: string): void => void stalls.push(sentence);
  const watchdog = new Watchdog({ clock, detectFps: 5, pipes: 2, onStall, ...options });
  const pass = (ms: number, ...delivering: number[]): void => {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      for (const pipe of delivering) watchdog.beat(pipe);
      clock.pass(STEP_MS);
      vi.advanceTimersByTime(STEP_MS);
    }
  };
  return { watchdog, stalls, pass };
}

describe('Watchdog', () => {
  it('says nothing while both pipes deliver', () => {
    const { stalls, pass } = watched();
    pass(60_000, 0, 1);
    expect(stalls).toEqual([]);
  });

  it('gives the first picture 15 seconds', () => {
    const { stalls, pass } = watched();
    pass(15_000);
    expect(stalls).toEqual([]);
    pass(500);
    expect(stalls).toEqual(['sent no picture within 15 s']);
  });

  it.each([
    { silent: 0, delivering: 1 },
    { silent: 1, delivering: 0 },
  ])('notices that only pipe $delivering ever delivered', ({ delivering }) => {
    const { stalls, pass } = watched();
    pass(15_500, delivering);
    expect(stalls).toEqual(['sent no picture within 15 s']);
  });

  it.each([
    { silent: 0, delivering: 1 },
    { silent: 1, delivering: 0 },
  ])('notices within a moment of 3 seconds that pipe $silent went silent', ({ delivering }) => {
    const { stalls, pass } = watched();
    pass(20_000, 0, 1);
    pass(2900, delivering);
    expect(stalls).toEqual([]);
    pass(600, delivering);
    expect(stalls).toEqual([expect.stringMatching(/^went silent for 3\.\d s$/)]);
  });

  it('waits for three pictures where they come slowly', () => {
    // No rate below 1 fps can be set; the limit is 3 s for all of 1 … 30 fps.
    const { stalls, pass } = watched({ detectFps: 0.5 });
    pass(2000, 0, 1);
    pass(5800);
    expect(stalls).toEqual([]);
    pass(700);
    expect(stalls).toHaveLength(1);
  });

  it('watches one pipe where there is one', () => {
    const { stalls, pass } = watched({ pipes: 1 });
    pass(20_000, 0);
    expect(stalls).toEqual([]);
    pass(3500);
    expect(stalls).toHaveLength(1);
  });

  it('tells it once', () => {
    const { stalls, pass } = watched();
    pass(60_000);
    expect(stalls).toHaveLength(1);
  });

  it('is silent once it is disposed of, and keeps no timer', () => {
    const { watchdog, stalls, pass } = watched();
    pass(1000, 0, 1);
    watchdog[Symbol.dispose]();
    pass(60_000);
    expect(stalls).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
