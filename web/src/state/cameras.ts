/** The cameras, and who is in view. */
import { computed, signal } from '@preact/signals';
import type { CameraView } from '../../../src/messages/camera.ts';
import { fetchCameras, sentenceOf } from '../api.ts';
import { troubles } from './health.ts';

/** undefined until they were fetched */
export const cameras = signal<readonly CameraView[] | undefined>(undefined);
export const inView = computed(() => (cameras.value ?? []).reduce((sum, { person }) => sum + person.count, 0));

export async function refreshCameras(): Promise<void> {
  try {
    cameras.value = await fetchCameras();
  } catch (error) {
    troubles.value = [sentenceOf(error)];
  }
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
