import { describe, expect, it } from 'vitest';
import { type Fault, isStuck, noTries, recoveryOf } from '../../web/src/core/recovery.ts';

/** The steps taken for a fault that never ends. */
function course(fault: Fault): string[] {
  let tries = noTries;
  const steps: string[] = [];
  for (let i = 0; i < 50; i += 1) {
    const recovery = recoveryOf(fault, tries);
    steps.push(recovery.type);
    if (recovery.type === 'giveUp') return steps;
    ({ tries } = recovery);
  }
  return steps;
}

describe('isStuck', () => {
  const hungry = { idleMs: 9000, positionMs: 3000, bufferedMs: 3000, edgeMs: 9000 };

  it('is true when more is listed and nothing has come for long', () => {
    expect(isStuck(hungry)).toBe(true);
  });

  it('is false at the live edge, with something left to play, or after a short while', () => {
    expect(isStuck({ ...hungry, edgeMs: 3100 })).toBe(false);
    expect(isStuck({ ...hungry, bufferedMs: 6000 })).toBe(false);
    expect(isStuck({ ...hungry, idleMs: 2000 })).toBe(false);
  });
});

describe('recoveryOf', () => {
  it('waits longer each time the network is away, loads the playlist again, and gives up in the end', () => {
    const steps = course({ kind: 'network', status: 503, isPlaylist: true });
    expect(steps.slice(0, -1).every((type) => type === 'reload')).toBe(true);
    expect(steps.at(-1)).toBe('giveUp');
    expect(recoveryOf({ kind: 'network', isPlaylist: true }, { network: 0, media: 0 })).toMatchObject({ waitMs: 500 });
    expect(recoveryOf({ kind: 'network', isPlaylist: true }, { network: 3, media: 0 })).toMatchObject({ waitMs: 4000 });
  });

  it('goes on where it was when a segment could not be had', () => {
    expect(recoveryOf({ kind: 'network', isPlaylist: false }, noTries).type).toBe('resume');
  });

  it('does not ask again for what is gone', () => {
    for (const status of [404, 410]) expect(course({ kind: 'network', status, isPlaylist: true })).toEqual(['giveUp']);
  });

  it('resets the decoder a few times, then says that the clip cannot be decoded', () => {
    expect(course({ kind: 'media', isPlaylist: false })).toEqual(['recoverMedia', 'recoverMedia', 'recoverMedia', 'giveUp']);
  });
});
