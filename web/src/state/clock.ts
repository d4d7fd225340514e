/** The recorder's clock, as far as anything on the page depends on it. */
import { computed, signal } from '@preact/signals';
import { recorderNowMs } from '../api.ts';

const TICK_MS = 1000;

/** every second, for what is LIVE; every ten, for "3 min ago" */
export const nowMs = signal(recorderNowMs());
export const slowNowMs = computed(() => Math.floor(nowMs.value / 10_000) * 10_000);

export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === 'visible') nowMs.value = recorderNowMs();
  }, TICK_MS);
}
