/** The fault suite's short form: its own parts, and the faults that cost most when they go wrong, once each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { missingIn } from './aftermath.ts';
import { Chance } from './chance.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { numbersIn } from './numbered-film.ts';
import { isWithinBar, rowText } from './report.ts';
import { runTrial } from './run-trial.ts';
import { makeFilm } from './world.ts';

const SHORT = ['kill -9 of Lookout', 'SIGSTOP of the decoder', 'the disk is full at once', 'power cut'];
const cannotServe = await RtspCamera.missing();

let folder: string;
let film: string;
expectNoLeftovers();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookout-chaos-test-'));
  film = await makeFilm(folder, 10);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function draw(seed: number): number[] {
  const chance = new Chance(seed);
  return [chance.between(0, 1), chance.between(0, 1), chance.between(0, 1)];
}

describe('what the trials are measured with', () => {
  it('every picture of the film says which one it is', async () => {
    const numbers = await numbersIn(film);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(numbers.length).toBeGreaterThan(1500);
  });

  it('counts what a clip lacks inside and at its end, but not what the camera did not send', () => {
    const shown = { startMs: 1000, endMs: 2000, blindMs: undefined };
    const all = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
    const without = (...gone: number[]): number[] => all.filter((number) => !gone.includes(number));
    expect(missingIn({ ...shown, numbers: all })).toEqual({ lostMs: 0, blindMs: 0 });
    expect(missingIn({ ...shown, numbers: without(7, 8) })).toEqual({ lostMs: 200, blindMs: 0 });
    expect(missingIn({ ...shown, numbers: [5, 6, 7, 8] })).toEqual({ lostMs: 500, blindMs: 0 });
    expect(missingIn({ ...shown, numbers: without(7, 8, 9, 12), blindMs: [1150, 1250] })).toEqual({ lostMs: 100, blindMs: 300 });
  });

  it('the same seed gives the same chances', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('a trial that lost too much is worse than its bar, and the row says it', () => {
    const fault = faults[0] as Fault;
    const trial = { events: 1, eventsLost: 0, lostMs: 1100, blindMs: 0, recoveryMs: 400, problems: [] };
    expect(isWithinBar({ fault, feed: 'packets', trials: [trial] })).toBe(false);
    expect(isWithinBar({ fault, feed: 'packets', trials: [{ ...trial, lostMs: 900 }] })).toBe(true);
    expect(rowText({ fault, feed: 'packets', trials: [trial] })).toBe(
      '| kill -9 of Lookout | packets | 1 | 1 | 0 | 1.1 / 1.1 | 0.0 / 0.0 | 0.4 / 0.4 | none |',
    );
  });
});

describe.skipIf(cannotServe !== undefined).concurrent('one run of a fault', () => {
  const short = SHORT.map((name) => faults.find((fault) => fault.name.startsWith(name)) as Fault);
  it.each(short)('$name: no event is lost, and no more video than it may', { timeout: 180_000 }, async (fault) => {
    const missing = await fault.missing?.();
    if (missing !== undefined) {
      console.warn(`not tried: ${fault.name} ${missing}`);
      return;
    }
    const trial = await runTrial(fault, { seed: 1, feed: 'packets', film });
    expect(trial).toMatchObject({ eventsLost: 0, problems: [] });
    expect(trial.lostMs).toBeLessThanOrEqual(fault.mayLoseMs);
  });
});
