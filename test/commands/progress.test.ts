import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/commands/progress.ts';
import type { Clock } from '../../src/lib/clock.ts';

function house(isTTY: boolean) {
  let nowMs = 10_000;
  const clock: Clock = { nowMs: () => nowMs, atMs: () => 0, sleep: async () => undefined };
  const stream = new PassThrough();
  const stderr = Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream;
  const progress = new Progress({ stderr, clock });
  return {
    progress,
    pass: (ms: number) => (nowMs += ms),
    /** what was written since the last look, without the signs that clear the line */
    read: () => String(stream.read() ?? '').replaceAll('\r\u001B[K', '|'),
  };
}

describe('on a terminal', () => {
  it('one line says how far the film is, how fast, and how long it still takes', () => {
    const { progress, pass, read } = house(true);
    pass(2000);
    progress.show(10_000, 40_000);
    expect(read()).toBe('|analysing 25 %: 10 s of film, 5.0 × real time, 6 s left');
  });

  it('the line changes five times a second at most', () => {
    const { progress, pass, read } = house(true);
    for (let i = 1; i <= 100; i++) {
      pass(10);
      progress.show(i * 100, 10_000);
    }
    expect(read().split('|').length - 1).toBe(5);
  });

  it('a film of unknown length has no share and no end', () => {
    const { progress, pass, read } = house(true);
    pass(1000);
    progress.show(3000, undefined);
    expect(read()).toBe('|analysing: 3 s of film, 3.0 × real time');
  });

  it('a film that is longer than it said ends at 100 %', () => {
    const { progress, pass, read } = house(true);
    pass(1000);
    progress.show(3000, 2000);
    expect(read()).toBe('|analysing 100 %: 3 s of film, 3.0 × real time, 0 s left');
  });

  it('the last line stays, with its end', () => {
    const { progress, pass, read } = house(true);
    pass(4000);
    progress.finish(60_000);
    expect(read()).toBe('|analysed 60 s of film in 4.0 s\n');
  });
});

describe('elsewhere', () => {
  it('nothing is written', () => {
    const { progress, pass, read } = house(false);
    pass(4000);
    progress.show(10_000, 40_000);
    progress.finish(60_000);
    expect(read()).toBe('');
  });
});
