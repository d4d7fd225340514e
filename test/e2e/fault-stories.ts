/** What the stories about faults share: a camera that shows a short visit over and over, and what a finished clip must be. */
import { expect } from 'vitest';
import type { Alert } from '../../src/messages/alert.ts';
import { Lookout, type LookoutOptions } from './lookout.ts';
import { complaints, FPS, probe } from './media.ts';
import { Subscriber } from './mqtt.ts';

export const EVENT = { preRollMs: 1000, postRollMs: 1500 } as const;

/** Options for one camera that plays this clip over and over. */
export function looping(input: string, more: Partial<LookoutOptions> = {}): LookoutOptions {
  const config = { cameras: [{ input, loop: true, event: EVENT }] };
  return { args: ['run'], config, ...more };
}

export interface OpenEvent extends AsyncDisposable {
  readonly lookout: Lookout;
  readonly subscriber: Subscriber;
  /** the event's `live` alert */
  readonly live: Alert;
}

/** A Lookout in the middle of an event. */
export async function inMidEvent(options: LookoutOptions): Promise<OpenEvent> {
  const lookout = await Lookout.start(options);
  const subscriber = await Subscriber.open(lookout.mqttUrl);
  const close = async (): Promise<void> => {
    await subscriber[Symbol.asyncDispose]();
    await lookout[Symbol.asyncDispose]();
  };
  try {
    const live = await subscriber.alert('live');
    return { lookout, subscriber, live, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Life cycle without updates. */
export function cycleOf(subscriber: Subscriber, id: string): string[] {
  return subscriber.typesOf(id).filter((type) => type !== 'update');
}

/** Plays from the first frame to the last, is as long as was announced, and ffmpeg has nothing to complain of. */
export async function expectWholeClip(ready: Alert, input = ready.urls.playlist): Promise<void> {
  const { frames } = await probe(input);
  const frameMs = 1000 / FPS;
  expect(Math.abs(frames * frameMs - (ready.durationMs ?? 0)), 'frames against the announced duration').toBeLessThanOrEqual(
    frameMs,
  );
  expect(await complaints(input)).toBe('');
}
