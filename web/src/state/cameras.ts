/** The cameras, and who is in view. */
import { computed, signal } from '@preact/signals';
import type { CameraView } from '../../../src/messages/camera.ts';
import { fetchCameras, sentenceOf } from '../api.ts';
import { sightOf } from '../core/sight.ts';
import { connection } from './connection.ts';
import { troubles } from './health.ts';

/** undefined until they were fetched */
export const cameras = signal<readonly CameraView[] | undefined>(undefined);
/** What is shown is how it stands: fetched over this connection, and told of every change since. */
const isFetched = signal(false);
export const isCurrent = computed(() => connection.value === 'open' && isFetched.value);
/** undefined while nothing is known of now */
export const sight = computed(() => (isCurrent.value && cameras.value ? sightOf(cameras.value) : undefined));
/** 0 also while nobody knows */
export const inView = computed(() => sight.value?.people ?? 0);

export async function refreshCameras(): Promise<void> {
  try {
    cameras.value = await fetchCameras();
    isFetched.value = true;
  } catch (error) {
    troubles.value = [sentenceOf(error)];
  }
}

/** Changes are no longer told: what is known gets old. */
export function doubtCameras(): void {
  isFetched.value = false;
}

/** Whether it looks at what it shows now. */
export function isSeeing(name: string): boolean {
  return sight.value?.seeing.some((view) => view.name === name) ?? false;
}

/** One changed, or is new. */
export function noteCamera(camera: CameraView): void {
  const known = cameras.value ?? [];
  const isKnown = known.some(({ name }) => name === camera.name);
  cameras.value = isKnown ? known.map((other) => (other.name === camera.name ? camera : other)) : [...known, camera];
}

/** It was removed. */
export function forgetCamera(name: string): void {
  cameras.value = cameras.value?.filter((camera) => camera.name !== name);
}
