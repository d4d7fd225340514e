/** What a viewer, or somebody else, decides about an event: kept for ever, or gone. */
import { batch } from '@preact/signals';
import { deleteEvent, putProtected, sentenceOf } from '../api.ts';
import { dropListed } from './events.ts';
import { dropShown } from './shown.ts';

/** Resolves with a sentence where the recorder refuses. */
export async function protect(id: string, isProtected: boolean): Promise<string | undefined> {
  return await attempt(async () => await putProtected(id, isProtected));
}

export async function remove(id: string): Promise<string | undefined> {
  return await attempt(async () => {
    await deleteEvent(id);
    forget(id);
    location.hash = '#/';
  });
}

/** It is gone. */
export function forget(id: string): void {
  batch(() => {
    dropListed(id);
    dropShown(id);
  });
}

async function attempt(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return sentenceOf(error);
  }
}
